"""The local door: a command of the room's own, by the account that the kernel names, and the core's answer."""

from __future__ import annotations

import json
import os
import pwd
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.cli import main
from controller.core.events import Command
from controller.core.instant import Instant, Trust
from controller.core.records import Reply
from controller.runtime.local import LINE_BYTES, NAME, LocalDoor, ask
from controller.texts import text
from tests.controller.day import Day
from tests.controller.room_file import room_file
from tests.controller.room_kit import a_meeting
from tests.controller.rules.test_seats import two_seats

ME = pwd.getpwuid(os.getuid()).pw_name


class Core:
    """What stands behind the door: it hears, and answers as it was told to."""

    def __init__(self, folder: Path, reply: Reply) -> None:
        self.heard: list[Command] = []
        self._reply = reply
        self.door = LocalDoor(folder, self._hear, lambda: Instant(1_000, 0, Trust.NTP))

    def _hear(self, item: object) -> None:
        assert isinstance(item, Command)
        self.heard.append(item)
        self.door.answer(Reply("somebody else's", "accepted"))
        self.door.answer(Reply(item.id, self._reply.stage, self._reply.code, self._reply.args))


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    found = Core(tmp_path, Reply("", "refused", "unknown_seat", ("x",)))
    assert found.door.start() == ""
    yield found
    found.door.stop()


def raw(folder: Path, data: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(folder / NAME))
        door.sendall(data)
        answer: dict[str, object] = json.loads(door.recv(LINE_BYTES))
        return answer


def test_a_command_goes_in_and_its_own_answer_comes_out(core: Core, tmp_path: Path) -> None:
    reply = ask(tmp_path, "seat", {"value": "store", "seat": "x"})
    assert reply == Reply("", "refused", "unknown_seat", ("x",))
    (heard,) = core.heard
    assert (heard.by, heard.verb, heard.args, heard.here) == (ME, "seat", ("store", "x"), True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"\n", "bad_json"),
        (b"[1]\n", "bad_json"),
        (b'{"verb":"seat"}\n', "unsupported"),
        (b'{"verb":"mute","args":{"value":"open"}}\n', "unsupported"),
        (b'{"verb":"call","args":{"value":"accept"},"by":"desk"}\n', "unsupported"),
        (b'{"verb":"seat","args":{"value":"store"}}\n', "bad_args"),
        (b'"' + b"x" * LINE_BYTES, "bad_json"),
    ],
)
def test_what_is_no_command_of_the_room_is_refused_and_the_door_stays_open(
    core: Core, tmp_path: Path, line: bytes, code: str
) -> None:
    assert raw(tmp_path, line)["code"] == code
    assert core.heard == []
    assert ask(tmp_path, "seat", {"value": "confirm"}) is not None


def test_only_root_and_the_group_come_in(core: Core, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o660


def test_where_nobody_is_there_is_no_answer(tmp_path: Path) -> None:
    assert ask(tmp_path, "seat", {"value": "confirm"}) is None
    assert LocalDoor(tmp_path / "none", print, lambda: Instant(0, 0, Trust.NTP)).start() != ""


# ---- what the core says to it


def said(day: Day, *args: str) -> str:
    day.give(Command(f"here{len(day.replies)}", ME, "seat", args, day.mono_ms + 5_000, here=True))
    return day.replies[-1].code or day.replies[-1].stage


def test_outside_a_meeting_somebody_in_the_room_has_to_press_first() -> None:
    day = Day(15, two_seats()).run(20_000)
    assert said(day, "store", "seat2") == "press_first"
    day.press("check", 300)
    assert said(day, "store", "seat2") == "accepted"
    assert said(day.run(11 * 60_000), "show", "seat2") == "press_first"


def test_in_a_meeting_it_is_accepted_and_says_who() -> None:
    day = Day(6.5, two_seats()).calendar(a_meeting(8, 10)).to(7.5)
    assert said(day, "confirm") == "accepted"
    assert day.told("noted", "seats.giao-ban")[-1]["value"] == (ME,)


# ---- the command


def test_the_command_lists_and_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room, run = str(room_file(tmp_path)), tmp_path / "run"
    assert main(["seats", "--config", room, "--lang", "en"]) == 0
    assert "chair" in capsys.readouterr().out
    assert main(["seats", "set", "chair", "--config", room, "--lang", "en"]) == 69
    assert capsys.readouterr().err == text("seats.nobody", "en") + "\n"
    core = Core(run, Reply("", "accepted"))
    assert core.door.start() == ""
    assert main(["seats", "set", "chair", "--config", room, "--lang", "en"]) == 0
    assert core.heard[-1].args == ("store", "chair")
    core.door.stop()
