"""What is told of incidents besides the page, and when: one message for all that is new, never one per blip. Pure.

An incident is told when it has lasted WAIT_MS (danger at once), when it grows worse, and when it is over for
END_WAIT_MS. Whatever else has happened by then goes into the same message, and the next one waits EACH_MS: a storm
of a hundred incidents is one message, then one in five minutes. What ended before it was told is not told. Nobody
is named and no meeting either: a message leaves the house.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.dashboard.collate import key
from controller.dashboard.words import say

MINUTE_MS = 60_000
WAIT_MS = 30_000
"""After the minute that an alert waits anyway: a cut reaches the rooms of a commune within seconds."""
EACH_MS = 5 * MINUTE_MS
END_WAIT_MS = 2 * MINUTE_MS
UNHEARD_MS = 15 * MINUTE_MS
"""So long an incident may lie there before those who are not at the page hear that nobody has received it."""
WIDER = 2
"""So many times the rooms that were told is worth another message; one room more is not."""
LINES_MOST = 20
NAMES_MOST = 3
BEGIN, WORSE, END = "begin", ("wider", "unheard", "overdue"), "end"


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as far as messages need it. `quiet`: every room of it is in maintenance (N19); `merged`: it did
    not end, a wider one has taken its alerts."""

    id: int
    code: str
    rooms: tuple[str, ...]
    from_ms: int
    until_ms: int | None = None
    proposed: str = ""
    received: bool = False
    expected_ms: int | None = None
    quiet: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """A room as a message names it: its own name, and whom to phone for its line."""

    name: str
    provider: str = ""
    circuit: str = ""
    hotline: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of an incident. `nth` tells two of a kind apart."""

    what: str
    nth: int
    rooms: int


@dataclass(frozen=True, slots=True)
class News:
    """One line of a message."""

    incident: Known
    what: str
    nth: int
    ripe: bool

    @property
    def urgent(self) -> bool:
        return self.what == BEGIN and self.incident.code == "safety"


def due(known: Iterable[Known], told: Mapping[int, Sequence[Told]], last_ms: int, now_ms: int) -> tuple[News, ...]:
    """What the message of this moment says; () = none now. `last_ms`: when the last one was made."""
    found = [news for one in known for news in _of(one, told.get(one.id, ()), now_ms)]
    if any(news.urgent for news in found):
        return tuple(found)
    if now_ms - last_ms < EACH_MS or not any(news.ripe for news in found):
        return ()
    return tuple(found)


def _of(one: Known, told: Sequence[Told], now_ms: int) -> Iterable[News]:
    ends = sum(row.what == END for row in told)
    begun = sum(row.what == BEGIN for row in told) > ends
    if one.until_ms is not None:
        if begun and not one.merged and now_ms - one.until_ms >= END_WAIT_MS:
            yield News(one, END, ends, True)
    elif one.quiet:
        return
    elif not begun:
        yield News(one, BEGIN, ends, now_ms - one.from_ms >= WAIT_MS)
    else:
        said = {(row.what, row.nth) for row in told}
        yield from (
            News(one, what, nth, True) for what, nth in _worse(one, told, now_ms) if (what, nth) not in said
        )


def _worse(one: Known, told: Sequence[Told], now_ms: int) -> Iterable[tuple[str, int]]:
    rooms, most = len(one.rooms), max(row.rooms for row in told)
    if rooms >= WIDER * most and rooms > most + 1:
        yield "wider", rooms
    if one.expected_ms is not None and one.expected_ms < now_ms:
        yield "overdue", one.expected_ms
    if not one.received and now_ms - one.from_ms >= UNHEARD_MS:
        yield "unheard", sum(row.what == END for row in told)


# ---- words


def title(news: Sequence[News], network: str, lang: str) -> str:
    """One line. A name cannot break it: it becomes a mail's subject."""
    if len(news) == 1:
        one = news[0]
        code = "notice.title.end" if one.what == END else "notice.title.one"
        args: tuple[object, ...] = (network, say(f"page.inc.{one.incident.code}", lang), len(one.incident.rooms))
    else:
        rooms = {room for one in news for room in one.incident.rooms}
        code, args = "notice.title.many", (network, len(news), len(rooms))
    return _plain(say(code, lang, args))


def body(news: Sequence[News], sites: Mapping[str, Site], url: str, lang: str) -> str:
    """What began first, then what grew worse, then what is over; by the number of sites."""
    order = {BEGIN: 0, END: 2}
    rows = sorted(news, key=lambda one: (not one.urgent, order.get(one.what, 1), -len(one.incident.rooms)))
    lines = [_line(one, sites, lang) for one in rows[:LINES_MOST]]
    if len(rows) > LINES_MOST:
        lines.append(say("notice.more", lang, (len(rows) - LINES_MOST,)))
    where = f"/{news[0].incident.id}" if len(news) == 1 else ""
    return "\n".join([*lines, f"{url.rstrip('/')}/#/incidents{where}"])


def _line(one: News, sites: Mapping[str, Site], lang: str) -> str:
    it = one.incident
    what = say(f"page.inc.{it.code}", lang)
    rooms = sorted({_plain(sites[room].name if room in sites else room) for room in it.rooms}, key=key)
    shown = ", ".join(rooms[:NAMES_MOST])
    where = shown if len(rooms) <= NAMES_MOST else say("notice.rooms", lang, (shown, len(rooms)))
    cause = say(f"page.inc.cause.{it.proposed or 'unknown'}", lang)
    if one.what == END:
        minutes = max(1, round(((it.until_ms or it.from_ms) - it.from_ms) / MINUTE_MS))
        return say("notice.end", lang, (what, where, minutes))
    if one.what == "overdue":
        return say("notice.overdue", lang, (what, where, when(it.expected_ms or 0)))
    told = say(f"notice.{one.what}", lang, (what, where, when(it.from_ms), cause))
    return " ".join(filter(None, (told, _phone(it, sites, lang))))


def _phone(it: Known, sites: Mapping[str, Site], lang: str) -> str:
    """R12: whom to phone about a line, where it is one provider's; the circuit of a single one."""
    found = {(sites[room].provider, sites[room].hotline) for room in it.rooms if room in sites}
    if it.code != "line" or len(found) != 1:
        return ""
    provider, hotline = map(_plain, found.pop())
    circuit = _plain(sites[it.rooms[0]].circuit) if len(it.rooms) == 1 else ""
    if not hotline:
        return ""
    return say("notice.phone_circuit" if circuit else "notice.phone", lang, (provider, hotline, circuit))


def when(ms: int) -> str:
    """As people here write it."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC) + timedelta(hours=7):%H:%M %d/%m/%Y}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def grouped(rows: Iterable[tuple[int, Told]]) -> dict[int, list[Told]]:
    """What was told, by incident."""
    found: dict[int, list[Told]] = defaultdict(list)
    for incident, told in rows:
        found[incident].append(told)
    return found
