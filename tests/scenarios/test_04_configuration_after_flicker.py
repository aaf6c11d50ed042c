"""4. Power flicker resets the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.events import Calendar, Rejected
from controller.runtime.schedule import Files, Schedule, Terms
from controller.simulation.world import World
from tests.controller.runtime.given import at, until
from tests.process.house import calendar
from tests.scenarios.kit import Scene

START_DAYS = 1


@dataclass
class Book:
    """A calendar's thread over a folder, and what it told."""

    kept: Path

    def __post_init__(self) -> None:
        self.told: list[Calendar | Rejected] = []
        self.said: list[str] = []
        self.book = Schedule(
            Files(self.kept), Terms("phong-1"), self.told.append, lambda code, _args: self.said.append(code)
        )

    def load(self) -> list[str]:
        """Uids of what a controller that starts now finds on disk."""
        self.book.load(at())
        self.book.look(at())
        done: list[bool] = []
        self.book._post(lambda: done.append(True))
        until(lambda: bool(done))
        return [m.uid for event in self.told if isinstance(event, Calendar) for m in event.window]


def text() -> str:
    from datetime import UTC, datetime, timedelta

    return calendar(datetime.fromtimestamp(at().wall_ms / 1000, UTC) + timedelta(hours=20))


def kept(folder: Path) -> Path:
    path = folder / "calendar.ics"
    book = Book(path)
    book.book.take(text(), "7", at())
    until(path.exists)
    return path


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_calendar_that_was_being_written_is_the_old_one_or_the_new_one(tmp_path: Path, share: float) -> None:
    """The power goes in the middle of writing: what is half written is another file, beside the one that counts."""
    path = kept(tmp_path)
    whole = path.read_text(encoding="utf-8")
    for beside in (path.with_suffix(".new"), path.with_suffix(".tmp"), Path(f"{path}.new"), Path(f"{path}.tmp")):
        beside.write_text(whole[: int(len(whole) * share)], encoding="utf-8")
    assert "giao-ban" in Book(path).load()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_written_in_place_it_would_be_lost(tmp_path: Path, share: float) -> None:
    path = kept(tmp_path)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: int(len(whole) * share)], encoding="utf-8")
    assert "giao-ban" not in Book(path).load()


def flickers(world: type[World] = World) -> Scene:
    """A person wants the room; then the Pi starts anew four times within two minutes."""
    scene = Scene(world=world).to(8).press().wait(300)
    assert scene.ready
    for seconds in (40, 27, 31, 26):
        scene.world.new_boot()
        scene.wait(seconds)
    return scene.wait(400)


def test_what_a_person_wanted_outlives_the_flicker() -> None:
    scene = flickers()
    assert scene.ready
    assert len(scene.told("started")) >= 2


def test_without_memory_the_wish_is_gone() -> None:
    class Forgetful(World):
        def crash(self, again_ms: int) -> None:
            super().crash(again_ms)
            self.memory = None

    assert not flickers(Forgetful).ready
