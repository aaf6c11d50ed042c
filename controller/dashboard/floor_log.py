"""The log of the floor of one meeting, from the rooms' own records: asked (by which channel), given, ended; and how
long each site spoke in all. Pure. A total per site only (people.md 5.3); a secret meeting has no such log. Record
kinds: `hold` and `hold.end` of `ask.SEAT`, `floor`, `mic` (controller/core/speech.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CHANNELS = ("button", "phone", "chat")
SUBJECTS = ("floor", "mic")


@dataclass(frozen=True, slots=True)
class Said:
    """One record: `at_ms` is Unix time, corrected where the room's clock was not trusted."""

    room: str
    at_ms: int
    kind: str
    subject: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """`what` = asked, given, spoken (opened on the chair's spoken word), ended."""

    at_ms: int
    room: str
    what: str
    seat: str = ""
    channel: str = ""


def steps(records: Iterable[Said]) -> list[Step]:
    """What happened, in the order of time."""
    found: list[Step] = []
    open_: set[str] = set()
    for one in sorted(records, key=lambda r: (r.at_ms, r.room)):
        step = _step(one, one.room in open_)
        if step is not None:
            found.append(step)
            if step.what != "asked":
                (open_.discard if step.what == "ended" else open_.add)(one.room)
    return found


def _step(one: Said, speaks: bool) -> Step | None:
    begins, value = one.kind == "hold", one.body.get("value")
    if begins and one.subject.startswith("ask."):
        channel = value if value in CHANNELS else "button"
        return Step(one.at_ms, one.room, "asked", one.subject.removeprefix("ask."), str(channel))
    if one.subject not in SUBJECTS:
        return None
    if begins and value == "open":
        return Step(one.at_ms, one.room, "given" if one.subject == "floor" else "spoken", _seat(one))
    # `hold.end`, or a hold that closes: the end of a turn is said once, whichever comes first
    return Step(one.at_ms, one.room, "ended") if speaks and one.kind in ("hold", "hold.end") else None


def _seat(one: Said) -> str:
    args = one.body.get("args")
    named = one.body.get("code") == "R9.spoken" and isinstance(args, list | tuple) and args
    return str(args[0])[:40] if named and args else ""


def totals(found: Iterable[Step], until_ms: int) -> dict[str, int]:
    """Seconds each site had the floor; a turn that nobody ended counts to `until_ms`."""
    since: dict[str, int] = {}
    spoken_ms: dict[str, int] = {}
    for step in found:
        begun_ms = since.pop(step.room, None) if step.what != "asked" else None
        if begun_ms is not None:
            spoken_ms[step.room] = spoken_ms.get(step.room, 0) + max(0, min(step.at_ms, until_ms) - begun_ms)
        if step.what in ("given", "spoken"):
            since[step.room] = step.at_ms
    for room, begun_ms in since.items():
        spoken_ms[room] = spoken_ms.get(room, 0) + max(0, until_ms - begun_ms)
    return {room: ms // 1000 for room, ms in sorted(spoken_ms.items())}
