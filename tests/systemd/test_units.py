"""The units as systemd itself reads them, and the promises that a careless edit would break."""

from __future__ import annotations

import configparser
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from controller.dashboard.settings import load
from controller.demo import binaries
from tests.bench.room import Place

UNITS = Path(__file__).resolve().parents[2] / "systemd"
KEEPER, CONTROLLER, CENTRE = "diemcau-relays.service", "diemcau.service", "diemcau-centre.service"
UPDATE, PATH, TIMER = "diemcau-update.service", "diemcau-update.path", "diemcau-update.timer"
RESTART, RESTART_PATH = "diemcau-restart.service", "diemcau-restart.path"
ALL = (KEEPER, CONTROLLER, CENTRE, UPDATE, PATH, TIMER, RESTART, RESTART_PATH)
EXPOSED_MAX = 1.5
ANALYZE = binaries.find("systemd-analyze")
SYSUSERS = binaries.find("systemd-sysusers")


class Words(configparser.RawConfigParser):
    """A unit file may repeat a key (the last is kept here) and its keys have capitals."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(name: str) -> Words:
    words = Words(strict=False, interpolation=None)
    words.read(UNITS / name, encoding="utf-8")
    return words


@pytest.mark.services
@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine; `make setup-tests` gets it")
def test_systemd_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    """Programs stand where the install script puts them, so copies name programs of this machine."""
    for name in ALL:
        text = (UNITS / name).read_text(encoding="utf-8")
        text = text.replace("/usr/bin/python3", sys.executable)
        text = text.replace("/opt/diemcau-centre/venv/bin/diemcau", sys.executable)
        (tmp_path / name).write_text(text, encoding="utf-8")
    unpacked = binaries.CACHE / "services" / "root"
    folders = [
        str(tmp_path),
        *(str(unpacked / part) for part in ("lib/systemd/system", "usr/lib/systemd/system")),
        "",
    ]
    words = [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no"]
    done = subprocess.run(
        [*words, *(str(tmp_path / name) for name in ALL)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": ":".join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", [KEEPER, CONTROLLER, CENTRE])
def test_an_unattended_unit_always_comes_back_and_is_watched(name: str) -> None:
    words = unit(name)
    assert words["Service"]["Type"] == "notify"
    assert words["Service"]["Restart"] == "always"
    assert "75" not in words["Service"].get("RestartPreventExitStatus", ""), "the room may be ours later"
    assert words["Unit"]["StartLimitIntervalSec"] == "0"
    assert int(words["Service"]["WatchdogSec"]) > 0


@pytest.mark.services
@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine; `make setup-tests` gets it")
@pytest.mark.parametrize("name", [KEEPER, CONTROLLER, CENTRE, UPDATE, RESTART])
def test_little_is_exposed(name: str) -> None:
    words = [str(ANALYZE), "security", "--offline=yes", "--no-pager", str(UNITS / name)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1]
    assert float(said.partition(": ")[2].split()[0]) <= EXPOSED_MAX, said


@pytest.mark.parametrize("name", ALL)
def test_no_unit_waits_for_the_network_or_for_the_right_time(name: str) -> None:
    """Relays and buttons work in the first seconds after mains returns, line or no line."""
    told = " ".join(unit(name)["Unit"].values())
    assert not {"network-online.target", "network.target", "time-sync.target"} & set(told.split())


def test_a_request_that_fails_at_once_does_not_start_the_updater_without_end() -> None:
    words = unit(UPDATE)
    request = unit(PATH)["Path"]["PathExists"]
    assert words["Service"]["ExecStopPost"].split()[-1] == request
    assert int(words["Unit"]["StartLimitBurst"]) < 100


def test_the_controllers_life_does_not_touch_the_keepers() -> None:
    binding = {"Requires", "Requisite", "BindsTo", "PartOf", "Conflicts", "PropagatesStopTo", "StopPropagatedFrom"}
    for name in (KEEPER, CONTROLLER):
        assert not binding & set(unit(name)["Unit"])
    assert "diemcau.service" not in " ".join(unit(KEEPER)["Unit"].values())


def test_the_centres_unit_has_no_device_and_its_settings_load() -> None:
    service = unit(CENTRE)["Service"]
    assert (service["PrivateDevices"], service["RestartPreventExitStatus"]) == ("yes", "78")
    settings = load(UNITS / "centre.example.toml")
    assert settings.database.startswith(f"sqlite+aiosqlite:////var/lib/{service['StateDirectory']}/")


def test_the_keeper_finds_its_levels_again_in_the_same_boot() -> None:
    assert unit(KEEPER)["Service"]["RuntimeDirectoryPreserve"] == "yes"


def test_what_a_power_cut_has_left_of_its_bytecode_costs_one_start(tmp_path: Path) -> None:
    """Python writes it without fsync and believes a torn file with a whole head: every start would end with it."""
    (tmp_path / "room.py").write_text("WELL = 1\n", encoding="utf-8")
    told = unit(CONTROLLER)["Service"]["ExecStopPost"].lstrip("-")
    cache = told.rsplit(" ", 1)[-1].rstrip("'")
    heal = told.replace(cache, str(tmp_path / "bytecode")).replace("$$", "$")
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode")}

    def start() -> int:
        words = [sys.executable, "-c", "import room"]
        return subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, check=False).returncode

    def after(status: str) -> None:
        subprocess.run(shlex.split(heal), env={**env, "EXIT_STATUS": status}, check=True)

    assert start() == 0
    (torn,) = (tmp_path / "bytecode").rglob("room.*.pyc")
    torn.write_bytes(torn.read_bytes()[:16] + bytes(100))
    assert start() == 1
    after("0")
    after("78")  # a wrong room.toml is no reason to compile everything
    assert start() == 1
    after("1")
    assert start() == 0


def test_the_controllers_interpreter_keeps_what_it_compiles_where_it_may_write() -> None:
    """Without docstrings nothing is compiled at installation; a cache that cannot be written would have every start
    compile everything. What the benchmark gives its controller is what the unit gives."""
    text = (UNITS / CONTROLLER).read_text(encoding="utf-8")
    given = dict(line[12:].split("=", 1) for line in text.splitlines() if line.startswith("Environment="))
    assert given.pop("PYTHONPYCACHEPREFIX").startswith(
        f"/var/cache/{unit(CONTROLLER)['Service']['CacheDirectory']}/"
    )
    place = Place(Path("/x"), 0, 0, None)  # type: ignore[arg-type]
    assert given == {name: value for name, value in place.env.items() if name != "CACHE_DIRECTORY"}


@pytest.mark.services
@pytest.mark.skipif(SYSUSERS is None, reason="systemd is not on this machine; `make setup-tests` gets it")
def test_users_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for file in ("diemcau.conf", "centre.conf"):
        words = [str(SYSUSERS), f"--root={tmp_path}", str(UNITS / "sysusers.d" / file)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    groups = dict(line.split(":", 1) for line in (tmp_path / "etc/group").read_text(encoding="utf-8").splitlines())
    assert groups["dialout"].endswith("diemcau")
    assert {"diemcau", "diemcau-relays", "diemcau-centre"} <= {
        line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text(encoding="utf-8").splitlines()
    }
