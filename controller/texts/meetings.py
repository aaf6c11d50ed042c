"""What people call a meeting: title and time, in place of an identity that means nothing to them. Pure.

Vietnam keeps one time all year; neither a journal nor the updater's view says where it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from controller.texts import text

OFFSET = timedelta(hours=7)


def local(wall_ms: int) -> datetime:
    """Raises ValueError, OverflowError or OSError for a number that no calendar has."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC) + OFFSET


def clock_of(wall_ms: int) -> str:
    """Hour and date of a moment, without the mark of who is to be believed."""
    return f"{local(wall_ms):%H:%M %d/%m/%Y}"


def called(title: str, start_ms: int, lang: str) -> str:
    """“Giao ban tháng 7” (08:00 25/07/2026)."""
    return text("meeting.called" if title else "meeting.called_untitled", lang, (title, clock_of(start_ms)))


def of_view(view: object, lang: str) -> dict[str, str]:
    """Identity → what it is called, of every meeting in the view that the controller shows of itself."""
    detail = view.get("detail") if isinstance(view, Mapping) else None
    rows = detail.get("titles") if isinstance(detail, Mapping) else None
    found: dict[str, str] = {}
    for uid, row in rows.items() if isinstance(rows, Mapping) else ():
        start_ms = row.get("start_ms") if isinstance(row, Mapping) else None
        if isinstance(start_ms, int):
            found[str(uid)] = called(str(row.get("title") or ""), start_ms, lang)
    return found
