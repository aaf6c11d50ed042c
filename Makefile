# Every command sets up what it needs by itself: python3, make and a network to package registries are enough.
# A second run takes what the first one left in .venv and .cache.

PYTHON ?= python3
BIN := .venv/bin
PREPARE := $(PYTHON) -m controller.demo.prepare
DEMO_FLAGS := $(if $(HEADLESS),--headless) $(if $(SPEED),--speed $(SPEED)) $(if $(SEED),--seed $(SEED))

# A seed with no faults shows the rules at rest, the others every fault of the world; each is a whole year and takes
# half a minute to a minute of a core. Odd seeds have a Cisco codec, even ones a Polycom, every seventeenth a computer
# in its place.
SIMULATIONS ?= 7:none $(addsuffix :all,$(shell seq 11 29))
DAYS ?= 365
SIMULATE_JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Two to four hours on two idle cores; each that broke a law names its seed.
SOAK_SEEDS ?= $(shell seq 1 500)
PURE_TESTS := tests/controller/core tests/controller/rules tests/hardware/protocols tests/hardware/classes

# One worker for each core, and two more for what waits: for real processes, which need a sixth of a core each, for
# browsers and disks. A file's tests stay together, long files first (tests/conftest.py). The tests' own folders have
# short names, because the sockets of real processes lie in them and a name of a socket has 107 letters.
PYTEST_JOBS ?= $(shell nproc)
PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder
IN_SHORT := @short=$$(mktemp -d /tmp/dcXXXX); trap 'rm -rf "$$short"' EXIT;
REST := --basetemp=$$short $(addprefix --ignore=,$(PURE_TESTS))
WAITS := services or process

# A build server may forbid Python to keep what it compiled: each of some thousand processes would compile all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test bench soak compiled lint simulate pytest pure plain real setup setup-tests lock clean

help:
	@echo 'make demo              a room on real components, in this terminal   (HEADLESS=1: one meeting day, checked)'
	@echo 'make test              all checks'
	@echo 'make bench             figures against a minimal script in the same run'
	@echo 'make soak              many simulated years, and the long tests'
	@echo 'make lint | clean'

setup:
	@$(PREPARE) python services

setup-tests:
	@$(PREPARE) python services tests

demo: setup
	@$(BIN)/diemcau demo $(DEMO_FLAGS)

# What waits (days, watchdogs, boots of real systems) leaves most of both cores idle: it runs beside all that computes,
# which is one after another and comes second where both want a core. Each part's lines come when it is over.
test: setup
	@$(MAKE) --no-print-directory -j2 --output-sync=target BESIDE='nice -n 5' real compiled lint simulate pure plain

ifdef BESIDE
lint: | compiled
simulate: | lint
pure: | simulate
plain: | pure
endif

# Once for all workers of all parts. What is wrong with a test is said where it runs.
compiled: setup
	@$(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1 || true

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BESIDE) $(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# As many years at a time as there are cores; each says what it was only when it is over, so that no two mix. All are
# run to their end, and one that broke a law, which its lines name with the seed, fails the whole.
simulate: setup
	@printf '%s\n' $(SIMULATIONS) | $(BESIDE) xargs -n 1 -P $(SIMULATE_JOBS) sh -c '\
	  run="simulate --days $(DAYS) --seed $${1%%:*} --faults $${1#*:}"; \
	  said=$$($(BIN)/diemcau $$run 2>&1); code=$$?; \
	  printf "%s\n%s\n" "$$run" "$$said"; exit $$code' simulate

# Decisions and protocols are covered branch by branch, by their own tests alone; the real processes and services
# run without the tracer, which would only make them late. Nor are long lives traced: they reach what other tests
# reach, and would take three times as long.
pytest: pure plain real

pure: setup
	$(BESIDE) $(PYTEST) -n $(PYTEST_JOBS) -m 'not soak and lives' $(PURE_TESTS) $(PYTEST_FLAGS)
	$(BESIDE) $(PYTEST) -n $(PYTEST_JOBS) -m 'not soak and not lives' --cov --cov-report= $(PURE_TESTS) $(PYTEST_FLAGS)
	$(BIN)/coverage report
	$(BIN)/coverage json -q -o .coverage.json
	$(BIN)/python tests/branch_floor.py .coverage.json 95

plain: setup-tests
	$(IN_SHORT) $(BESIDE) $(PYTEST) -n $$(($(PYTEST_JOBS) + 2)) -m 'not soak and not ($(WAITS))' $(REST) $(PYTEST_FLAGS)

real: setup-tests
	$(IN_SHORT) $(PYTEST) -n $$(($(PYTEST_JOBS) + 2)) -m 'not soak and ($(WAITS))' $(REST) $(PYTEST_FLAGS)

bench: setup-tests
	$(BIN)/python -m tests.bench $(BENCH_FLAGS)

soak: setup-tests
	@[ "$$(id -u)" != 0 ] || $(PREPARE) soak
	@$(BIN)/python -m controller.demo.hass
	$(BIN)/python -m pytest -m soak
	@$(MAKE) --no-print-directory simulate SIMULATIONS='$(addsuffix :all,$(SOAK_SEEDS))'

# Only who changes pyproject.toml needs it.
lock:
	$(BIN)/python -m uv pip compile pyproject.toml --quiet --extra demo --extra paper --extra centre --extra update --extra office --extra test --extra setup --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -o requirements.lock

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
