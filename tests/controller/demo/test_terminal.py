"""The demo with a person: when the next meeting is announced and when the centre dials. The clock and the
stage are the test's own."""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from controller import config
from controller.config_model import RoomConfig
from controller.demo import headless, paper
from controller.demo.board import Board
from controller.demo.stage import Wish
from controller.demo.story import Seen, Story
from controller.demo.terminal import LENGTH_S, QUIET_S, Terminal

WALL_MS = 1_784_000_000_250


@dataclass
class Centre:
    said: list[tuple[str, str]] = field(default_factory=list)

    def publish_calendar(self, ics: str, version: str, /) -> None:
        self.said.append((version, ics))


@dataclass
class Platform:
    """A stage with nothing on it but the centre."""

    centre: Centre | None
    wish: Wish = field(default_factory=Wish)
    board: Board | None = None


@dataclass
class Hands:
    done: list[str] = field(default_factory=list)
    trouble: str = ""

    def do(self, name: str) -> None:
        self.done.append(name)


class Evening:
    """A terminal that nobody looks at; `at` moves its clock."""

    def __init__(self, cfg: RoomConfig, centre: bool = True) -> None:
        self.cfg, self.now_ms = cfg, WALL_MS
        self.stage, self.hands, self.story = Platform(Centre() if centre else None), Hands(), Story()
        inbox: queue.SimpleQueue[Seen] = queue.SimpleQueue()
        self.terminal = Terminal(self.stage, self.hands, self.story, inbox, lambda: self.now_ms)
        # Calendars know whole seconds only.
        self.start_ms = (WALL_MS + round((headless.lead_s(cfg) + QUIET_S) * 1000)) // 1000 * 1000
        self.end_ms = self.start_ms + round(LENGTH_S * 1000)

    def at(self, wall_ms: int, phase: str = "") -> Evening:
        self.now_ms = wall_ms
        if phase:
            self.story.add(Seen(wall_ms, "state", "", {"phase": phase}))
        self.terminal.go_on(self.cfg)
        return self

    @property
    def told(self) -> list[str]:
        """Versions of the calendars that were published."""
        return [version for version, _ in self.stage.centre.said] if self.stage.centre else []


@pytest.fixture
def cfg(tmp_path: Path) -> RoomConfig:
    (tmp_path / "room.toml").write_text(paper.room_toml(paper.Places(tmp_path), "en"), encoding="utf-8")
    (tmp_path / "pack.toml").write_text(paper.pack_toml(60, "remind"), encoding="utf-8")
    return config.load(tmp_path / "room.toml")


def test_the_first_meeting_is_announced_at_once_and_once(cfg: RoomConfig) -> None:
    evening = Evening(cfg).at(WALL_MS).at(WALL_MS + 100, "off")
    assert evening.told == ["demo-1"]
    assert evening.stage.centre is not None
    assert "UID:demo-1" in evening.stage.centre.said[0][1]


def test_the_next_is_announced_when_the_last_is_over_and_the_room_is_dark(cfg: RoomConfig) -> None:
    evening = Evening(cfg).at(WALL_MS)
    assert evening.at(evening.end_ms - 1, "off").told == ["demo-1"], "a dark room before its end is a fault"
    for phase in ("in_call", "ready", "closing", "powering", "unknown", "bypass"):
        assert evening.at(evening.end_ms + 60_000, phase).told == ["demo-1"], phase
    assert evening.at(evening.end_ms + 61_000, "off").told == ["demo-1", "demo-2"]
    assert evening.at(evening.end_ms + 62_000, "off").told == ["demo-1", "demo-2"]
    assert evening.stage.centre is not None
    assert all(f"UID:demo-{n}" in evening.stage.centre.said[-1][1] for n in (1, 2)), "what was held stays known"


def test_without_word_from_the_room_no_second_meeting_is_announced(cfg: RoomConfig) -> None:
    evening = Evening(cfg).at(WALL_MS)
    assert evening.at(evening.end_ms + 3_600_000).told == ["demo-1"]


def test_nothing_is_announced_before_the_centre_is_there(cfg: RoomConfig) -> None:
    evening = Evening(cfg, centre=False).at(WALL_MS)
    evening.stage.centre = Centre()
    assert evening.at(WALL_MS + 100).told == ["demo-1"]


def test_the_machine_dials_at_the_start_and_hangs_up_at_the_end_once_each(cfg: RoomConfig) -> None:
    evening = Evening(cfg).at(WALL_MS)
    assert evening.at(evening.start_ms - 1).hands.done == []
    assert evening.at(evening.start_ms).at(evening.start_ms + 100).hands.done == ["mcu_calls"]
    assert evening.at(evening.end_ms - 1).hands.done == ["mcu_calls"]
    assert evening.at(evening.end_ms).at(evening.end_ms + 100).hands.done == ["mcu_calls", "mcu_hangs_up"]
