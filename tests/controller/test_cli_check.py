"""`diemcau check` against real far ends: two ptys, a UPS daemon on loopback and a keeper process with mock pins."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from controller.cli import main
from controller.cli_check import Row, ask, complaint, note, rows_of, table, worst
from controller.config import load
from controller.config_devices import keeper_table
from controller.core.instant import Instant, Trust
from controller.core.parts import Tree
from controller.runtime.window import Window
from hardware.sim.camera import CameraChain
from hardware.sim.listen import ListenFarEnd
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.nut_vars import UpsdFaults
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd
from hardware.sim.serve import monotonic_ms
from hardware.sim.ups import SimUps
from tests.controller.pc_kit import METER, on_paper
from tests.controller.room_file import room_file
from tests.controller.rooms_on_paper import changed
from tests.hardware.keeper_process import KeeperProcess, Looker

Out = pytest.CaptureFixture[str]
ALL = ["keeper", "codec", "camera main", "ups", "host"]


class Site:
    """The devices of one room; each may be left out by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults = UpsdFaults()
        self._stack = ExitStack()

    def start(self, *without: str) -> Path:
        """The room.toml of what was started."""
        ups = SimUps(now_ms=monotonic_ms())
        users = {"diemcau": UpsdUser("diemcau")}
        upsd = ListenFarEnd(lambda: Upsd(ups, users=users, faults=self.faults), ("127.0.0.1", 0), monotonic_ms)
        upsd.start()
        self._stack.callback(upsd.stop)
        (self.folder / "secrets").mkdir()
        (self.folder / "secrets" / "ups.password").write_text("diemcau\n", encoding="utf-8")
        changes = {"port = 3493": f"port = {upsd.port}", 'name = "ups"': 'name = "room"'}
        room = room_file(self.folder, **changes)
        for name, peer in (("codec", PolycomCodec(seed=1)), ("camera", CameraChain(seed=1))):
            if name not in without:
                far_end = PtyFarEnd(peer, self.folder / name, monotonic_ms)
                far_end.start()
                self._stack.callback(far_end.stop)
        if "keeper" not in without:
            self._keeper(room)
        return room

    def _keeper(self, room: Path) -> None:
        keeper = KeeperProcess(self.folder, keeper_table(load(room)))
        keeper.state = self.folder / "keeper"
        keeper.start()
        self._stack.callback(keeper.close)
        self._looked = keeper

    def pins(self) -> dict[str, bool | None] | None:
        """The true pins now."""
        look = Looker(self._looked)
        seen = look.next()
        look.close()
        return seen

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.mark.process
def test_a_bus_is_named_by_its_port_and_a_board_answers_through_the_keeper() -> None:
    board = {"boards": {"main": {"port": "/dev/b"}}, "loads__mixer__board": "main"}
    bus = {"climate__room__sensor": None, "climate__room__modbus": {"port": "/dev/s"}}
    rows = {row.name: row for row in rows_of(changed(**board, **bus))}
    assert (rows["climate room"].place, rows["light table"].place) == ("/dev/s", "bh1750")
    row = rows["board main"]
    assert (row.place, row.source, row.fact) == ("/dev/b", "relay", "mixer")
    note([row], "relay", {"mixer": None}, 0.1)
    assert row.state == "silent"
    note([row], "relay", {"mixer": "off"}, 0.2)
    assert row.state == "answers"


def test_a_computer_its_meter_and_its_microphone_need_not_say_who_they_are() -> None:
    rows = {row.name: row for row in rows_of(on_paper(meter=METER))}
    assert [(rows[n].place, rows[n].fact) for n in ("computer", "meter", "mute")] == [
        ("192.168.10.20", "answers"),
        (METER["port"], "watts"),
        ("-", "mute"),
    ]
    told = [rows[name] for name in ("computer", "meter", "mute")]
    note(told, "codec", {"answers": False, "watts": None, "mute": "open"}, 0.1)
    assert [row.state for row in told] == ["silent", "silent", "answers"]
    note(told, "codec", {"answers": True, "watts": 1.2}, 0.2)
    assert all(row.known for row in told)
    assert "codec" not in rows


@pytest.mark.process
def test_everything_answers_says_who_it_is_and_nothing_is_switched(site: Site, capsys: Out) -> None:
    room = site.start()
    before = site.pins()
    assert main(["check", "--config", str(room), "--lang", "en", "--wait", "60"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].split() == ["device", "answer", "after", "what", "it", "says", "of", "itself"]
    assert [line.split("  ")[0] for line in told[1:-1]] == [
        "relay keeper",
        "codec",
        "camera main",
        "UPS",
        "controller",
    ]
    assert all("  answers  " in line and " s" in line for line in told[1:-1])
    assert "RealPresence Group" in told[2]
    assert "0001:" in told[3]
    assert told[-1] == "5 of 5 answer as they should."
    assert site.pins() == before


@pytest.mark.process
def test_what_is_silent_is_named_and_ends_with_69(site: Site, capsys: Out) -> None:
    room = site.start("camera", "keeper")
    (site.folder / "secrets" / "ups.password").unlink()
    assert main(["check", "--config", str(room), "--wait", "3"]) == 69
    told, log = capsys.readouterr()
    assert told.splitlines()[-1] == f"Tệp mật khẩu: Không có {site.folder}/secrets/ups.password."
    assert log == "", "what drivers say in English is said by the table"
    assert f"không thấy: {site.folder / 'camera'}" in told
    assert f"không thấy: {site.folder / 'keeper' / 'keeper.sock'}" in told


@pytest.mark.process
def test_a_wrong_name_for_the_ups_is_answered_but_wrong(site: Site) -> None:
    room = site.start("codec", "camera", "keeper")
    wrong = room.read_text(encoding="utf-8").replace('name = "room"', 'name = "cellar"')
    room.write_text(wrong, encoding="utf-8")
    cfg = load(room)
    rows = [row for row in rows_of(cfg) if row.name == "ups"]
    ask(cfg, rows, 3)
    assert worst(rows) == 1
    assert "fault: UPS or its service refuses us" in table(rows, "en")


def test_a_running_controller_keeps_its_ports_and_its_view_is_shown(tmp_path: Path, capsys: Out) -> None:
    room = room_file(tmp_path)
    detail: dict[str, dict[str, Tree]] = {
        "keeper": {"up": True},
        "codec": {"answers": True, "identity": "Group 500:1"},
        "camera": {"main.answers": {"value": True, "quality": "stale", "since_ms": 1}},
        "ups": {"link": "stale"},
        "host": {"uptime_s": 7},
    }
    now = Instant(time.monotonic_ns() // 1_000_000, 0, Trust.NTP)
    Window(tmp_path / "run", print).show({}, detail, now)
    assert main(["check", "--config", str(room), "--lang", "en"]) == 75
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("The controller runs and has the ports open, so nothing was asked")
    assert "Group 500:1" in told[3]
    assert "not there: " in told[4]
    assert "fault: UPS does not answer" in told[5]
    assert told[-1] == "3 of 5 answer as they should."


def test_the_worst_answer_counts() -> None:
    rows = [Row("a", "a", "up", True, "-", state="answers")]
    assert worst(rows) == 0
    assert worst([*rows, Row("b", "b", "up", True, "-", state="fault")]) == 1
    assert worst([*rows, Row("b", "b", "up", True, "-", state="fault"), Row("c", "c", "up", True, "-")]) == 69


def test_the_first_good_answer_counts_and_later_ones_only_add() -> None:
    row = Row("codec", "codec", "answers", True, "-", "login")
    note([row], "camera.main", {"answers": True}, 1.0)
    assert row.state == "silent"
    note([row], "codec", {"login": "refused"}, 1.5)
    assert row.state == "fault"
    assert complaint(row, "en") == "asks for a password"
    note([row], "codec", {"answers": False, "login": "ok"}, 1.7)
    assert row.state == "silent"
    note([row], "codec", {"answers": True}, 2.0)
    note([row], "codec", {"answers": False, "identity": "Group 500:1"}, 3.0)
    assert (row.state, row.after_s) == ("answers", 2.0)
    assert "2 s  " in table([row], "en")
    assert "Group 500:1" in table([row], "en")


def test_a_sensor_that_cannot_be_read_says_why() -> None:
    row = Row("climate room", "climate.room", "error", "", "sht3x")
    note([row], "climate.room", {"error": "ENODEV"}, 0.1)
    assert "fault: sensor cannot be read (ENODEV)" in table([row], "en")
    assert "no answer" not in table([row], "en")


def test_an_address_that_is_silent_is_named() -> None:
    assert "does not answer: room@10.0.0.1:3493" in table(
        [Row("ups", "ups", "link", "ok", "room@10.0.0.1:3493")], "en"
    )


def test_every_device_of_the_room_has_a_row(tmp_path: Path) -> None:
    cfg = load(room_file(tmp_path))
    assert [row.name for row in rows_of(cfg)] == ALL


def test_waiting_ends_when_nothing_more_comes(tmp_path: Path) -> None:
    cfg = load(room_file(tmp_path))
    rows = [Row("nobody", "nobody", "answers", True, "-")]
    ask(cfg, rows, 0.05)
    assert rows[0].state == "silent"
