"""Form B, the operating log: a line an event, a page a day (people.md 3). Pure: a day's records in, a Document out.

Each line ends in a place for a person: a note or a signature, typed on the page or written by hand. What the end of
the day says is marked as the machine's, with what it could not know left in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from controller.core.chain import Entry
from controller.core.instant import Trust
from controller.dashboard.forms import DOUBTFUL, MACHINE, MACHINE_DID, PERSON, RESULTS, Frame
from controller.dashboard.papers.model import (
    UNKNOWN,
    Blank,
    Block,
    Cell,
    Document,
    Fill,
    Grid,
    Heading,
    Para,
    Signs,
    moment,
    shown,
)
from controller.dashboard.words import say
from controller.simulation.story import thing, what

MINUTE_MS = 60_000
LEAD_MS, AFTER_MS = 60 * MINUTE_MS, 30 * MINUTE_MS
"""From T-60 to the grace after its end what happens in the room is the meeting's."""
EVENT_CHARS = 240
IN_ROOM = "người trong phòng"
_DEVICES = (
    "load.",
    "codec",
    "camera.",
    "ups",
    "line",
    "panel",
    "climate.",
    "display",
    "keeper",
    "computer",
    "meter",
)
_READY = {"in_time": "sẵn sàng đúng giờ", "late": "sẵn sàng trễ"}


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting of that day, as it may be told."""

    title: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The day in figures. `kwh` None = not measured; `climate`: place → what → (least, most)."""

    on_h: float
    saved_h: float
    kwh: float | None = None
    climate: Mapping[str, Mapping[str, tuple[float, float]]] | None = None


def operating_log(
    frame: Frame,
    room: str,
    day: str,
    entries: Sequence[Entry],
    held: Sequence[Held],
    end: DayEnd,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> Document:
    """One room, one day. `titles`: what a meeting is called, by the identity that the journal has."""
    counted: Counter[int] = Counter()
    rows: list[tuple[Cell, ...]] = []
    for number, entry in enumerate(entries, start=1):
        counted[entry.seq] += 1
        again = f".{counted[entry.seq]}" if counted[entry.seq] > 1 else ""
        rows.append((number, *_line(entry, held, titles), Blank(f"line.{entry.seq}{again}")))
    head = (
        "STT",
        "Giờ",
        "Phiên họp",
        "Sự việc",
        "Thiết bị",
        "Người thực hiện",
        "Kết quả",
        f"Ghi chú, chữ ký ({PERSON})",
    )
    grid = Grid(head, tuple(rows), (2, 3, 4, 7, 3, 4, 3, 4))
    body: tuple[Block, ...] = (grid,) if rows else (Para(f"Ngày này {UNKNOWN}."),)
    blocks = (
        *body,
        Heading("Cuối ngày"),
        *_day_end(end, bool(rows)),
        Fill("on_duty", "Người trực, bàn giao"),
        Fill("notes", "Ghi chú trong ngày", rows=4),
        Signs(("Người trực", "Người nhận ca"), ("sign_duty", "sign_next")),
    )
    return Document("Nhật ký vận hành", blocks, "nhat-ky", frame.parent, frame.office, f"{room} – {day}")


def _line(entry: Entry, held: Sequence[Held], titles: Mapping[str, str]) -> tuple[Cell, ...]:
    told = f"{moment(entry.wall_ms):%H:%M:%S}"
    when = told if entry.trust >= Trust.RTC else f"{told} ({DOUBTFUL})"
    during = next(
        (one.title for one in held if one.start_ms - LEAD_MS <= entry.wall_ms < one.end_ms + AFTER_MS), ""
    )
    device = thing(entry.subject, "vi") if entry.subject.startswith(_DEVICES) else ""
    return (when, during, _told(_named(what(entry, "vi"), titles)), device, _who(entry), _result(entry))


def _named(text: str, titles: Mapping[str, str]) -> str:
    for uid in sorted(titles, key=len, reverse=True):
        text = text.replace(uid, f"“{titles[uid]}”")
    return text


def _told(text: str) -> str:
    """A whole check in one line fills a page: its items stand in form A."""
    return text if len(text) <= EVENT_CHARS else f"{text[:EVENT_CHARS].rpartition(' ')[0].rstrip(',;')} …"


def _who(entry: Entry) -> str:
    by = dict(entry.body).get("by")
    if by == "button" or entry.kind == "press":
        return IN_ROOM
    return str(by) if by else MACHINE_DID


def _result(entry: Entry) -> str:
    """What came of it, where the line says so; an order alone has no result."""
    body = dict(entry.body)
    if entry.kind == "proof":
        return say(f"proof.{body.get('proof')}")
    if entry.kind in ("refused", "command.rejected", "command.rejected.more"):
        return "từ chối"
    if entry.kind == "alert.end":
        return "đã hết"
    if entry.kind == "noted":
        value = body.get("value")
        word = value[0] if isinstance(value, tuple) and value else value
        name = entry.subject.partition(".")[0]
        words: Mapping[str, str] = {"check": RESULTS, "check60": RESULTS, "checked": RESULTS, "ready": _READY}.get(
            name, {}
        )
        return words.get(str(word), "")
    return ""


def _day_end(end: DayEnd, known: bool) -> list[Block]:
    if not known:
        return [Para(f"Giờ chạy, điện năng, nhiệt độ: {UNKNOWN}.")]
    kwh = UNKNOWN if end.kwh is None else f"{shown(end.kwh)} kWh"
    saved = f"điện tiết kiệm nhờ tắt khi không dùng: {shown(end.saved_h)} giờ máy, {kwh}"
    places = sorted((end.climate or {}).items())
    ranges = ((place, ", ".join(_range(*one) for one in sorted(of.items()))) for place, of in places)
    said = [f"{thing(place, 'vi')}: {told} ({MACHINE})." for place, told in ranges]
    climate = said or [f"Nhiệt độ, độ ẩm: {UNKNOWN}."]
    return [Para(f"Giờ chạy: {shown(end.on_h)}; {saved} ({MACHINE})."), *(Para(text) for text in climate)]


def _range(name: str, span: tuple[float, float]) -> str:
    label, unit = {"temp_c": ("nhiệt độ", "°C"), "humidity_pct": ("độ ẩm", "%RH")}.get(name, (name, ""))
    return f"{label} {shown(span[0])} – {shown(span[1])} {unit}".strip()
