"""The boxes: what should be looked at and why, refused messages, counts for Prometheus; and the page as used."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.fleet import LOOKS, PARTS, Body, Finding, Journal, row
from controller.dashboard.settings import Centre, Web
from controller.dashboard.store.tables import CURSORS, FINDINGS, LAST, REFUSED
from tests.controller.dashboard import browser
from tests.controller.dashboard.kit import MINUTE, NOW_MS, Desk

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
)
_KEYS = st.sampled_from(
    ("online", "fw", "via", "clock", "seq", "drift", "disk_free_pct", "cpu_temp_c", "maintenance", "until")
)
GOOD: dict[str, tuple[Body, int]] = {
    "status": ({"online": True}, NOW_MS),
    "birth": ({"fw": "1.4.0", "via": "main", "address": "10.0.0.2"}, NOW_MS - MINUTE),
    "state": ({"clock": "ntp", "seq": 40, "maintenance": False}, NOW_MS),
    "detail/host": ({"disk_free_pct": 61.0, "cpu_temp_c": 52.0}, NOW_MS),
}


def looks(journal: Journal | None = None, findings: tuple[Finding, ...] = (), **parts: dict[str, object]) -> object:
    named = {name.replace("_", "/"): (body, NOW_MS) for name, body in parts.items()}
    return row("kim-son", "Kim Sơn", {**GOOD, **named}, journal or Journal(40), findings)["looks"]


def test_a_box_that_is_well_gives_nothing_to_look_at() -> None:
    assert looks() == []


@pytest.mark.parametrize(
    ("part", "body", "look"),
    [
        ("status", {"online": False}, "silent"),
        ("birth", {"via": "backup"}, "backup"),
        ("state", {"clock": "held", "seq": 40}, "clock"),
        ("state", {"clock": "ntp", "seq": 4_000}, "behind"),
        ("detail/host", {"disk_free_pct": 4}, "disk"),
        ("detail/host", {"cpu_temp_c": 83.5}, "hot"),
        ("detail/identity", {"until": "2020-01-01T00:00:00.000+00:00"}, "certificate"),
        ("detail/config", {"drift": {"setting.volume": {"approved": "5", "now": "9"}}}, "drift"),
        ("update", {"installed_version": "1.4.0", "latest_version": "1.5.0"}, "update"),
    ],
)
def test_each_reason_to_look_is_named(part: str, body: dict[str, object], look: str) -> None:
    found = row("kim-son", "Kim Sơn", {**GOOD, part: (body, NOW_MS)}, Journal(40))
    assert found["looks"] == [look]


def test_journals_that_miss_records_and_journals_that_are_doubted_are_told_apart() -> None:
    assert looks(findings=(Finding("trimmed", 3, 4, NOW_MS),)) == ["gap"]
    assert looks(Journal(40, NOW_MS)) == ["gap"]
    assert looks(findings=(Finding("edited", 3, 3, NOW_MS),)) == ["doubt"]


def test_what_is_not_good_or_was_approved_so_is_nothing_to_tell() -> None:
    assert looks(detail_host={"disk_free_pct": {"value": 1, "quality": "stale"}}) == []
    until = datetime.fromtimestamp(NOW_MS / 1000 + 91 * 86_400, UTC)
    assert looks(detail_identity={"until": until.isoformat()}) == []
    assert looks(detail_identity={"until": "soon"}) == []
    assert looks(findings=(Finding("carried", 812, 812, NOW_MS),)) == [], "a replaced Pi is in order"
    assert looks(detail_config={"drift": {"port": {"approved": ["a", "b"], "now": ["a", "b"]}}}) == []


@given(st.dictionaries(st.sampled_from(PARTS), st.dictionaries(_KEYS, _json)))
def test_no_words_of_a_room_raise(parts: dict[str, dict[str, object]]) -> None:
    found = row("x", "x", {part: (body, 1) for part, body in parts.items()}, Journal())
    assert set(found["looks"]) <= set(LOOKS)  # type: ignore[call-overload]


def fill(desk: Desk) -> None:
    """Kim Sơn is well, Nho Quan is not, Gia Viễn is registered and never spoke."""
    from controller.dashboard.store.tables_people import ROOMS
    from tests.controller.dashboard.kit import room_row

    desk.room("kim-son", "Kim Sơn", seq=40)
    desk.room("nho-quan", "Nho Quan", seq=9_000, clock="held", maintenance=True)
    desk.store(ROOMS, room_row("gia-vien", "Gia Viễn"))
    config = {"drift": {"setting.call_rate": {"approved": "1920", "now": "768"}}}
    said = [
        ("kim-son", "birth", {"fw": "1.4.0", "via": "main", "address": "10.20.3.2"}),
        ("kim-son", "detail/host", {"disk_free_pct": 61.4, "cpu_temp_c": 52.3}),
        ("nho-quan", "birth", {"fw": "1.3.2", "via": "backup", "address": "10.20.4.2"}),
        ("nho-quan", "detail/host", {"disk_free_pct": 6.2, "cpu_temp_c": 84.0}),
        ("nho-quan", "detail/config", config),
    ]
    desk.store(
        LAST, *({"room": room, "part": part, "body": body, "received_ms": NOW_MS} for room, part, body in said)
    )
    zero = {"boot": "b1", "asked": 0, "stuck_ms": 0, "begun_ms": 0, "checked": 0}
    desk.store(CURSORS, {"room": "kim-son", "upto": 40, **zero}, {"room": "nho-quan", "upto": 8_200, **zero})
    desk.store(FINDINGS, {"room": "nho-quan", "code": "edited", "first": 17, "last": 17, "found_ms": NOW_MS})
    bad = {"topic": "diemcau/1/nho-quan/state", "size": 10_000_000, "received_ms": NOW_MS}
    desk.store(REFUSED, {**bad, "why": "large", "start": b'{"name":"<script>alert(1)</script>"'})


def test_the_boxes_as_the_page_gets_them(desk: Desk) -> None:
    fill(desk)
    assert desk.http.get("/api/fleet").status_code == 401
    desk.sign_in("viewer")
    assert desk.http.get("/api/fleet").json()["code"] == "rights.role"
    desk.sign_in("operator")
    said = desk.http.get("/api/fleet").json()
    rooms = {room["slug"]: room for room in said["rooms"]}
    assert rooms["kim-son"]["looks"] == []
    assert rooms["gia-vien"]["looks"] == ["silent"]
    assert rooms["nho-quan"]["looks"] == ["doubt", "behind", "backup", "clock", "disk", "hot", "drift"]
    assert rooms["nho-quan"]["behind"] == 800
    assert said["refused"][0]["start"].startswith('{"name":"<script>')


def test_counts_for_prometheus_carry_no_names_and_are_open_only_where_settings_say_so(desk: Desk) -> None:
    fill(desk)
    assert desk.http.get("/metrics").status_code == 401
    desk.sign_in("viewer")
    text = desk.http.get("/metrics").text
    assert "diemcau_rooms_online 2.0" in text
    assert "diemcau_records_total 8240.0" in text
    assert 'diemcau_journal_findings{code="edited"} 1.0' in text
    assert "kim-son" not in text


def test_counts_for_prometheus_where_settings_open_them(address: str) -> None:
    with Desk(address, Centre(web=Web(metrics=True))) as desk:
        assert desk.http.get("/metrics").status_code == 200


def test_the_fleet_page_is_sorted_filtered_and_opened(tmp_path: Path) -> None:
    with browser.Served(browser.address(tmp_path)) as served, browser.opened(served) as page:
        fill(served)
        browser.sign_in(served, page)
        page.get_by_role("link", name="Thiết bị").click()
        rows = page.locator("tbody").first.locator("tr")
        rows.nth(2).wait_for()
        assert [rows.nth(n).locator("a").inner_text() for n in range(3)] == ["Gia Viễn", "Nho Quan", "Kim Sơn"]
        page.get_by_role("button", name="Phiên bản").click()
        assert rows.nth(2).locator("a").inner_text() == "Kim Sơn"
        page.get_by_role("button", name="Chi tiết của Nho Quan").click()
        assert "bản ghi 17: nội dung không khớp mã băm" in page.locator("tbody").first.inner_text()
        assert page.get_by_text("<script>alert(1)</script>").is_visible()
        browser.shot(page, "fleet")
        assert browser.axe(page) == []
        page.get_by_role("searchbox").fill("kim son")
        page.get_by_text("1/3 thiết bị, 2 đang kết nối").wait_for()
        page.get_by_role("button", name="Sáng hoặc tối").click()
        browser.shot(page, "fleet-dark")
        assert browser.axe(page) == []
