"""What the offices' forms share, and form D, the year-end report (people.md 3). Pure: rows and figures in, a
Document out. Vietnamese, as offices file them; what a person has to say is a field (Fill, Blank), marked (người
nhập), what the machine noted is marked (máy ghi). A is in `forms_check.py`, B in `forms_log.py`, C in
`forms_incident.py`, the evidence certificate in `certificate.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.dashboard.collate import key
from controller.dashboard.figures import Figures, Row, Why
from controller.dashboard.forms_needs import measured, needed
from controller.dashboard.papers.model import (
    BY_PERSON,
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
    shown,
)
from controller.dashboard.words import say

RESULTS = {
    "passed": "đạt",
    "failed": "không đạt",
    "partly": "một phần không kiểm tra được",
    "not_made": "không kiểm tra được",
    "not_applicable": "không áp dụng",
    "not_due": "chưa đến hạn",
}
CAUSES = {
    "mains": "điện lưới",
    "provider": "nhà cung cấp đường truyền",
    "device": "thiết bị",
    "handling": "thao tác",
    "centre": "trung tâm",
    "unknown": "chưa rõ",
}
WHOSE: Mapping[bool | None, str] = {True: "chủ quan", False: "khách quan", None: "chưa xác định"}
"""R30: a person says it, or nobody has."""
MACHINE, PERSON = "máy ghi", BY_PERSON
WRITTEN = {
    "upkeep": "IV. Bảo trì, kinh phí (Đ11.3)",
    "defects": "V. Tồn tại, nguyên nhân",
    "proposals": "VI. Kiến nghị, đề xuất",
}
"""What form D leaves to a person."""
MACHINE_DID = "máy"
DOUBTFUL = "giờ chưa chắc"


@dataclass(frozen=True, slots=True)
class Frame:
    """Who issues it."""

    office: str
    parent: str
    network: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """One instance, as the calendar has it; `partner`: who the room makes its trial connection with."""

    uid: str
    title: str
    document_no: str
    start_ms: int
    end_ms: int
    chair: str
    secret: bool = False
    kind: str = ""
    partner: str = ""


def sure(row: Row) -> str:
    return "" if row.sure else DOUBTFUL


def when(meeting: Meeting) -> str:
    start, end = moment(meeting.start_ms), moment(meeting.end_ms)
    if start.date() != end.date():
        return f"{start:%H:%M} ngày {start:%d/%m/%Y} – {end:%H:%M} ngày {end:%d/%m/%Y}"
    return f"{start:%H:%M} – {end:%H:%M} ngày {start:%d/%m/%Y}"


def noted(rows: Sequence[Row], subject: str) -> Row | None:
    return next((row for row in reversed(rows) if row.kind == "noted" and row.subject == subject), None)


def checked(row: Row | None) -> list[Block]:
    """A check as the room noted it: an item a line."""
    value = row.body.get("value") if row is not None else None
    if row is None or not isinstance(value, list | tuple) or len(value) < 5:
        return [Para(f"Không thực hiện được hoặc {UNKNOWN}.")]
    grid: list[tuple[Cell, ...]] = [
        (number, thing(name), needed(str(name)), measured(str(name), figure), RESULTS.get(str(word), "chưa rõ"),
         _why(why))
        for number, (name, word, figure, why) in enumerate(items(row), start=1)
    ]  # fmt: skip
    result = RESULTS.get(str(value[0]), "chưa rõ")
    return [
        Para(
            f"Lúc {moment(row.at_ms):%H:%M %d/%m/%Y} ({', '.join(filter(None, (MACHINE, sure(row))))}): {result}."
        ),
        Grid(("STT", "Hạng mục", "Yêu cầu", "Số đo", "Kết quả", "Ghi chú"), tuple(grid), (1, 4, 4, 3, 3, 4)),
    ]


def items(row: Row | None) -> list[tuple[object, object, object, object]]:
    """(item, result, figure, why) of each line of a check."""
    value = row.body.get("value") if row is not None else None
    rows = value[4] if isinstance(value, list | tuple) and len(value) >= 5 else ()
    rows = rows if isinstance(rows, list | tuple) else ()
    return [(one[0], one[1], one[2], one[3]) for one in rows if isinstance(one, list | tuple) and len(one) == 4]


def thing(name: object) -> str:
    code = f"thing.{name}"
    said = say(code)
    return str(name) if said == code else said


def _why(code: object) -> str:
    if not code:
        return ""
    return next((said for one in (f"checked.{code}", str(code)) if (said := say(one)) != one), str(code))


def effectiveness(
    frame: Frame, span: tuple[int, int], figures: Sequence[Figures], names: Mapping[str, str]
) -> Document:
    """Form D and the running summaries: per room, in the order of their names, and in all."""
    rows = sorted(figures, key=lambda one: key(names.get(one.room, one.room)))
    held = sum(one.meetings.held for one in rows)
    blocks: list[Block] = [
        Heading("I. Tình hình chung"),
        Para(f"Số phòng: {len(rows)}; số lượt phiên họp: {held} ({MACHINE})."),
        Heading("II. Kết quả"),
        _held(rows, names),
        _interrupted(rows),
        Heading("III. Môi trường, điện, tiết kiệm"),
        _power(rows, names),
    ]
    for name, title in WRITTEN.items():
        blocks += [Heading(title), Fill(name, rows=6)]
    blocks += [Heading("Phụ lục: thời gian không có số liệu"), *_missing(rows, names)]
    blocks.append(Signs(("Người lập", "Thủ trưởng đơn vị"), ("sign_author", "sign_head")))
    period = f"Từ {moment(span[0]):%d/%m/%Y} đến {moment(span[1] - 1):%d/%m/%Y}"
    title = "Báo cáo đánh giá hiệu quả"
    return Document(title, tuple(blocks), "hieu-qua", frame.parent, frame.office, period, ("Lưu: VT",))


def _held(rows: Sequence[Figures], names: Mapping[str, str]) -> Grid:
    head: tuple[str, ...] = ("Điểm cầu", "Phiên", "Sẵn sàng đúng giờ", "Trễ", "Triệu tập gấp", "Chưa rõ")
    head += ("Kiểm tra trước 1 ngày: đạt", "không đạt", "không kiểm tra được")
    body: list[tuple[Cell, ...]] = []
    for one in rows:
        m = one.meetings
        counted = (m.held, m.on_time, m.late, m.told_late, m.unknown, m.tested, m.test_failed, m.untested)
        body.append((names.get(one.room, one.room), *counted))
    return Grid(head, tuple(body), (4, 1, 2, 1, 2, 2, 2, 2, 2))


def _interrupted(rows: Sequence[Figures]) -> Grid:
    """A line for each cause and whose it was, the site's own first."""
    body: list[tuple[Cell, ...]] = []
    for cause, own in sorted({why for one in rows for why in one.interruptions}, key=_by_cause):
        cuts = [one.interruptions[cause, own] for one in rows if (cause, own) in one.interruptions]
        name = CAUSES.get(cause) or say(f"page.inc.{cause}")
        body.append((name, WHOSE[own], sum(cut.times for cut in cuts), sum(cut.minutes for cut in cuts)))
    return Grid(("Nguyên nhân gián đoạn", "Chủ quan/khách quan", "Số lần", "Phút"), tuple(body), (5, 3, 2, 2))


def _by_cause(why: Why) -> tuple[str, int]:
    return why[0], list(WHOSE).index(why[1])


def _power(rows: Sequence[Figures], names: Mapping[str, str]) -> Grid:
    head = (
        "Điểm cầu",
        "Giờ bật",
        "Mất điện",
        "Giờ chạy ắc quy",
        "Giờ ngoài ngưỡng",
        "Giờ tiết kiệm",
        "kWh tiết kiệm",
    )
    body: list[tuple[Cell, ...]] = []
    for one in rows:
        kwh: Cell = UNKNOWN if one.saved_kwh is None else one.saved_kwh
        counted = (one.on_h, one.outages, one.outage_h, one.outside_h, one.saved_h, kwh)
        body.append((names.get(one.room, one.room), *counted))
    return Grid(head, tuple(body), (4, 2, 2, 2, 2, 2, 2))


def _missing(rows: Sequence[Figures], names: Mapping[str, str]) -> list[Para]:
    found = [
        Para(f"{names.get(one.room, one.room)}: {UNKNOWN} từ {shown(moment(first))} đến {shown(moment(last))}.")
        for one in rows
        for first, last in one.gaps
    ]
    return found or [Para("Không có.")]
