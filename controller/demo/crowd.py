"""Rooms for the centre's page: the real core, far ends in memory and the real link, many rooms in one process, in
real time and with the demo's compressed waiting.

    python -m controller.demo.crowd --port 1883 --rooms 7 --speed 60

Each room is the simulation's world whose time is the clock on the wall: what the centre hears is what a room on a
Pi says, because core, views, outbox and link are the same. Only the journal is kept in memory. People in them:
somebody presses TRỰC when the room is ready, the control centre's machine dials at the beginning and hangs up at
the end, and in some rooms somebody asks to speak.
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from controller import config
from controller.calendar import Agenda
from controller.calendar_plan import LENGTH_MS, ZONE, CalendarError
from controller.config_compile import compile_room
from controller.core import report
from controller.core.chain import Entry, Head, head_of
from controller.core.events import Command, Rejected
from controller.core.gasp import Gasp, gasp
from controller.core.instant import Instant
from controller.core.parts import Tree
from controller.core.records import Record
from controller.core.room import Room
from controller.core.state import Outcome, State
from controller.demo import paper
from controller.demo.far_ends import CODEC_BOOT_MS
from controller.link.link import Link
from controller.link.messages import Stamp
from controller.link.notices import CalendarText
from controller.link.settings import Broker, Settings, Times
from controller.runtime.batch import Acked, Ask, Committed, Rows
from controller.runtime.desk import Desk, Ears
from controller.simulation.acts import Stage
from controller.simulation.plan import Act, begin_ms
from controller.simulation.room import slowly_asked
from controller.simulation.world import World
from hardware.contract import Reading

TURN_S = 0.1
VIEW_MS = 1_000
REFRESH_MS = 300_000
BOOTED_MS = 30_000
"""From mains at the Pi to a room that rules: lived through before the first word."""
NAMES = ("kim-son", "nho-quan", "gia-vien", "hoa-lu", "yen-khanh", "yen-mo", "tam-diep", "phat-diem")
OFFSET_MS = 7 * 3_600_000
DUTY_MS, ASK_MS = 3_000, 8_000
MCU = "10.1.0.1"


class Book:
    """The journal's end that the desk needs, over the world's entries."""

    def __init__(self, world: World, later: Callable[[object], None]) -> None:
        self._world, self._later = world, later

    @property
    def head(self) -> Head:
        entries = self._world.entries
        return head_of(entries[-1]) if entries else Head()

    def ack(self, boot: str, seq: int) -> None:
        if seq <= self.head.seq:
            self._later(Acked(seq))

    def ask(self, ask: Ask) -> bool:
        found = (
            e for e in self._world.entries[ask.after :] if e.seq <= ask.last and ask.priority in (None, e.priority)
        )
        rows = tuple(entry for entry, _ in zip(found, range(ask.limit), strict=False))
        self._later(Rows(ask, rows))
        return True


class Member:
    """One room of the crowd: a world, its link and its people; one thread, but for the link's callbacks."""

    def __init__(self, slug: str, room: Room, seed: int, port: int, quiet: bool = False) -> None:
        self.slug, self.room, self._quiet = slug, room, quiet
        self.world = World(room, seed, boot_ms=CODEC_BOOT_MS)
        self.people = Stage(self.world, ())
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._agenda: Agenda | None = None
        self._edge_ms = self._view_ms = self._full_ms = 0
        self._told = 0
        self._seen: State | None = None
        self._summary: Mapping[str, Tree] = {}
        self._gasp: Gasp | None = None
        self._done: set[tuple[str, str]] = set()
        self._off_ms = time.monotonic_ns() // 1_000_000 - BOOTED_MS
        self.world.wall_off_ms = time.time_ns() // 1_000_000 - BOOTED_MS - begin_ms()
        self.world.on_step = self._step
        self.world.run_until(BOOTED_MS)
        times = Times(backoff_max_s=5, keepalive_s=5)
        settings = Settings(slug, self.world.state.boot, Broker("127.0.0.1", port), times=times)
        self.link = Link(settings, self._inbox.put, self.now, offset_ms=OFFSET_MS)
        self.desk = Desk(
            Book(self.world, self._inbox.put), self.link, Ears(self._calendar, _quiet, _lost, _plain), OFFSET_MS
        )

    def start(self) -> None:
        """Say who we are and connect."""
        loads = tuple(load.name for load in self.room.loads)
        capabilities = {"loads": loads, "cameras": self.room.cameras, "codec": self.room.codec}
        self.link.birth(
            {"fw": "demo", "slot": "", "last_end": "power", "since_mono_s": 0, "capabilities": capabilities}
        )
        self.link.start()

    def now(self) -> Instant:
        """The world's clock, at this moment and not at its last turn."""
        at_ms = time.monotonic_ns() // 1_000_000 - self._off_ms
        wall_ms = begin_ms() + at_ms + self.world.wall_off_ms
        return Instant(at_ms - self.world.booted_ms(), wall_ms, self.world.trust)

    def turn(self) -> None:
        """Live up to now, then tell what is new."""
        until_ms = time.monotonic_ns() // 1_000_000 - self._off_ms
        self._take()
        while (act_ms := self.people.next_ms()) is not None and act_ms < until_ms:
            self.world.run_until(max(act_ms, self.world.now_ms))
            self.people.run_due(act_ms)
        self.world.run_until(until_ms)
        self._live()
        self._say(self.world.instant())

    # ---- what the centre says

    def _take(self) -> None:
        while not self._inbox.empty():
            item = self._inbox.get()
            if isinstance(item, Command | Rejected):
                self.world.tell(item)
                if isinstance(item, Command) and item.verb == "rebirth":
                    self.link.rebirth()
            elif not isinstance(item, Reading):
                self.desk.other(item, self.world.instant())
            else:
                self.world.tell(item)

    def _calendar(self, item: CalendarText) -> None:
        """A text that is none changes nothing, as in a real room."""
        if not item.text.strip():
            return
        try:
            self._agenda = Agenda(item.text, room=self.slug, tz=ZONE, length_ms=LENGTH_MS, version=item.version)
        except CalendarError as error:
            self.world.tell(Rejected("", error.code, topic="calendar"))
        else:
            self._edge_ms = 0

    def _plan(self, wall_ms: int) -> None:
        if self._agenda is not None and wall_ms >= self._edge_ms:
            window = self._agenda.window(wall_ms)
            self._edge_ms, self.world.version = window.edge_ms, self._agenda.version
            self.world.publish(window.window)

    # ---- what people do

    def _live(self) -> None:
        now = self.world.instant()
        self._plan(now.wall_ms)
        for booked in self.world.state.booked:
            uid, start_ms, end_ms = booked.meeting.uid, booked.start_ms, booked.end_ms
            self._once(uid, "duty", start_ms - DUTY_MS, now, Act(0, "press", ("duty", 300)))
            self._once(uid, "mcu", start_ms, now, Act(0, "mcu_calls"))
            if not self._quiet:
                self._once(uid, "talk", start_ms + ASK_MS, now, Act(0, "press", ("talk", 300)))
            self._once(uid, "end", end_ms, now, Act(0, "mcu_hangs_up"))

    def _once(self, uid: str, what: str, at_ms: int, now: Instant, act: Act) -> None:
        if at_ms <= now.mono_ms and (uid, what) not in self._done:
            self._done.add((uid, what))
            self.people.do(replace(act, at_ms=self.world.now_ms))
            self.world.arm_all()

    # ---- what the room says

    def _step(self, _before: State, outcome: Outcome, _now: Instant) -> None:
        for reply in outcome.replies:
            self.desk.answer(reply)

    def _say(self, now: Instant) -> None:
        state, entries = self.world.state, self.world.entries
        if self._told < len(entries):
            fresh: tuple[Entry, ...] = tuple(entries[self._told :])
            self._told = len(entries)
            self.desk.other(Committed(0, fresh), now)
        last = gasp(state, now, self.room) or self._gasp
        if last is not None and last != self._gasp:
            self._gasp = last
            self.desk.gasp(last, Stamp(state.boot, now, OFFSET_MS))
        if (state is not self._seen and now.mono_ms >= self._view_ms) or now.mono_ms >= self._full_ms:
            self._seen, self._view_ms, self._full_ms = state, now.mono_ms + VIEW_MS, now.mono_ms + REFRESH_MS
            self.desk.publish(report.summary(state, now, self.room), report.details(state, now, self.room))
        self.desk.turn(now)


def _quiet(_code: str, _args: tuple[object, ...]) -> None:
    """A demo keeps no service log."""


def _plain(_certificate: str) -> None:
    """Its rooms connect without one."""


def _lost(_record: Record) -> None:
    """What a broker refused is in its own log."""


@cache
def crowd_room(speed: float, codec: str) -> Room:
    """The demo's room, its waiting compressed by `speed`, asked as the simulation asks."""
    with tempfile.TemporaryDirectory() as name:
        places = paper.Places(Path(name))
        places.at("ups.password").write_text(f"{paper.UPS_PASSWORD}\n", encoding="utf-8")
        places.at("room.toml").write_text(paper.room_toml(places, "vi"), encoding="utf-8")
        places.at("pack.toml").write_text(paper.pack_toml(speed, "remind"), encoding="utf-8")
        room = compile_room(config.load(places.at("room.toml")))
    return replace(slowly_asked(room), codec=codec)


def crowd(port: int, slugs: Sequence[str], speed: float = 60.0, seed: int = 1) -> list[Member]:
    """A room for each slug; every third keeps quiet in meetings."""
    room = crowd_room(speed, "polycom")
    return [
        Member(slug, replace(room, name=slug), seed * 100 + 2 * n, port, quiet=n % 3 == 2)
        for n, slug in enumerate(slugs)
    ]


def main(argv: Sequence[str]) -> int:
    """Live until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="crowd", description="rooms for the centre's page")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rooms", type=int, default=len(NAMES), choices=range(1, len(NAMES) + 1))
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    members = crowd(options.port, NAMES[: options.rooms], options.speed, options.seed)
    for member in members:
        member.start()
    while not stop.wait(TURN_S):
        for member in members:
            member.turn()
    for member in members:
        member.link.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
