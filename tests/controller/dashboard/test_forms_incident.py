"""Form C: what each line of the timeline is about, how long it really was open; and the minutes of form D."""

from __future__ import annotations

from typing import Any

import pytest

from controller.dashboard.forms_incident import about, open_ms
from controller.dashboard.store.tables_work import INCIDENT_ALERTS, INCIDENTS
from controller.dashboard.web.report_rows import interruptions
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

NAMES = {"kim-son": "Kim Sơn"}


def line(kind: str, *args: object, text: str = "", at_ms: int = 0) -> dict[str, Any]:
    return {"kind": kind, "args": list(args), "text": text, "at_ms": at_ms}


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (line("opened", ["kim-son", "smoke"], ["x", "leak"]), "Kim Sơn – Khói; x – Nước"),
        (line("expected", NOW_MS), "08:00 15/07/2026"),
        (line("proposed", "provider", "same_boot"), "nhà cung cấp đường truyền (bộ điều khiển chạy liên tục)"),
        (line("cause", "mains", False), "điện lưới, khách quan"),
        (line("maintained", "kim-son", text="thay quạt"), "Kim Sơn – thay quạt"),
        (line("unmaintained", "kim-son"), "Kim Sơn"),
        (line("notified", 7, text="mailto://…"), "mailto://…"),
        (line("note", text="đã gọi"), "đã gọi"),
        (line("asked"), ""),
    ],
)
def test_what_a_line_is_about(one: dict[str, Any], told: str) -> None:
    assert about(one, NAMES) == told


def test_the_time_between_an_end_and_the_same_again_does_not_count() -> None:
    assert open_ms([line("opened"), line("closed", at_ms=5)], 0, 5) == 5
    twice = [line("closed", at_ms=5), line("reopened", at_ms=9), line("closed", at_ms=12)]
    assert open_ms(twice, 0, 12) == 8
    assert open_ms([], 0, 7) == 7, "an older centre wrote no lines"


def test_form_d_counts_one_that_came_back_once_and_without_the_time_between(desk: Desk) -> None:
    base = {"scope": "room", "rooms": ["a"], "meeting": "", "from_ms": NOW_MS, "seen_ms": NOW_MS, "changed_ms": 0}
    desk.store(
        INCIDENTS,
        {**base, "id": 1, "key": "device:a", "code": "device"},
        {**base, "id": 2, "key": "evidence:a", "code": "evidence"},
    )
    alert = {"incident": 1, "room": "a", "code": "lost"}
    desk.store(
        INCIDENT_ALERTS,
        {**alert, "from_ms": NOW_MS, "until_ms": NOW_MS + 2 * MINUTE},
        {**alert, "from_ms": NOW_MS + MINUTE, "code": "failed", "until_ms": NOW_MS + 3 * MINUTE},
        {**alert, "from_ms": NOW_MS + 10 * MINUTE, "until_ms": NOW_MS + 11 * MINUTE},
        {**alert, "incident": 2, "from_ms": NOW_MS, "until_ms": NOW_MS + HOUR},
    )

    async def ask(connection: Any) -> list[tuple[str, int]]:
        found = await interruptions(connection, "a", (NOW_MS, NOW_MS + HOUR))
        return [(one.code, one.until_ms - one.from_ms) for one in found]

    assert desk.transaction(ask) == [("device", 4 * MINUTE)]
