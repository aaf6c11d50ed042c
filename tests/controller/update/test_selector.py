"""The one step between systemd and a release: what it chooses, and that it really becomes the program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.update import selector
from controller.update.selector import OPT, TRIAL, TRIES, Trial, Tries, choose, pick
from tests.controller.update.kit import add_release

TRIAL_1 = Trial("t1", "0.2.0", "0.1.0", 900)
BOTH = ["0.2.0", "0.1.0"]


def test_without_a_trial_what_is_current_runs() -> None:
    assert choose("0.2.0", BOTH, None, Tries("old", 3), "b", 0) == selector.Choice("0.2.0", Tries())


def test_a_trial_runs_three_times_and_then_the_old_one() -> None:
    tries, ran = Tries(), []
    for _ in range(5):
        chosen = choose("0.2.0", BOTH, TRIAL_1, tries, "b", 100)
        tries = chosen.tries
        ran.append(chosen.release)
    assert ran == ["0.2.0"] * 3 + ["0.1.0"] * 2
    assert tries.given_up == "starts"


def test_the_deadline_counts_in_this_boot_only() -> None:
    first = choose("0.2.0", BOTH, TRIAL_1, Tries(), "b1", 1000).tries
    assert choose("0.2.0", BOTH, TRIAL_1, first, "b1", 1900).release == "0.2.0"
    late = choose("0.2.0", BOTH, TRIAL_1, first, "b1", 1901)
    assert (late.release, late.tries.given_up) == ("0.1.0", "deadline")
    assert choose("0.2.0", BOTH, TRIAL_1, first, "b2", 50).release == "0.2.0", "the Pi was off in between"


def test_another_trial_begins_at_nought() -> None:
    over = Tries("t0", 3, "b", 0, "starts")
    assert choose("0.2.0", BOTH, TRIAL_1, over, "b", 5).tries == Tries("t1", 1, "b", 5)


def test_a_broken_release_on_trial_is_never_started() -> None:
    chosen = choose("0.2.0", ["0.1.0"], TRIAL_1, Tries(), "b", 5)
    assert (chosen.release, chosen.tries.given_up) == ("0.1.0", "broken")


NAMES = st.sampled_from(["0.1.0", "0.2.0", "0.3.0", ""])
TRIES_ = st.builds(
    Tries,
    st.sampled_from(["", "t1", "t2"]),
    st.integers(0, 5),
    st.sampled_from(["", "b", "c"]),
    st.floats(0, 2000),
    st.sampled_from(["", "starts", "deadline", "broken"]),
)


@given(
    NAMES,
    st.lists(NAMES.filter(bool), unique=True),
    st.none() | st.builds(Trial, st.sampled_from(["t1", "t2"]), NAMES, NAMES, st.integers(0, 1000)),
    TRIES_,
    st.floats(0, 3000),
)
def test_what_is_whole_is_chosen_whenever_there_is_any(
    current: str, whole: list[str], trial: Trial | None, tries: Tries, now_s: float
) -> None:
    chosen = choose(current, whole, trial, tries, "b", now_s)
    if current in whole or (trial is not None and trial.release == current and trial.back in whole):
        assert chosen.release in whole
    if trial is None and whole:
        assert chosen.release in whole
    assert chosen.tries.starts <= max(tries.starts + 1, 1)


@given(st.binary(max_size=60))
def test_torn_files_are_no_trial_and_no_count(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(data)
        assert selector.read_trial(path) is None
        assert selector.read_tries(path) == Tries()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in (f"{OPT}/releases", Path(TRIAL).parent, Path(TRIES).parent):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for version in ("0.1.0", "0.2.0"):
        add_release(tmp_path, version)
        package = tmp_path / OPT / "releases" / version / "site/common/controller"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(f"import os, sys; print({version!r}, os.getpid(), sys.argv[1:])")
    (tmp_path / OPT / "current").symlink_to("releases/0.1.0")
    return tmp_path


def test_it_becomes_the_program_in_the_same_process(root: Path) -> None:
    words = [
        sys.executable,
        "-I",
        selector.__file__,
        "--root",
        str(root),
        "controller",
        "--",
        "run",
        "--config",
        "x",
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate(timeout=30)
    assert said.split(maxsplit=2) == ["0.1.0", str(process.pid), "['run', '--config', 'x']\n"]


def test_it_loads_next_to_nothing_before_the_keeper(root: Path) -> None:
    """It stands before the relays, and each of these would take longer than it does."""
    package = root / OPT / "releases" / "0.1.0" / "site/common/hardware"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "keeper.py").write_text("print('the keeper')")
    words = [sys.executable, "-I", "-S", "-X", "importtime", selector.__file__, "--root", str(root), "keeper", "--"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    loaded = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
    assert done.stdout == "the keeper\n"
    assert "types" in loaded
    assert not loaded & {"collections", "contextlib", "dataclasses", "json", "pathlib", "platform", "re", "typing"}


def test_a_trial_is_counted_on_the_card_before_it_starts(root: Path) -> None:
    (root / OPT / "current").unlink()
    (root / OPT / "current").symlink_to("releases/0.2.0")
    (root / TRIAL).write_text(json.dumps({"id": "t", "release": "0.2.0", "back": "0.1.0", "deadline_s": 900}))
    assert pick(root, "controller", 5) == "0.2.0"
    assert json.loads((root / TRIES).read_text())["starts"] == 1
    assert pick(root, "keeper", 5) == "0.2.0", "the keeper is not tried"


def test_what_cannot_be_counted_is_not_tried(root: Path) -> None:
    (root / OPT / "current").unlink()
    (root / OPT / "current").symlink_to("releases/0.2.0")
    (root / TRIAL).write_text(json.dumps({"id": "t", "release": "0.2.0", "back": "0.1.0", "deadline_s": 900}))
    (root / TRIES).with_suffix(".new").mkdir()
    assert pick(root, "controller", 5) == "0.1.0"


def test_nothing_to_run_is_said(root: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    words = [sys.executable, "-I", selector.__file__, "--root", str(empty), "controller"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "no release" in done.stderr) == (78, True)
    words = [sys.executable, "-I", selector.__file__, "cat"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 64


def test_the_updaters_libraries_are_on_its_path_only(root: Path) -> None:
    release = root / OPT / "releases" / "0.1.0"
    assert not any("site/update" in one for one in selector.paths(release, "controller"))
    assert sum("site/update" in one for one in selector.paths(release, "update")) == 2


def test_short_lives_wait_longer_and_longer_and_a_long_one_ends_that() -> None:
    starts: list[float] = []
    waited, now_s = [], 100.0
    for _ in range(30):
        wait_s = selector.pause_s(starts, now_s)
        waited.append(wait_s)
        starts.append(now_s)
        now_s += wait_s + 6
    assert waited == [0.0] * 20 + [1.0, 2.0, 4.0, 8.0, 16.0] + [30.0] * 5
    assert selector.pause_s(starts, now_s + 60) == 0.0
    assert selector.pause_s([500.0] * 40, 5.0) == 0.0, "times of another boot are none"


@pytest.mark.parametrize("text", ["", "[", "{}", '["x"]', "[null]", "3"])
def test_what_is_no_list_of_starts_holds_nobody_back(root: Path, text: str) -> None:
    (root / "run/diemcau").mkdir(parents=True)
    (root / selector.STARTED).write_text(text)
    selector.hold_back(root, 7.0)
    assert json.loads((root / selector.STARTED).read_text())[-1] == 7.0
    selector.hold_back(root / "none", 7.0)  # nowhere to count: it starts all the same
