"""Form A, the technical check before a meeting (people.md 3; R6, R7, R26): a sheet a room, and the desk's summed
list. Pure: rows of the journal and the roll-call's ticks in, a Document out.

What the machine measured is marked (máy ghi); picture and sound are what people saw and heard, with who said so.
What nobody has looked at reads "chưa kiểm tra" and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.dashboard.collate import key
from controller.dashboard.figures import Row
from controller.dashboard.forms import MACHINE, PERSON, RESULTS, Frame, Meeting, checked, items, noted, thing, when
from controller.dashboard.papers.model import (
    UNKNOWN,
    Block,
    Cell,
    Document,
    Fill,
    Grid,
    Heading,
    Para,
    Signs,
    moment,
)
from controller.dashboard.words import say

HOUR_MS = 3_600_000
TITLE = "Biên bản kiểm tra kỹ thuật trước phiên họp"
CHECKS = (("Kiểm tra trước 1 ngày", "check"), ("Kiểm tra lúc T-60", "check60"))
TICKED = (
    ("picture_in", "Hình đến", "thấy hình từ bên kia"),
    ("picture_out", "Hình đi", "bên kia thấy hình của phòng"),
    ("sound_in", "Tiếng đến", "nghe rõ bên kia"),
    ("sound_out", "Tiếng đi", "bên kia nghe rõ phòng"),
    ("technician", "Cán bộ kỹ thuật", "có mặt tại phòng"),
)
_VERDICTS = {"ok": "đạt", "bad": "không đạt"}
NOT_TICKED = "chưa kiểm tra"
_SIGNED = ("sign_technician", "sign_leader", "sign_main")
_BEGINS = ("powering", "checking")


@dataclass(frozen=True, slots=True)
class Ticked:
    """One tick of the roll-call: `good` as a person heard or saw it, `by` whom and when."""

    item: str
    good: bool
    by: str
    at_ms: int


def technical_check(
    frame: Frame, room: str, meeting: Meeting, rows: Sequence[Row], ticks: Sequence[Ticked]
) -> Document:
    """The day-before test, the check at T-60 and the trial connection of one room for one meeting."""
    blocks: list[Block] = [
        Heading("Căn cứ, phiên họp"),
        Fill("document", "Căn cứ: công văn số", meeting.document_no),
        *_about(meeting),
        Heading("Thời gian, thành phần"),
        *(Para(f"{title}: {_span(rows, noted(rows, f'{name}.{meeting.uid}'))}") for title, name in CHECKS),
        Para(f"Điểm cầu đối tác: {meeting.partner or meeting.chair} ({MACHINE})."),
        Fill("tested_by", "Người kiểm tra, đơn vị"),
    ]
    for title, name in CHECKS:
        blocks += [Heading(title), *checked(noted(rows, f"{name}.{meeting.uid}"))]
    blocks += [
        Heading("Kết nối thử, điểm danh"),
        _ticks(ticks),
        Heading("Tồn tại, biện pháp, hạn, người chịu trách nhiệm"),
        Para(f"Máy đề xuất ({MACHINE}): {_defects(rows, meeting.uid, ticks)}"),
        Fill("defects", rows=4),
        Heading("Kết luận"),
        Fill("verdict", "Đủ / chưa đủ điều kiện"),
        Signs(("Cán bộ kỹ thuật", "Lãnh đạo đơn vị", "Điểm cầu chính"), _SIGNED),
    ]
    return Document(TITLE, tuple(blocks), "kiem-tra", frame.parent, frame.office, f"Điểm cầu {room}", ("Lưu: VT",))


def summed(
    frame: Frame,
    meeting: Meeting,
    rooms: Mapping[str, Sequence[Row]],
    ticks: Mapping[str, Sequence[Ticked]],
    names: Mapping[str, str],
) -> Document:
    """All rooms of the meeting, a line each: what the desk goes by. In the order of their names, no rank."""
    head = ("STT", "Điểm cầu", "Trước 1 ngày", "T-60", *(title for _, title, _ in TICKED), "Cần xem lại")
    body: list[tuple[Cell, ...]] = []
    ordered = sorted(rooms, key=lambda slug: key(names.get(slug, slug)))
    for number, slug in enumerate(ordered, start=1):
        said = {tick.item: tick for tick in ticks.get(slug, ())}
        results = (_result(noted(rooms[slug], f"{name}.{meeting.uid}")) for _, name in CHECKS)
        seen = (_verdict(said.get(item)) for item, _, _ in TICKED)
        last = noted(rooms[slug], f"check60.{meeting.uid}") or noted(rooms[slug], f"check.{meeting.uid}")
        body.append((number, names.get(slug, slug), *results, *seen, ", ".join(_doubtful(last))))
    blocks = (
        Fill("document", "Căn cứ: công văn số", meeting.document_no),
        *_about(meeting),
        Para(f"Trước 1 ngày, T-60: {MACHINE}; hình, tiếng, cán bộ: {PERSON}."),
        Grid(head, tuple(body), (1, 4, 3, 3, *(2,) * len(TICKED), 5)),
        Fill("defects", "Tồn tại, biện pháp", rows=4),
        Signs(("Người lập", "Điểm cầu chính"), ("sign_author", "sign_main")),
    )
    subtitle = f"Tổng hợp {len(body)} điểm cầu"
    return Document(TITLE, blocks, "kiem-tra", frame.parent, frame.office, subtitle, ("Lưu: VT",))


def _about(meeting: Meeting) -> list[Block]:
    kind = f", {say(f'calendar.kind.{meeting.kind}').lower()}" if meeting.kind else ""
    return [
        Para(f"Phiên họp: {meeting.title}{kind}, {when(meeting)}; điểm cầu chủ trì: {meeting.chair} ({MACHINE}).")
    ]


def _span(rows: Sequence[Row], check: Row | None) -> str:
    """From when the room was switched on for it to its result."""
    if check is None:
        return f"{UNKNOWN}."
    begins = [row.at_ms for row in rows if row.kind == "phase" and row.body.get("to") in _BEGINS
              and check.at_ms - HOUR_MS <= row.at_ms <= check.at_ms]  # fmt: skip
    until = f"{moment(check.at_ms):%H:%M ngày %d/%m/%Y} ({MACHINE})."
    return f"từ {moment(begins[-1]):%H:%M} đến {until}" if begins else f"xong lúc {until}"


def _ticks(ticks: Sequence[Ticked]) -> Grid:
    said = {tick.item: tick for tick in ticks}
    body: list[tuple[Cell, ...]] = []
    for number, (item, title, need) in enumerate(TICKED, start=1):
        tick = said.get(item)
        who = (f"{tick.by} ({PERSON})", moment(tick.at_ms)) if tick is not None else ("", None)
        body.append((number, title, need, _verdict(tick), *who))
    head = ("STT", "Hạng mục", "Yêu cầu", "Kết quả", "Người xác nhận", "Lúc")
    return Grid(head, tuple(body), (1, 3, 5, 3, 4, 3))


def _verdict(tick: Ticked | None) -> str:
    return NOT_TICKED if tick is None else _VERDICTS["ok" if tick.good else "bad"]


def _result(check: Row | None) -> str:
    value = check.body.get("value") if check is not None else None
    word = str(value[0]) if isinstance(value, list | tuple) and value else ""
    return RESULTS.get(word, UNKNOWN)


def _doubtful(check: Row | None) -> list[str]:
    """What did not pass, by name and result."""
    return [
        f"{thing(name)} ({RESULTS[str(word)]})"
        for name, word, _, _ in items(check)
        if word in ("failed", "not_made")
    ]


def _defects(rows: Sequence[Row], uid: str, ticks: Sequence[Ticked]) -> str:
    """From the last check that there is, and the ticks; nothing known is no clean sheet."""
    last = noted(rows, f"check60.{uid}") or noted(rows, f"check.{uid}")
    titles = {item: title for item, title, _ in TICKED}
    bad = [f"{titles.get(tick.item, tick.item)} (không đạt)" for tick in ticks if not tick.good]
    found = [*_doubtful(last), *bad]
    if found:
        return "; ".join(found) + "."
    return "không có hạng mục nào không đạt." if items(last) else f"{UNKNOWN}."
