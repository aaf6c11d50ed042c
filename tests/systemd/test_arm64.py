"""The bundle for a Pi, on a Pi's machine: every library that was chosen for it loads, the selector starts it, it
lives, and the unit tests of decisions, protocols and updates pass on it.

qemu is some fifteen times slower than this machine. For that alone: properties are tried on ten examples, and
left out are the power cuts of the update (a cut before each of its hundreds of steps), the two files that play
whole days drawn at random on the core, and the building of a bundle, which is the office's work and needs its uv.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.demo import trees
from controller.demo.binaries import ROOT
from controller.update.build import Kind, build
from controller.update.disk import Disk
from controller.update.unpack import unpack
from tests.systemd.arm64 import MACHINE, TESTING, Arm64, abi, libraries, tree, why_not
from tests.systemd.room import ROOM

pytestmark = [pytest.mark.soak, pytest.mark.services, pytest.mark.timeout(4 * 3600)]

BUILT_S, VERSION = 1_790_000_000, "0.2.0"
RELEASE = f"/opt/diemcau/releases/{VERSION}"
PYTHON = ("/usr/bin/python3", "-s", "-P")
SELECTOR = ("/usr/bin/python3", "-I", "/opt/diemcau/selector.py")
SELF_TEST = (*PYTHON, "-m", "controller.update.self_test", "/etc/diemcau/room.toml")
SHORT_S, LONG_S = 300, 5400
"""Of processor time: a machine that others use as well is slow, and nothing is wrong with it."""
FEW = ("--hypothesis-profile=few", "--timeout=1800")
ELF_MACHINE, AARCH64 = slice(18, 20), (183).to_bytes(2, "little")
LOADS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(len(sys.argv) - 1)
"""
SUITES = {
    "core": (
        "/srv/tests/controller/core",
        "--ignore=/srv/tests/controller/core/test_decide_laws.py",
        "--ignore=/srv/tests/controller/core/test_fast_path.py",
    ),
    "protocols": ("/srv/tests/hardware/protocols",),
    "update": (
        "/srv/tests/controller/update",
        "--ignore=/srv/tests/controller/update/test_power_cut.py",
        "--deselect=tests/controller/update/test_settings.py::test_a_cut_before_every_step",
        "--deselect=tests/controller/update/test_packs.py::test_a_cut_before_every_step",
        "--deselect=tests/controller/update/test_release.py::test_a_bundle_is_built_from_this_checkout",
    ),
}


@pytest.fixture(scope="module", params=trees.SUITES)
def pi(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arm64]:
    """With the release and its selector as the installer leaves them, and the tests beside them."""
    if why := why_not():
        pytest.skip(why)
    suite, folder = str(request.param), tmp_path_factory.mktemp("arm64")
    root = folder / "pi"
    subprocess.run(["cp", "-a", "--reflink=auto", str(tree(suite)), str(root)], check=True)
    _install(folder, root)
    shutil.copytree(ROOT / "tests", root / "srv" / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root / "srv")
    libraries(suite, ROOT / "requirements.lock", TESTING, root / "srv" / "testing")
    yield Arm64(suite, root)
    shutil.rmtree(root)


def _install(folder: Path, root: Path) -> None:
    opt = root / "opt" / "diemcau"
    (opt / "releases").mkdir(parents=True)
    made = build(ROOT, folder, BUILT_S, Kind(machines=(MACHINE,)), VERSION)
    unpack(made.path, opt / "releases" / VERSION, Disk(), int(str(made.custom["unpacked_b"])))
    (opt / "releases" / VERSION / ".complete").touch()
    (opt / "current").symlink_to(f"releases/{VERSION}")
    shutil.copy(ROOT / "controller" / "update" / "selector.py", opt)
    room = root / "etc" / "diemcau" / "room.toml"
    room.parent.mkdir(parents=True)
    room.write_text(ROOM, encoding="utf-8")


def path(pi: Arm64, program: str) -> str:
    """PYTHONPATH as the selector in the tree makes it."""
    ask = f"import selector, pathlib; print(':'.join(selector.paths(pathlib.Path('{RELEASE}'), '{program}')))"
    return pi.tell(SHORT_S, *PYTHON, "-c", ask, PYTHONPATH="/opt/diemcau").strip()


def test_what_never_ends_is_ended(pi: Arm64) -> None:
    """A bound that does not hold would keep the others from ever failing."""
    done = pi.start(5, *PYTHON, "-c", "print('begun', flush=True)\nwhile True: pass")
    assert done.returncode != 0
    assert done.stdout.startswith("begun\n")


def test_without_the_machines_own_libraries_it_does_not_live(pi: Arm64) -> None:
    done = pi.start(SHORT_S, *SELF_TEST, PYTHONPATH=f"{RELEASE}/site/common")
    assert done.returncode != 0
    assert "pydantic_core" in done.stdout


def test_a_room_that_it_does_not_understand_is_said(pi: Arm64) -> None:
    odd = "/etc/diemcau/odd.toml"
    (pi.root / odd.lstrip("/")).write_text(f"{ROOM}\n[nonsense]\n", encoding="utf-8")
    done = pi.start(SHORT_S, *SELF_TEST[:-1], odd, PYTHONPATH=path(pi, "controller"))
    assert (done.returncode, "nonsense" in done.stdout) == (78, True), done.stdout


def test_it_lives(pi: Arm64) -> None:
    assert pi.tell(SHORT_S, *SELF_TEST, PYTHONPATH=path(pi, "controller")) == ""


def test_every_compiled_library_is_that_machines_and_loads(pi: Arm64) -> None:
    names: list[str] = []
    site = pi.root / RELEASE.lstrip("/") / "site"
    for folder in (site / abi(pi.suite), site / "update" / abi(pi.suite)):
        for file in sorted(folder.rglob("*.so")):
            assert file.read_bytes()[ELF_MACHINE] == AARCH64, file
            names.append(".".join([*file.relative_to(folder).parent.parts, file.name.split(".", 1)[0]]))
    assert {"psutil._psutil_linux", "pydantic_core._pydantic_core", "_cffi_backend"} <= {*names}
    # For Python 3.13 it has no wheel: Raspberry Pi OS brings it, Debian does not.
    assert ("_lgpio" in names) is (pi.suite == "bookworm")
    assert pi.tell(SHORT_S, *PYTHON, "-c", LOADS, *names, PYTHONPATH=path(pi, "update")) == f"{len(names)}\n"


@pytest.mark.parametrize(("program", "told"), [("controller", "diemcau"), ("update", "diemcau-update")])
def test_the_selector_starts_it(pi: Arm64, program: str, told: str) -> None:
    assert f"{told} [-h]" in pi.tell(SHORT_S, *SELECTOR, program, "--", "--help")


@pytest.mark.parametrize("suite", SUITES)
def test_the_unit_tests_pass_on_it(pi: Arm64, suite: str) -> None:
    """The release's own code and libraries are tested: of the checkout nothing but the tests lies there."""
    words = (*PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/srv/pyproject.toml", *FEW)
    where = f"{path(pi, 'update')}:/srv/testing:/srv"
    said = pi.tell(LONG_S, *words, *SUITES[suite], PYTHONPATH=where)
    print(said.splitlines()[-1])
    assert " passed" in said.splitlines()[-1]
