"""Form C, the incident report (people.md 3): what happened, line by line, with what each line is about. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from controller.dashboard.forms import CAUSES, MACHINE, PERSON, WHOSE, Frame
from controller.dashboard.papers.model import Cell, Document, Fill, Grid, Heading, Signs, moment, shown
from controller.dashboard.words import say

_ALERTS = ("opened", "reopened", "joined", "left")
_MAINTENANCE = ("maintained", "unmaintained")


def incident_report(
    frame: Frame, row: Mapping[str, Any], names: Mapping[str, str], lines: Sequence[Mapping[str, Any]]
) -> Document:
    """Form C. The site's explanation stands before the cause that a person set (R30). `names`: slug → name."""
    until = row["until_ms"]
    minutes = None if until is None else round(open_ms(lines, row["from_ms"], until) / 60_000)
    set_by = f" – {WHOSE[row['own']]} ({row['cause_by']})" if row["cause"] else ""
    facts: tuple[tuple[Cell, ...], ...] = (
        ("Điểm cầu", ", ".join(names.get(slug, slug) for slug in row["rooms"]), MACHINE),
        ("Loại", say(f"page.inc.{row['code']}"), MACHINE),
        ("Bắt đầu", moment(row["from_ms"]), MACHINE),
        ("Khắc phục", None if until is None else moment(until), MACHINE),
        ("Gián đoạn (phút)", minutes, MACHINE),
        ("Dự kiến khắc phục", None if row["expected_ms"] is None else moment(row["expected_ms"]), PERSON),
        ("Giải trình của điểm cầu", row["explanation"] or None, PERSON),
        ("Nguyên nhân máy đề xuất", CAUSES.get(row["proposed"], "chưa rõ"), MACHINE),
        ("Nguyên nhân", f"{CAUSES.get(row['cause'], '')}{set_by}" or None, PERSON),
        ("Ý kiến nhà cung cấp (mã phiếu)", row["opinion"] or None, PERSON),
        ("Ảnh hưởng (nội dung, thời gian điều chỉnh)", row["effect"] or None, PERSON),
        ("Biện pháp, phòng ngừa", row["measures"] or None, PERSON),
    )
    timeline: tuple[tuple[Cell, ...], ...] = tuple(
        (moment(line["at_ms"]), say(f"page.inc.kind.{line['kind']}"), about(line, names) or None, line["by"])
        for line in lines
    )
    blocks = (
        Grid(("Mục", "Nội dung", "Nguồn"), facts, (5, 9, 2)),
        Heading("Diễn biến"),
        Grid(("Giờ", "Việc", "Nội dung", "Người ghi"), timeline, (3, 3, 8, 3)),
        Fill("notes", "Ý kiến khác", rows=3),
        Signs(("Cán bộ kỹ thuật", "Lãnh đạo đơn vị"), ("sign_technician", "sign_leader")),
    )
    return Document("Báo cáo sự cố", blocks, f"su-co-{row['id']}", frame.parent, frame.office, "", ("Lưu: VT",))


def open_ms(lines: Sequence[Mapping[str, Any]], from_ms: int, until_ms: int) -> int:
    """How long it was open, without the time between an end and the same again."""
    total, since = 0, from_ms
    for line in lines:
        if line["kind"] == "closed":
            total, since = total + line["at_ms"] - since, until_ms
        elif line["kind"] == "reopened":
            since = line["at_ms"]
    return total + until_ms - since


def about(line: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What one line of the timeline is about, as the page says it too."""
    kind, args = line["kind"], line["args"]
    if kind in _ALERTS:
        return "; ".join(f"{names.get(room, room)} – {say(f'alert.{code}')}" for room, code in args)
    if kind == "expected":
        return shown(moment(args[0]))
    if kind == "proposed":
        return f"{CAUSES.get(args[0], args[0])} ({say(f'page.inc.why.{args[1]}')})"
    if kind == "cause":
        return f"{CAUSES.get(args[0], args[0])}, {WHOSE[args[1]]}"
    if kind in _MAINTENANCE:
        return " – ".join(filter(None, (names.get(args[0], args[0]), line["text"])))
    return str(line["text"])
