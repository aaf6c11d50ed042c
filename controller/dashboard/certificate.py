"""The evidence certificate of a meeting (N1). Pure: rows and the chain's verdict in, a Document out."""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.verify import Verdict
from controller.dashboard.figures import Row
from controller.dashboard.forms import MACHINE, Frame, Meeting, checked, noted, sure, thing, when
from controller.dashboard.papers.model import Block, Cell, Document, Grid, Heading, Para, moment, shown
from controller.dashboard.words import say


def certificate(frame: Frame, room: str, meeting: Meeting, rows: Sequence[Row], verdict: Verdict) -> Document:
    """N1: what is proven of this room for this meeting, with the trust of each line's clock, and whether the
    chain is as it was written. Of a secret meeting only power and safety."""
    kinds = ("proof", "phase") if meeting.secret else ("proof", "phase", "press", "command", "alert", "alert.end")
    wanted = [row for row in rows if row.kind in kinds and (row.kind != "proof" or row.subject.startswith("load."))]
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (row.seq, moment(row.at_ms), sure(row) or "chắc", say(f"record.{row.kind}"), _about(row)) for row in wanted
    )
    ready = noted(rows, f"ready.{meeting.uid}")
    word = {"in_time": "đúng giờ", "late": "trễ"}.get(str(ready.body.get("value")) if ready else "", "chưa rõ")
    due = shown(moment(meeting.start_ms - 3_600_000))
    blocks: tuple[Block, ...] = (
        Para(f"Phiên họp: {meeting.title}, {when(meeting)}."),
        Para(f"Phải sẵn sàng lúc {due} (T-60): {word} ({MACHINE})."),
        Heading("Kiểm tra trước 1 ngày"),
        *checked(noted(rows, f"check.{meeting.uid}")),
        Heading("Diễn biến đã ghi"),
        Grid(("Số", "Giờ", "Đồng hồ", "Loại", "Nội dung"), lines, (2, 4, 2, 3, 7)),
        Heading("Chuỗi chứng cứ"),
        *_chain(room, verdict),
    )
    title = "Chứng nhận vận hành của phiên họp"
    return Document(title, blocks, "chung-cu", frame.parent, frame.office, f"Điểm cầu {room}")


def _chain(room: str, verdict: Verdict) -> list[Para]:
    head = verdict.head
    problems = [Para(_problem(room, finding.code, finding.first, finding.last)) for finding in verdict.problems]
    said = Para(f"{verdict.count} dòng, từ số {verdict.first} đến số {head.seq}, mã {head.hash}.")
    return [said, *(problems or [Para("Nguyên vẹn: không dòng nào bị sửa, bỏ hoặc đổi chỗ.")])]


def _about(row: Row) -> str:
    if row.kind == "phase":
        return say(f"phase.{row.body.get('to')}")
    if row.kind.startswith("alert"):
        return f"{say('alert.' + str(row.body.get('alert')))} ({thing(row.subject)})"
    value = row.body.get("seen", row.body.get("gesture", row.body.get("verb", "")))
    return f"{thing(row.subject)}: {thing(value)}"


def _problem(room: str, code: str, first: int, last: int) -> str:
    words = {
        "edited": "nội dung bị sửa",
        "replaced": "bị thay",
        "removed": "bị bỏ",
        "reordered": "bị đổi chỗ",
        "repeated": "bị lặp",
        "contradicts": "trái với mã trung tâm đã lưu",
        "cut": "thiếu phần cuối",
    }
    return f"{room}: dòng {first}{'' if first == last else f'–{last}'} {words.get(code, code)}."
