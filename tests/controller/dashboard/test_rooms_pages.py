"""The countdown, the tiles and the page of a room, used in a real browser as an operator uses them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import update

from controller.dashboard.store.tables import LAST, ORDERS, RECORDS
from controller.dashboard.store.tables_people import PEOPLE, ROOM_PEOPLE, ROOMS, UNITS
from tests.controller.dashboard.browser import PHONE, WIDE, Served, address, axe, come, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, room_row
from tests.controller.dashboard.spoken import sampled, speak

NAMES = ("Kim Sơn", "Nho Quan", "Gia Viễn", "Hoa Lư", "Yên Khánh", "Yên Mô", "Tam Điệp", "Phát Diệm", "Đông Thành")
STATES: tuple[Mapping[str, object], ...] = (
    {"phase": "off", "line": "good", "floor": "closed"},
    {"phase": "ready", "line": "good", "floor": "closed"},
    {"phase": "in_call", "line": "good", "floor": "live", "call": True},
    {"phase": "powering", "line": "slow", "health": "warn", "incidents": ["line_slow"]},
    {"phase": "ready", "power": "battery", "line": "good", "health": "warn", "incidents": ["on_battery"]},
    {"phase": "in_call", "line": "line", "health": "bad", "incidents": ["line_down", "dropped"], "help": "called"},
    {"phase": "in_call", "line": "good", "floor": "closed", "asks": ["chair"]},
    {"phase": "bypass", "line": "good", "bypass": True, "health": "warn", "incidents": ["bypass"]},
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(address(tmp_path)) as made:
        yield made


def many(served: Served, count: int, names: Sequence[str] = ()) -> None:
    """A province: units and `count` rooms in every state; one in nine never spoke or is away."""
    units = [{"id": n + 2, "parent": 1, "kind": "xã", "name": f"Xã {name}"} for n, name in enumerate(NAMES)]
    served.store(UNITS, {"id": 1, "parent": None, "kind": "tỉnh", "name": "Tỉnh Ninh Bình"}, *units)
    rooms, last = [], []
    for n in range(count):
        slug = f"r{n}"
        name = names[n] if names else f"{NAMES[n % 9]} {n // 9 + 1}"
        rooms.append({**room_row(slug, name), "unit": n % 9 + 2})
        state = {"boot": "b", "mono_s": 1.0, "health": "good", "power": "mains", **STATES[n % len(STATES)]}
        at = {"room": slug, "received_ms": served.now_ms - n * 40}
        if n % 27 != 5:
            last.append({**at, "part": "state", "body": state})
        online = {"online": n % 27 != 9, "reason": ""}
        last.append({**at, "part": "status", "body": online})
    served.store(ROOMS, *rooms)
    served.store(LAST, *last)
    served.run(served.app.state.watch.look)


def phoned(served: Served, room: str, name: str, phone: str, number: int) -> None:
    served.store(PEOPLE, {"id": number, "name": name, "phone": phone, "email": "", "trained": []})
    served.store(ROOM_PEOPLE, {"room": room, "person": number, "part": "technician"})


def say(served: Served, slug: str, **more: object) -> None:
    """The room says another state."""
    state = {"boot": "b", "mono_s": 2.0, "health": "good", "power": "mains", "line": "good", **more}
    served.now_ms += 1_000

    async def act(connection: Any) -> None:
        where = (LAST.c.room == slug) & (LAST.c.part == "state")
        await connection.execute(update(LAST).where(where).values(body=state, received_ms=served.now_ms))

    served.transaction(act)


def to(page: Page, path: str) -> None:
    page.evaluate("path => { location.hash = path }", path)


def test_164_rooms_fit_one_screen_and_are_found_and_followed(served: Served) -> None:
    many(served, 164)
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms")
        expect(page.locator(".tile")).to_have_count(164)
        read = page.get_by_role("link", name="Đông Thành 1 Tắt", exact=True)
        expect(read).to_have_accessible_description(re.compile("điện lưới, đường truyền: "))
        assert page.evaluate("(e => e.scrollHeight <= e.clientHeight)(document.querySelector('.tiles'))")
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert axe(page) == []
        shot(page, "rooms")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.get_by_role("searchbox").fill("dong thanh 2")
        expect(page.locator(".tile")).to_have_count(1)
        expect(page.locator(".tile b")).to_have_text("Đông Thành 2")
        page.get_by_role("searchbox").fill("")
        page.locator(".rooms-head select").first.select_option(label="\u2003Xã Hoa Lư")
        expect(page.locator(".tile")).to_have_count(18)
        page.locator(".rooms-head select").first.select_option(label="Mọi đơn vị")
        page.get_by_role("button", name="Có sự cố").click()
        trouble = page.locator(".tile").count()
        assert 0 < trouble < 30
        say(served, "r0", phase="ready", health="bad", incidents=["line_down"])
        expect(page.locator(".tile")).to_have_count(trouble + 1)
        page.get_by_role("button", name="Có sự cố").click()
        page.locator('.tile[data-n="0"]').focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.locator(".room-head").wait_for()


# A busy machine: what a page does after its picture is done a second later.
LATE = """() => {
    const soon = window.setTimeout;
    window.requestAnimationFrame = () => 0;
    window.setTimeout = (act, ms, ...more) => soon(act, (ms ?? 0) + 1000, ...more);
  }"""


# Greeted, and away for the rest of the test.
HELLO = "retry: 600000\nevent: hello\ndata: null\n\n"


def hold(page: Page, *paths: str) -> dict[str, Route]:
    """The first request for each, which waits; later ones go through."""
    held: dict[str, Route] = {}

    def take(one: Route) -> None:
        name = one.request.url.rsplit("/", 1)[1]
        if held.setdefault(name, one) is not one:
            one.continue_()

    for path in paths:
        page.route(f"**/api/{path}", take)
    return held


def test_rooms_that_come_between_the_picture_and_the_listening_of_a_page_are_shown(served: Served) -> None:
    many(served, 164)
    with opened(served) as page:
        held = hold(page, "rooms")
        with page.expect_request("**/api/rooms"):
            sign_in(served, page)
        page.evaluate(LATE)
        to(page, "#/rooms")
        page.get_by_text("Điểm cầu đang tải…").wait_for()
        come(page, lambda: held)
        held["rooms"].continue_()
        expect(page.locator(".tile")).to_have_count(164)


def test_what_changes_before_the_centre_is_listened_to_is_asked_for_again(served: Served) -> None:
    many(served, 20)
    with opened(served) as page:
        held = hold(page, "rooms", "stream")
        with page.expect_request("**/api/stream"), page.expect_request("**/api/rooms"):
            sign_in(served, page)
        to(page, "#/rooms")
        come(page, lambda: len(held) == 2)
        old = held["rooms"].fetch()
        say(served, "r0", phase="in_call")
        held["stream"].fulfill(body=HELLO, content_type="text/event-stream")
        page.locator("p.lost").wait_for()
        held["rooms"].fulfill(response=old)
        expect(page.locator(".tile[href='#/rooms/r0']")).to_contain_text("Đang họp")


def test_rooms_that_a_proxy_answers_for_while_the_centre_is_there_again_are_asked_for_again(served: Served) -> None:
    many(served, 20)
    with opened(served, line_fails=True) as page:
        held = hold(page, "rooms", "stream")
        with page.expect_request("**/api/stream"), page.expect_request("**/api/rooms"):
            sign_in(served, page)
        to(page, "#/rooms")
        come(page, lambda: len(held) == 2)
        held["stream"].fulfill(body=HELLO, content_type="text/event-stream")
        page.locator("p.lost").wait_for()
        held["rooms"].fulfill(status=502, body="Bad Gateway")
        expect(page.locator(".tile")).to_have_count(20)


WHOLE = """() => [...document.querySelectorAll('.tile')].filter((tile) => {
    const edge = tile.getBoundingClientRect(), text = document.createRange();
    text.selectNodeContents(tile);
    return [...text.getClientRects()].some((line) => line.right > edge.right || line.bottom > edge.bottom + 1);
  }).map((tile) => tile.innerText)"""
PLACES = (
    "Tây Hoa Lư",
    "Lý Thường Kiệt",
    "Nguyễn Úy",
    "Thiên Trường",
    "Khánh Thiện",
    "Quang Thiện",
    "Phát Diệm",
    "Ý Yên",
)
KINDS = ("UBND phường", "UBND xã", "Trung tâm hội nghị", "Hội trường xã", "Trung tâm GDNN – GDTX", "Phường")


def test_long_names_stand_whole_on_164_tiles_of_one_screen_and_on_a_phone(served: Served) -> None:
    names = [f"{KINDS[n % 6]} {PLACES[n % 8]}" for n in range(163)]
    names.append("Trung tâm Giáo dục nghề nghiệp – Giáo dục thường xuyên Mỹ Lộc")
    many(served, 164, names)
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms")
        expect(page.locator(".tile")).to_have_count(164)
        assert page.evaluate("(e => e.scrollHeight <= e.clientHeight)(document.querySelector('.tiles'))")
        assert page.evaluate(WHOLE) == []
        longest = page.locator(".tile", has_text="Trung tâm Giáo dục nghề … Mỹ Lộc")
        expect(longest).to_have_attribute("title", re.compile(f"^{names[-1]}: "))
        shot(page, "rooms-names")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        expect(page.locator(".tile")).not_to_have_count(164)  # those near what is seen
        assert page.evaluate(WHOLE) == []
        assert axe(page) == []


@pytest.mark.parametrize("count", [1_500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_thousands_of_rooms_are_all_reachable(served: Served, count: int) -> None:
    many(served, count)
    dotted = f"{count:,}".replace(",", ".")
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms")
        page.get_by_text(f"{dotted}/{dotted} điểm cầu").wait_for()
        assert page.locator(".tile").count() < 500
        seen = page.evaluate(
            """async () => {
              const box = document.querySelector('.tiles'), seen = new Set();
              const note = () => box.querySelectorAll('.tile').forEach((tile) => seen.add(tile.hash));
              for (let top = 0; ; top += box.clientHeight) {
                box.scrollTop = top;
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                note();
                if (top > box.scrollHeight) return [...seen];
              }
            }"""
        )
        assert {f"#/rooms/r{n}" for n in range(count)} - set(seen) == set()
        say(served, "r0", phase="ready", health="bad", incidents=["line_down"])
        page.get_by_role("searchbox").fill("kim son 1")
        page.locator('.tile.bad[href="#/rooms/r0"]').wait_for()
        assert axe(page) == []
        shot(page, "rooms-10000")


def test_the_countdown_says_what_is_late_and_who_can_be_phoned(served: Served) -> None:
    many(served, 24)
    rooms = [f"r{n}" for n in range(24)]
    served.meeting("m1", rooms, served.now_ms + 52 * MINUTE, title="Giao ban tháng 7", document_no="45/GM-UBND")
    served.meeting("m2", rooms[:9], served.now_ms + 5 * HOUR, title="Sinh hoạt chuyên môn")
    phoned(served, "r3", "Phạm Văn Đức", "0912 000 111", 1)
    phoned(served, "r8", "Lê Thị Hồng", "0912 000 222", 2)
    noted = {
        "boot": "b",
        "mono_ms": 1,
        "clock": "ntp",
        "kind": "noted",
        "subject": "t60.m1",
        "priority": "evidence",
    }
    chain = {
        "prev": "",
        "hash": "",
        "hist": False,
        "received_ms": served.now_ms,
        "at_ms": served.now_ms - 8 * MINUTE,
    }
    told = {"r1": "ready", "r2": "ready", "r4": "ready", "r3": ["not_ready", "load.codec"]}
    served.store(
        RECORDS, *({**noted, **chain, "room": r, "seq": 7, "body": {"value": value}} for r, value in told.items())
    )
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/board")
        first = page.locator("section.meeting").first
        first.get_by_text("còn 52 phút").wait_for()
        first.get_by_text("Có nguy cơ trễ").first.wait_for()
        expect(first.locator("tbody tr").first).to_contain_text("Lê Thị Hồng")
        assert first.get_by_role("link", name="0912 000 111").get_attribute("href") == "tel:0912000111"
        assert axe(page) == []
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        tel = first.get_by_role("link", name="0912 000 111").bounding_box()
        assert tel is not None
        assert tel["x"] + tel["width"] <= PHONE["width"], "whom to phone is in sight"
        assert axe(page) == []
        shot(page, "board")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        first.get_by_role("button", name="Hiện tất cả 24 điểm cầu").click()
        expect(first.locator("tbody tr")).to_have_count(24)
        first.get_by_role("link", name="Chứng cứ: Hoa Lư 1").click()
        page.locator("#journal").get_by_text("sẵn sàng lúc T-60 cho “Giao ban tháng 7”").first.wait_for()


def an_hour_ago(served: Served, kind: str, subject: str, body: dict[str, object], priority: str) -> None:
    """A line in the journal of kim-son."""
    served.store(ROOMS, room_row("kim-son", "Kim Sơn"))
    speak(served, "kim-son")
    at_ms = served.now_ms - HOUR
    row = {"room": "kim-son", "seq": 9_000, "boot": "b", "mono_ms": 1, "clock": "ntp", "prev": "", "hash": ""}
    told = {"kind": kind, "subject": subject, "priority": priority, "body": body}
    served.store(RECORDS, {**row, **told, "hist": False, "received_ms": at_ms, "at_ms": at_ms})


def test_the_journal_tells_how_many_messages_were_refused(served: Served) -> None:
    body = {"count": 2997, "by": "Trần Văn An", "topic": "do/load", "code": "bad_json", "args": []}
    an_hour_ago(served, "command.rejected.more", "do/load", body, "incident")
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms/kim-son")
        line = page.locator("#journal li span.warn").first
        expect(line).to_contain_text(
            "từ chối lệnh của Trần Văn An: thêm 2997 lần tương tự, lý do gần nhất · Từ chối: không đọc được lệnh"
        )
        line.scroll_into_view_if_needed()
        assert axe(page) == []
        shot(page, "journal-refused")


def test_the_journal_shows_each_item_of_a_check(served: Served) -> None:
    items = [["ups.charge", "passed", 96, ""], ["load.display", "failed", None, ""], ["line", "not_made", None, ""]]
    value = ["failed", served.now_ms - HOUR, ["load.display"], ["line"], items]
    an_hour_ago(served, "noted", "checked", {"value": value}, "evidence")
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms/kim-son")
        page.locator("#journal summary").get_by_text("3 hạng mục, lúc").click()
        rows = page.locator("#journal details tr")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("96")
        expect(rows.nth(1)).to_contain_text("không đạt")
        assert axe(page) == []


def test_a_room_tells_why_and_takes_commands_with_their_stages(served: Served) -> None:
    served.store(ROOMS, room_row("kim-son", "Kim Sơn"))
    speak(served, "kim-son")
    sampled(served, "kim-son")
    phoned(served, "kim-son", "Phạm Văn Đức", "0912000111", 1)
    served.meeting("m1", ["kim-son"], served.now_ms + 26 * HOUR)
    with opened(served) as page:
        sign_in(served, page)
        to(page, "#/rooms/kim-son")
        page.get_by_role("heading", name="Kim Sơn").wait_for()
        page.locator("canvas").first.wait_for()
        assert axe(page) == []
        shot(page, "room")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.get_by_role("button", name="Bật phòng").click()
        page.get_by_text("đã gửi, chờ trả lời").wait_for()
        assert json.loads(served.way.sent[0].payload)["args"] == {"value": "on"}
        answer(served, stage="done", code="")
        page.get_by_text("đã làm xong").wait_for()
        page.get_by_role("button", name="Tắt phòng").click()
        page.get_by_role("button", name="Gửi lệnh").click()
        page.get_by_text("đã gửi, chờ trả lời").wait_for()
        answer(served, stage="refused", code="in_call")
        page.get_by_text("Không làm khi đang trong cuộc gọi").wait_for()
        page.get_by_role("button", name="Vẫn làm, ghi lý do").click()
        page.get_by_label("Lý do (được lưu)").fill("Cháy tủ điện")
        page.locator("dialog").get_by_role("button", name="Vẫn làm, ghi lý do").click()
        page.get_by_text("Cháy tủ điện").wait_for()
        assert json.loads(served.way.sent[-1].payload)["force"]["reason"] == "Cháy tủ điện"
        page.get_by_role("button", name="Bắt đầu bảo trì").click()
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_chart_is_as_high_as_its_figure_can_be(served: Served) -> None:
    """A battery that stays at 100 % was drawn against 200 %."""
    wanted = {
        ("charge_pct", 100, 100): [0, 100],
        ("input_v", 230, 230): [225.4, 234.6],
        ("loss_ratio", 0, 0): [0, 1],
        ("rtt_ms", 20, 120): [10, 130],
        ("temp_c", -1, 29): [-4, 32],
        ("load_pct", None, None): [0, 100],
    }
    with opened(served) as page:
        sign_in(served, page)
        told = page.evaluate(
            """async (asked) => {
                const { heights } = await import("/static/pages/room_curves.js");
                return asked.map((one) => heights(...one));
            }""",
            [list(one) for one in wanted],
        )
    assert told == [pytest.approx(one) for one in wanted.values()]


def answer(served: Served, **told: object) -> None:
    """The recorder heard the room's answer to the command that waits."""
    served.now_ms += 1_000

    async def act(connection: Any) -> None:
        await connection.execute(
            update(ORDERS).where(ORDERS.c.stage == "sent").values(**told, changed_ms=served.now_ms)
        )

    served.transaction(act)
