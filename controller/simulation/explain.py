"""Why was every load as it was at a time gone by? (`diemcau explain --at TIME JOURNAL`; the room explains itself.)

Pure: entries in, a `Past` out. The journal tells changes only, so what holds at a time is what was said last before
it, taken up from the first entry. A start forgets wishes and proofs, as the controller did; what is open stays open
until its end is told. Must not: read files, or say words (story.py says them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.texts.meetings import OFFSET

FORMS = ("%H:%M %d/%m/%Y", "%H:%M:%S %d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
"""As `status` and the forms of the offices write a time; ISO 8601 is read too."""

_ACROSS = ("alert", "hold")
"""What a restart does not end."""


@dataclass(slots=True)
class Past:
    """What was so at one time: for each target the last entry of each kind, and what was open. `ended`: the last
    wish that is over, and its end. `entries`: how many had been written; `last`: the newest of them; `first_ms`,
    `end_ms`: what the journal spans (Unix time)."""

    entries: int = 0
    first_ms: int = 0
    end_ms: int = 0
    last: Entry | None = None
    started: Entry | None = None
    phase: Entry | None = None
    wishes: dict[str, Entry] = field(default_factory=dict)
    ended: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)
    orders: dict[str, Entry] = field(default_factory=dict)
    proofs: dict[str, Entry] = field(default_factory=dict)
    open: dict[tuple[str, str, str], Entry] = field(default_factory=dict)

    def loads(self) -> tuple[str, ...]:
        """Every load that the journal has named so far, in its order."""
        named = (*self.proofs, *self.wishes, *self.ended, *self.orders)
        return tuple(dict.fromkeys(name for name in named if name.startswith("load.")))


def read_time(text: str) -> int:
    """A time as a person writes it → Unix ms; without an offset it is Vietnam's. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _by_form(text)
    return round((at if at.tzinfo is not None else at.replace(tzinfo=timezone(OFFSET))).timestamp() * 1000)


def _by_form(text: str) -> datetime:
    for form in FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=timezone(OFFSET))
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no time")


def explain(entries: Iterable[Entry], at_ms: int) -> Past:
    """What the journal says of Unix time `at_ms`; `entries` in their order."""
    given = tuple(entries)
    times = believed(given)
    past = Past(first_ms=min(times, default=0), end_ms=max(times, default=0))
    until = max((n for n, when_ms in enumerate(times, start=1) if when_ms <= at_ms), default=0)
    for entry in given[:until]:
        _take(past, entry)
    return past


def believed(entries: Sequence[Entry]) -> list[int]:
    """When each entry was written, Unix ms: by its own clock where that was trusted, else by the nearest trusted
    entry of the same boot, whose monotonic clock is the same; else by the clock that it had."""
    shifts = _shifts(entries)
    return [e.wall_ms if e.trust >= Trust.RTC else _placed(e, shifts.get(e.boot, ())) for e in entries]


def _shifts(entries: Sequence[Entry]) -> Mapping[str, list[tuple[int, int]]]:
    """Boot → (monotonic, wall minus monotonic) of its trusted entries."""
    found: dict[str, list[tuple[int, int]]] = {}
    for e in entries:
        if e.trust >= Trust.RTC:
            found.setdefault(e.boot, []).append((e.mono_ms, e.wall_ms - e.mono_ms))
    return found


def _placed(entry: Entry, shifts: Sequence[tuple[int, int]]) -> int:
    if not shifts:
        return entry.wall_ms
    _, shift_ms = min(shifts, key=lambda pair: abs(pair[0] - entry.mono_ms))
    return entry.mono_ms + shift_ms


def _take(past: Past, entry: Entry) -> None:
    past.entries, past.last = past.entries + 1, entry
    match entry.kind:
        case "started":
            past.started = entry
            for name in tuple(past.wishes):
                _wish_ends(past, name, entry)
            past.orders.clear()
            past.proofs.clear()
        case "phase":
            past.phase = entry
        case "wish":
            _wish_ends(past, entry.subject, entry)
            if dict(entry.body).get("value") is not None:
                past.wishes[entry.subject] = entry
        case "order":
            past.orders[entry.subject] = entry
        case "proof":
            past.proofs[entry.subject] = entry
        case _:
            _open(past, entry)


def _wish_ends(past: Past, name: str, end: Entry) -> None:
    wish = past.wishes.pop(name, None)
    if wish is not None:
        past.ended[name] = wish, end


def _open(past: Past, entry: Entry) -> None:
    kind, _, end = entry.kind.partition(".")
    if kind not in _ACROSS:
        return
    key = (kind, str(dict(entry.body).get("alert", "")), entry.subject)
    if end:
        past.open.pop(key, None)
    else:
        past.open[key] = entry
