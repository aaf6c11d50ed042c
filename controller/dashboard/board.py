"""The countdown board (N6): how each room of a coming meeting stands, what of that can still be mended, and whether
T-60 was met. Pure.

*Ready* and *on time* are two things: a room may be ready now and have been late at T-60, and the other way round.
What the centre cannot know it calls unknown; a room on the manual key is unknown, not late: people run it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.dashboard.collate import key
from controller.dashboard.compact import Row, stale

MINUTE_MS = 60_000
READY_MS = 60 * MINUTE_MS
"""R1: ready an hour before."""
BEGINS_MS = 75 * MINUTE_MS
"""People 1: the room comes on between T-75 and T-60."""
BEGUN_MS = 3 * MINUTE_MS
"""After so long a room that should have begun to come on and is off is at risk."""
TOLD_MS = 24 * 60 * MINUTE_MS
"""A room that does not name a meeting of the next day was not told of it."""


class Stand(StrEnum):
    """How a room stands; in the order in which somebody should look at it."""

    FAILED = "failed"
    RISK = "risk"
    UNKNOWN = "unknown"
    WARMING = "warming"
    OFF = "off"
    READY = "ready"


class OnTime(StrEnum):
    """Whether the room was ready at T-60, as its own record says."""

    MISSED = "missed"
    UNKNOWN = "unknown"
    SHORT = "short_notice"
    NOT_DUE = "not_due"
    MET = "met"


class Outlook(StrEnum):
    """*đúng hạn / có nguy cơ / chưa rõ* of a whole meeting."""

    RISK = "risk"
    UNKNOWN = "unknown"
    ON_TIME = "on_time"


ORDER = tuple(Stand)
_COMING = frozenset({"off", "closing", "stopped"})
_BEFORE_RISK = frozenset({"bad"})


@dataclass(frozen=True, slots=True)
class Due:
    """A booked instance."""

    uid: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Look:
    """One room of one meeting. `why`: a text code, `args` its places; `fix`: 0 = somebody on duty is in the room,
    1 = somebody can be phoned, 2 = nobody is known."""

    slug: str
    stand: Stand
    on_time: OnTime
    why: str
    args: tuple[str, ...]
    fix: int


def stand(found: Row | None, due: Due, now_ms: int) -> tuple[Stand, str, tuple[str, ...]]:
    """How the room of `found` stands for `due`, and the text code of why."""
    if found is None or not found["received_ms"]:
        return Stand.UNKNOWN, "board.why.never", ()
    if stale(found, now_ms):
        return Stand.UNKNOWN, "board.why.gasp" if found["gasp"] else "board.why.away", ()
    phase = found["phase"]
    if phase == "bypass" or found["bypass"]:
        return Stand.UNKNOWN, "board.why.by_hand", ()
    if phase in (None, "unknown"):
        return Stand.UNKNOWN, "board.why.relays", ()
    if found["uid"] == due.uid and found["ready"] == "not_ready":
        return Stand.FAILED, *_because(found, "board.why.not_ready")
    if phase in ("ready", "in_call"):
        return (Stand.RISK, *_because(found, "")) if found["health"] == "bad" else (Stand.READY, "", ())
    if phase == "powering":
        late = now_ms >= due.start_ms - READY_MS
        return (Stand.RISK, *_because(found, "board.why.slow")) if late else (Stand.WARMING, "", ())
    return _off(found, due, now_ms)


def _off(found: Row, due: Due, now_ms: int) -> tuple[Stand, str, tuple[str, ...]]:
    left_ms = due.start_ms - now_ms
    if left_ms <= READY_MS:
        return Stand.FAILED, *_because(found, "board.why.off")
    if found["phase"] == "stopped":
        return Stand.RISK, *_because(found, "board.why.stopped")
    if left_ms <= BEGINS_MS - BEGUN_MS:
        return Stand.RISK, *_because(found, "board.why.off")
    if left_ms <= TOLD_MS and not _told(found, due):
        return Stand.RISK, "board.why.not_told", ()
    if found["health"] == "bad":
        return Stand.RISK, *_because(found, "")
    return Stand.OFF, "", ()


def _told(found: Row, due: Due) -> bool:
    """The room names this meeting, or one that comes before it."""
    start = found["start"]
    return found["uid"] == due.uid or (isinstance(start, int) and start <= due.start_ms)


def _because(found: Row, otherwise: str) -> tuple[str, tuple[str, ...]]:
    """The first incident that the room has open, else `otherwise`."""
    codes = found["incidents"]
    told = [f"alert.{code}" for code in codes if code != "not_ready"] if isinstance(codes, list) else []
    return (told[0], ()) if told else (otherwise, ())


def on_time(found: Row | None, noted: str | None, due: Due, now_ms: int) -> OnTime:
    """`noted`: what the room's record of T-60 says (ready, not_ready, short_notice, by_hand); None = none came."""
    said = found["ready"] if found is not None and found["uid"] == due.uid else None
    if noted == "ready" or said == "in_time":
        return OnTime.MET
    if said == "short_notice":
        return OnTime.SHORT
    if noted == "not_ready" or said in ("late", "not_ready"):
        return OnTime.MISSED
    return OnTime.NOT_DUE if now_ms < due.start_ms - READY_MS else OnTime.UNKNOWN


def looks(
    rooms: Iterable[str],
    rows: Mapping[str, Row],
    due: Due,
    now_ms: int,
    noted: Mapping[str, str],
    reachable: frozenset[str],
) -> list[Look]:
    """Every room of the meeting: what is worst and can soonest be mended first. `noted`: room → its record of T-60;
    `reachable`: rooms with somebody to phone."""
    found = []
    for slug in rooms:
        row = rows.get(slug)
        how, why, args = stand(row, due, now_ms)
        here = row is not None and row["duty"] is True and how is not Stand.UNKNOWN
        fix = 0 if here else 1 if slug in reachable else 2
        found.append(Look(slug, how, on_time(row, noted.get(slug), due, now_ms), why, args, fix))
    names = {slug: str(row["name"]) for slug, row in rows.items()}
    return sorted(found, key=lambda one: (ORDER.index(one.stand), one.fix, key(names.get(one.slug, one.slug))))


def outlook(found: Sequence[Look]) -> Outlook:
    """A meeting is on time when every room is, or has nothing against it; what is unknown is never counted as
    good, and a risk that is known weighs more than what is not known."""
    if any(one.stand in (Stand.FAILED, Stand.RISK) for one in found):
        return Outlook.RISK
    return Outlook.UNKNOWN if not found or any(one.stand is Stand.UNKNOWN for one in found) else Outlook.ON_TIME


def counts(found: Sequence[Look]) -> dict[str, int]:
    """Rooms by stand; every stand is named."""
    return {str(how): sum(one.stand is how for one in found) for how in Stand}
