"""One whole meeting day without a person: acts, watches, prints each step as it is seen. Exit code 0 only when all
were seen.

The steps stand in steps.py; here is only the loop that drives them, bounded by the steps' own deadlines.
"""

from __future__ import annotations

import queue
import sys
import time

from controller.config_compile import compile_room
from controller.config_model import RoomConfig
from controller.core.tables import tables
from controller.demo import paper, words
from controller.demo.acts import Acts
from controller.demo.checker import Checker
from controller.demo.stage import Stage, Wish, now_ms
from controller.demo.steps import Day, Scene, Step, dark, steps
from controller.demo.story import Seen, Story
from controller.texts import text

QUIET_S = 3.0
"""The room is seen dark before the meeting's lead begins; reading a calendar takes a tenth of a second."""
DARK_S = 60.0
"""So long the room may take to start and to reach the centre, on the slowest machine."""
MEETING_S = 35.0
"""What happens in the meeting takes some 25 s at the devices' own pace."""
RECORDS_TOLD = 12
NAP_S = 0.25


def lead_s(cfg: RoomConfig) -> float:
    """From the first order to the meeting's start, by the room's own figures (R1)."""
    room = compile_room(cfg)
    up = room.power_up
    return (up.ready_before_ms + tables(room).lead_ms + up.margin_ms + up.stagger_ms) / 1000


def plan(cfg: RoomConfig, mode: str, at_ms: int, wall_ms: int) -> Day:
    """The day whose calendar is published at `at_ms`, Unix time `wall_ms`. A calendar knows whole seconds only."""
    up = compile_room(cfg).power_up
    lead_ms = round((lead_s(cfg) + QUIET_S) * 1000)
    start_ms = at_ms + lead_ms + -(wall_ms + lead_ms) % 1000
    end_ms = start_ms + round(MEETING_S * 1000)
    grace_ms = round(cfg.rules.idle.end_grace_min * 60_000)
    return Day("demo-1", at_ms, start_ms - up.ready_before_ms, start_ms, end_ms, grace_ms, mode)


class Headless:
    """Plays the day on a stage that has been started."""

    def __init__(self, stage: Stage, acts: Acts, story: Story, inbox: queue.SimpleQueue[Seen]) -> None:
        self._stage, self._acts, self._story, self._inbox = stage, acts, story, inbox
        self._wish: Wish = stage.wish

    def play(self, cfg: RoomConfig) -> int:
        """0 = every step was seen, 1 = one was missed."""
        self._until_dark(cfg)
        begun_ms, wall_ms = now_ms(), time.time_ns() // 1_000_000
        day = plan(cfg, self._wish.r9, begun_ms, wall_ms)
        checker = Checker(self._story, day, steps(self._wish.r9))
        self._publish(wall_ms + day.start_ms - begun_ms)
        told = 0
        while not checker.over:
            self._listen()
            for act in checker.turn(now_ms()):
                self._acts.do(act)
            for step, at_ms in checker.done[told:]:
                self._say(step, at_ms - begun_ms)
            told = len(checker.done)
        return self._end(checker, cfg)

    def _until_dark(self, cfg: RoomConfig) -> None:
        """Nobody books a room that has not said anything yet: on a busy machine its lead would begin first. What is
        not seen in time is missed by the first step, which says so."""
        end_ms = now_ms() + round(DARK_S * 1000)
        scene = Scene(self._story, plan(cfg, self._wish.r9, 0, 0), 0)
        while not dark(scene) and now_ms() < end_ms:
            self._listen()

    def _publish(self, start_ms: int) -> None:
        if self._stage.centre is None:
            raise RuntimeError("the stage was not started")
        meeting = paper.sitting(1, start_ms, MEETING_S, self._wish.lang)
        self._stage.centre.publish_calendar(paper.calendar((meeting,)), "demo-1")

    def _listen(self) -> None:
        """Take in what was seen; waits a moment when nothing was."""
        try:
            self._story.add(self._inbox.get(timeout=NAP_S))
            while True:
                self._story.add(self._inbox.get_nowait())
        except queue.Empty:
            return

    def _say(self, step: Step, after_ms: int) -> None:
        _print(f"{_clock(after_ms)}  ✓ {text(f'demo.step.{step.name}', self._wish.lang)}")

    def _end(self, checker: Checker, cfg: RoomConfig) -> int:
        lang = self._wish.lang
        if checker.missed is not None:
            _print(f"  ✗ {text(f'demo.step.{checker.missed.name}', lang)}")
            for line in self._last(cfg):
                _print(f"      {line}")
        _print(f"demo day: {len(checker.done)} of {len(checker.steps)} steps observed")
        return 0 if checker.missed is None else 1

    def _last(self, cfg: RoomConfig) -> list[str]:
        """What a reader needs of a miss: the last records, what the devices really do, what did not work."""
        say = words.Sayer(self._wish.lang, words.names(cfg))
        lines = [say.line(record) for record in list(self._story.records)[-RECORDS_TOLD:]]
        seen = (*self._story.truths, *self._story.edges)
        told = sorted(seen, key=lambda one: one.at_ms)[-2 * RECORDS_TOLD :]
        lines += [f"{one.at_ms / 1000:.3f} {one.name}: {one.value}" for one in told]
        return [*lines, self._acts.trouble] if self._acts.trouble else lines


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}.{ms // 100 % 10}"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
