"""The view for whoever stands at the Pi: whole, or the one before."""

from __future__ import annotations

from pathlib import Path

from controller.runtime.window import NAME, Window, lives, look
from tests.controller.runtime.given import at


def test_what_was_shown_is_seen(tmp_path: Path) -> None:
    Window(tmp_path).show({"phase": "off"}, {"loads": {"đèn": {"proof": "proven"}}}, at(5))
    view = look(tmp_path)
    assert view is not None
    assert (view["state"], view["mono_ms"], view["trust"]) == ({"phase": "off"}, 5_000, "ntp")
    assert view["detail"] == {"loads": {"đèn": {"proof": "proven"}}}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_its_writer_lives(tmp_path: Path) -> None:
    Window(tmp_path).show({}, {}, at())
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


def test_a_folder_that_cannot_be_written_costs_the_view_only(tmp_path: Path) -> None:
    window = Window(tmp_path / "gone")
    window.show({}, {}, at())
    assert "gone" in window.fault
    (tmp_path / "gone").mkdir()
    window.show({}, {}, at())
    assert window.fault == ""
