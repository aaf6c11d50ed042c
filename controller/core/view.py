"""The only door of a rule to the state. A test that is not yet true notes its own deadline; nobody writes a
timer by hand (core: `mono_ms` is compared here and in the core's own files, never in a rule)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from controller.core.instant import Instant, Trust
from controller.core.meeting import Booked, Meeting
from controller.core.memory import Hold, Kept
from controller.core.reads import BOOKED, CLOCK, EVERY, MEETINGS, NAMES, PRESSES, WALL, Reads
from controller.core.room import Mode, Room
from controller.core.state import Desired, Fact, Quality, State, Track
from controller.core.tables import Tables, tables
from hardware.contract import NEVER_MS, Value

CUTTING = frozenset({"R2", "R4", "R5", "R6", "R9", "R11", "R12", "R16"})
"""Rules that cut, shed, mute, hang up, dial, or switch on an empty room: they earn their right with the acceptance
of the room."""


class Unknown(Enum):
    """The value of a fact that must not be believed. It has no truth value: ask `is True`, `== "on"`."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false: compare it")


UNKNOWN = Unknown.UNKNOWN
Known: TypeAlias = Value | Unknown
_GOOD = Quality.GOOD
"""Looked up once, as in absorb.py."""
_NUMBER = (int, float)
_NO_FACT = Fact(None, Quality.NEVER, 0, 0)
_NO_TRACKS: Mapping[str, Track] = {}


class View:
    """Read access for rules at one instant; `wake_ms` is the least deadline that a test has noted, `reads` what was
    read: an answer holds until something of that changes or its deadline comes (recall.py)."""

    __slots__ = ("_facts", "_marks", "_now", "_now_ms", "_state", "reads", "room", "tables", "wake_ms")

    def __init__(self, state: State, now: Instant, room: Room) -> None:
        self._state = state
        self._facts = state.facts
        self._now = now
        self._now_ms = now.mono_ms
        self._marks: Mapping[str, Kept] = state.marks
        self.room = room
        self.tables: Tables = tables(room)
        self.reads = Reads()
        self.wake_ms = NEVER_MS

    @property
    def boot(self) -> str:
        """The id of the Pi's present boot."""
        return self._state.boot

    @property
    def started_ms(self) -> int:
        """When this life of the controller began."""
        return self._state.started_ms

    # ---- facts
    def get(self, name: str) -> Known:
        """The fact's value if it is good, else UNKNOWN."""
        self.reads.facts.add(name)
        fact = self._facts.get(name)
        return fact.value if fact is not None and fact.quality is _GOOD else UNKNOWN

    def number(self, name: str) -> float | None:
        """The fact as a number, None when unknown."""
        value = self.get(name)
        return float(value) if isinstance(value, _NUMBER) and not isinstance(value, bool) else None

    def last(self, name: str) -> Value:
        """The last word of a source, however old. Only for worst cases, never to switch something on."""
        self.reads.facts.add(name)
        return self._facts.get(name, _NO_FACT).value

    def last_ms(self, name: str) -> int:
        """When the source last gave it a value: another answer at every reading, so `older` where that will do."""
        self.reads.now = True
        return self._facts.get(name, _NO_FACT).at_ms

    def older(self, name: str, than_ms: int) -> bool:
        """The source last gave it a value before then."""
        older = self._facts.get(name, _NO_FACT).at_ms < than_ms
        self.reads.older.add((name, than_ms, older))
        return older

    def aged(self, name: str, for_ms: int) -> bool:
        """Its source has not given it a value for so long."""
        at_ms = self._facts.get(name, _NO_FACT).at_ms
        return self.past(at_ms + for_ms) and self.older(name, at_ms + 1)

    def since_ms(self, name: str) -> int:
        """When the source's word became what it is."""
        self.reads.facts.add(name)
        return self._facts.get(name, _NO_FACT).since_ms

    def stuck(self, name: str) -> bool:
        """The source goes on telling the same to the last digit while others move (N14)."""
        self.reads.facts.add(name)
        return self._facts.get(name, _NO_FACT).quality is Quality.STUCK

    def stayed(self, name: str, value: Value, for_ms: int) -> bool:
        """The fact is good, equals `value`, and has for `for_ms`."""
        self.reads.facts.add(name)
        fact = self._facts.get(name)
        if fact is None or fact.quality is not _GOOD or fact.value != value:
            return False
        return self.past(fact.since_ms + for_ms)

    # ---- time
    @property
    def now(self) -> Instant:
        """The present moment. An answer that holds it is old at once; a rule that waits for a time asks `past`."""
        self.reads.now = True
        return self._now

    @property
    def trust(self) -> Trust:
        """How far the wall clock may be believed."""
        self.reads.other.add(CLOCK)
        return self._now.trust

    def past(self, at_ms: int) -> bool:
        """Monotonic `at_ms` has come; if not, wake then."""
        if self._now_ms >= at_ms:
            return True
        if at_ms < self.wake_ms:
            self.wake_ms = at_ms
        return False

    def past_wall(self, wall_ms: int) -> bool:
        """Unix time `wall_ms` has come by this clock; if not, wake then."""
        self.reads.other.add(WALL)
        return self.past(self._now_ms + wall_ms - self._now.wall_ms)

    def clock_ok(self) -> bool:
        """The wall clock may decide an *off*: trusted, and not stepped for a while (N3)."""
        self.reads.other.add(CLOCK)
        trusted = self._now.trust >= Trust.RTC
        return self.past(self._state.stepped_ms + self.room.clock_settle_ms) and trusted

    def up_for(self, for_ms: int) -> bool:
        """This life of the controller has lasted `for_ms`."""
        return self.past(self._state.started_ms + for_ms)

    def wall_of(self, mono_ms: int) -> int:
        """The Unix time of a monotonic moment, by this clock."""
        self.reads.other.add(WALL)
        return mono_ms + self._now.wall_ms - self._now_ms

    def spell(self, first_ms: int, for_ms: int, every_ms: int) -> bool:
        """The local time is in the spell that begins at `first_ms` of every `every_ms`; wake at its next edge."""
        self.reads.other.add(WALL)
        since_ms = (self._now.wall_ms + self.room.utc_offset_ms - first_ms) % every_ms
        on = since_ms < for_ms
        self.past(self._now_ms - since_ms + (for_ms if on else every_ms))
        return on

    # ---- memory
    @property
    def marks(self) -> Mapping[str, Kept]:
        """All that is remembered; `mark` and `kept` for one by its name."""
        self.reads.marks.add(EVERY)
        return self._marks

    def kept(self, name: str) -> Kept | None:
        """What is remembered under `name`, with its times."""
        self.reads.marks.add(name)
        return self._marks.get(name)

    def mark(self, name: str) -> Value:
        """The value remembered under `name`, or None."""
        self.reads.marks.add(name)
        kept = self._marks.get(name)
        return kept.value if kept is not None else None

    def held(self, name: str, value: Value, for_ms: int) -> bool:
        """The mark has had `value` for `for_ms`."""
        self.reads.marks.add(name)
        kept = self._marks.get(name)
        return kept is not None and kept.value == value and self.past(kept.since_ms + for_ms)

    def rises(self, name: str, within_ms: int) -> int:
        """How often the mark changed to something true within the last `within_ms` (at most 8 are kept)."""
        self.reads.marks.add(name)
        kept = self._marks.get(name)
        return sum(not self.past(at_ms + within_ms) for at_ms in kept.rises_ms) if kept is not None else 0

    def booked(self) -> tuple[Booked, ...]:
        """Meetings whose lead has begun, by start; they are the only meetings that rules see (R18)."""
        self.reads.other.add(BOOKED)
        return self._state.booked

    def coming(self, within_ms: int) -> Iterator[Meeting]:
        """Meetings of the calendar that begin within `within_ms`, or are on, by the wall clock; tentative ones too.
        For what must keep away from meetings; what meetings need is read from `booked`."""
        self.reads.other.add(MEETINGS)
        for meeting in self._state.meetings:
            if self.past_wall(meeting.start_ms - within_ms) and not self.past_wall(meeting.end_ms):
                yield meeting

    def calendar(self) -> tuple[Meeting, ...]:
        """Every meeting that is known, tentative ones too: for what is done days before (R6)."""
        self.reads.other.add(MEETINGS)
        return self._state.meetings

    def facts(self, prefix: str) -> Iterator[str]:
        """Names of the facts of a class, for what lists a device's figures."""
        self.reads.other.add(NAMES)
        return (name for name in self._facts if name.startswith(prefix))

    def holds(self) -> Iterable[Hold]:
        """People's set-points that have not expired; `hold` for one by its name."""
        self.reads.holds.add(EVERY)
        return self._state.holds.values()

    def hold(self, name: str) -> Hold | None:
        self.reads.holds.add(name)
        return self._state.holds.get(name)

    def down(self, name: str) -> bool:
        """The button or contact is (debounced) down."""
        self.reads.other.add(PRESSES)
        press = self._state.presses.get(name)
        return press is not None and press.down

    def still_ms(self, name: str) -> int:
        """When the button or contact last changed (debounced)."""
        self.reads.other.add(PRESSES)
        press = self._state.presses.get(name)
        return press.down_ms if press is not None else 0

    # ---- our own decisions and their effect
    def was(self, target: str) -> Value:
        """Our last decision about `target`, for hysteresis; None = nobody wanted anything."""
        self.reads.wishes.add(target)
        desired = self._state.desired.get(target)
        return desired.value if desired is not None else None

    def desired(self, target: str) -> Desired | None:
        self.reads.wishes.add(target)
        return self._state.desired.get(target)

    def track(self, target: str) -> Track | None:
        self.reads.tracks.add(target)
        return self._state.tracks.get(target)

    def seen(self, target: str) -> Value:
        """What the evidence last showed of `target`; None = unknown."""
        self.reads.seen.add(target)
        track = self._state.tracks.get(target)
        return track.seen if track is not None else None

    def mode(self, rule: str) -> Mode:
        """The mode in force: a cutting rule is at most WATCH until the room is accepted (mission.md)."""
        mode = self._state.modes.get(rule, self.room.modes.get(rule, Mode.ENFORCE))
        capped = rule in CUTTING and not self.room.accepted and mode is not Mode.OFF
        return Mode.WATCH if capped else mode
