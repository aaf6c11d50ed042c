"""Our own calendar for the programs of others: laid out, one event a meeting, no rule to misread. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from controller.dashboard.discreet import shown
from controller.dashboard.meeting_text import event_of, framed


def feed(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """`rows` as calendar_ask.booked gives them. A cancelled meeting is told as such, so that it disappears there
    too; of a secret one the hour alone. Practice (R31) is the desk's alone: who read of it would go to a room that
    stays dark."""
    told = (row for row in rows if not row["practice"])
    return framed(event_of(row, shown(row)["title"], names.get(row["chair"], "")) for row in told)
