"""The view for whoever stands at the Pi: whole, or the one before."""

from __future__ import annotations

from pathlib import Path

from controller.runtime.window import NAME, Window, lives, look
from controller.texts import text
from tests.controller.runtime.given import at


class Log(list[str]):
    """The service's log: sentences in English."""

    def note(self, code: str, args: tuple[object, ...]) -> None:
        self.append(text(code, "en", args))


def window(folder: Path) -> Window:
    return Window(folder, Log().note)


def test_what_was_shown_is_seen(tmp_path: Path) -> None:
    window(tmp_path).show({"phase": "off"}, {"loads": {"đèn": {"proof": "proven"}}}, at(5))
    view = look(tmp_path)
    assert view is not None
    assert (view["state"], view["mono_ms"], view["trust"]) == ({"phase": "off"}, 5_000, "ntp")
    assert view["detail"] == {"loads": {"đèn": {"proof": "proven"}}}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_half_a_character_of_a_device_ends_nothing(tmp_path: Path) -> None:
    """A name that a codec has cut in the middle of an emoji comes as JSON's escape, and has no UTF-8."""
    window(tmp_path).show({"call": "Phòng họp \ud83d"}, {}, at())
    view = look(tmp_path)
    assert view is not None
    assert view["state"] == {"call": "Phòng họp ?"}


def test_its_writer_lives(tmp_path: Path) -> None:
    window(tmp_path).show({}, {}, at())
    view = look(tmp_path)
    assert view is not None
    assert lives(view)
    assert not lives({**view, "began": "1"}), "the number was used again"
    assert not lives({**view, "pid": 1 << 30})
    assert not lives({})


def test_nobody_wrote_or_it_makes_no_sense(tmp_path: Path) -> None:
    assert look(tmp_path) is None
    for content in (b"", b"[]", b"\xff", b'{"half":'):
        (tmp_path / NAME).write_bytes(content)
        assert look(tmp_path) is None


def test_a_folder_that_cannot_be_written_costs_the_view_only_and_is_said_once(tmp_path: Path) -> None:
    log, folder = Log(), tmp_path / "gone"
    shown = Window(folder, log.note)
    for _ in range(3):
        shown.show({"phase": "off"}, {}, at())
        shown.again()
    why = "No such file or directory"
    absent = f"What diemcau status and why show cannot be written: {why}. The room is ruled all the same"
    assert log == [absent]
    folder.mkdir()
    shown.again()
    shown.again()
    assert (look(folder) or {})["state"] == {"phase": "off"}, "a quiet room would say nothing for hours"
    assert log == [absent, "diemcau status shows the room again"]


def test_a_view_that_cannot_be_followed_is_taken_away(tmp_path: Path) -> None:
    shown = window(tmp_path)
    shown.show({"phase": "off"}, {}, at())
    blocked = (tmp_path / NAME).with_suffix(".new")
    blocked.mkdir()
    shown.show({"phase": "ready"}, {}, at())
    assert look(tmp_path) is None, "its writer lives: it would be believed"
    blocked.rmdir()
    shown.again()
    assert (look(tmp_path) or {})["state"] == {"phase": "ready"}
    (tmp_path / NAME).unlink()
    shown.again()
    assert look(tmp_path) is None, "what was written is not written again"
