"""What a calendar's event says, as values: Plan and Details; problems and bounds of reading. No parsing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from controller.core.meeting import Policy
from controller.texts import ReadableError, text

ZONE = "Asia/Ho_Chi_Minh"
LENGTH_MS = 4 * 3_600_000
"""Of a meeting without an end, when the rules say nothing else."""
LENGTH_MAX_H = 24
"""Longer is a mistyped date; a training of several days has an event for each day."""
YEARS = (2000, 2100)
"""Outside is a mistyped date; a bound also for what a rule may run through."""
UID_MAX_CHARS = 200
TITLE_MAX_CHARS = 200
LIST_MAX = 300
"""A province has up to 200 rooms."""

MALFORMED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, OSError)
"""What the library raises on malformed text, as found by feeding it noise (OSError: a zone called `Asia`)."""


class CalendarError(ReadableError, ValueError):
    """The text is no calendar at all; the sentence says what to do."""


class Unfit(Exception):
    """This event cannot be used; becomes a Problem."""

    def __init__(self, code: str, *args: object) -> None:
        super().__init__(code)
        self.code = code
        self.told = args


@dataclass(frozen=True, slots=True)
class Problem:
    """One event, or a part of it, that could not be used; `code` and `args` are a sentence of the catalogue."""

    code: str
    args: tuple[object, ...]

    def text(self, lang: str) -> str:
        return text(self.code, lang, self.args)


@dataclass(frozen=True, slots=True)
class Details:
    """What an event says besides its times. `breaks` are (offset from the start, length); `seats`
    (room, seat, preset), room '' = every room that has such a seat."""

    title: str
    chair: str = ""
    desk: str = ""
    backup: str = ""
    members: tuple[str, ...] = ()
    presenter: str = ""
    policy: Policy = Policy.CHAIR_LED
    secret: bool = False
    external: bool = False
    numbers: tuple[str, ...] = ()
    breaks: tuple[tuple[timedelta, timedelta], ...] = ()
    seats: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One VEVENT. `instance`: the moment of the series that it replaces, None = the event itself."""

    uid: str
    start: datetime
    length: timedelta
    status: str
    details: Details
    instance: datetime | None = None
    sequence: int = 0
    rule: str = ""
    until: datetime | None = None
    extra: tuple[datetime, ...] = ()
    except_at: frozenset[datetime] = frozenset()
    except_on: frozenset[date] = frozenset()

    @property
    def repeats(self) -> bool:
        return bool(self.rule or self.extra)
