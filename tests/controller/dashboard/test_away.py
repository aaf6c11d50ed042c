"""The line or the centre goes away in the middle of a form: what was typed stays, the page says so in the reader's
words, goes on by itself, and a press that is repeated meanwhile is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import delete, func, select

from controller.dashboard.store.tables_people import PASSES
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENT_LINES, INSTANCES, MEETINGS, SHIFTS
from controller.dashboard.web.gate import COOKIE, admit
from tests.controller.dashboard.browser import PHONE, Served, address, come, opened, sign_in
from tests.controller.dashboard.kit import HOUR, NOW_MS
from tests.controller.dashboard.test_every_page import furnished

pytestmark = pytest.mark.timeout(120)
AWAY = "Không liên lạc được với trung tâm"
TEXT = "Đã gọi điện lực, chờ 30 phút"


@pytest.fixture
def desk_page(tmp_path: Path) -> Iterator[tuple[Served, Page]]:
    with Served(address(tmp_path)) as served, opened(served, line_fails=True) as page:
        furnished(served)
        sign_in(served, page, "admin")
        yield served, page


def count(served: Served, table: object, *where: object) -> int:
    found: int = served.rows(select(func.count()).select_from(table).where(*where))[0][0]  # type: ignore[arg-type]
    return found


def test_a_note_that_did_not_reach_the_centre_stays_in_its_field(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/incidents/1")
    field = page.locator(".work input[name=text]")
    field.fill(TEXT)
    page.context.set_offline(True)
    field.press("Enter")
    expect(page.locator(".detail [role=alert]")).to_contain_text(AWAY)
    expect(field).to_have_value(TEXT)
    page.context.set_offline(False)
    field.press("Enter")
    expect(field).to_have_value("")
    assert count(served, INCIDENT_LINES, INCIDENT_LINES.c.text == TEXT) == 1


def test_a_fault_told_from_a_phone_without_a_line_is_told_later(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, line_fails=True) as page:
        furnished(served)
        made = admit(served.place, "phone", NOW_MS + 9 * HOUR, name="Kim Sơn", room="kim-son")
        page.goto(f"{served.url}/#/pass/{served.run(lambda: made)}")
        form = page.locator("form", has=page.locator("select[name=kind]"))
        field, send = form.locator("textarea"), form.get_by_role("button")
        field.fill(TEXT)
        page.context.set_offline(True)
        send.click()
        expect(page.locator(".said")).to_contain_text(AWAY)
        expect(field).to_have_value(TEXT)
        page.context.set_offline(False)
        send.click()
        expect(field).to_have_value("")
        assert count(served, FEEDBACK, FEEDBACK.c.text == TEXT) == 1


def test_what_was_not_sent_from_a_live_session_is_said_until_the_line_is_back(
    desk_page: tuple[Served, Page],
) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/session")
    message = page.get_by_role("form", name="Tin nhắn cho điểm cầu").locator("input[name=text]")
    message.fill(TEXT)
    page.context.set_offline(True)
    message.press("Enter")
    expect(page.locator(".said")).to_contain_text(AWAY)
    for _ in range(2):
        with page.expect_event("requestfailed", lambda it: it.method == "GET" and "/api/sessions/" in it.url):
            pass
    expect(page.locator(".said")).to_contain_text(AWAY)
    expect(page.locator("p.lost")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("p.lost")).to_have_count(0)
    message.press("Enter")
    expect(page.locator(".said")).not_to_contain_text(AWAY)


def test_a_press_that_is_repeated_before_the_answer_is_one(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    held: list[Route] = []
    page.route("**/api/shifts", lambda it: held.append(it) if it.request.method == "POST" else it.fallback())
    page.goto(f"{served.url}/#/shifts")
    before = count(served, SHIFTS)
    page.locator("textarea").fill(TEXT)
    give = page.locator("form.shift button.main").first
    give.click()
    give.click()
    expect(give).to_be_visible()
    come(page, lambda: held)
    for route in held:
        route.continue_()
    expect(page.locator("textarea")).to_have_value("")
    assert (len(held), count(served, SHIFTS) - before) == (1, 1)


def filled(served: Served, page: Page) -> Locator:
    """The form of a new meeting, ready to be sent."""
    page.goto(f"{served.url}/#/calendar")
    page.locator(".cal-head button.main").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Tên phiên họp").fill("Họp đột xuất")
    form.locator(".cal-pick input, .cal-rooms input[type=checkbox]").first.check()
    return form


def test_a_meeting_is_booked_once_by_a_double_click(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    held: list[Route] = []
    page.route("**/api/meetings", lambda route: held.append(route))
    form = filled(served, page)
    before = count(served, MEETINGS)
    form.locator("button.main").dblclick()
    come(page, lambda: held)
    for route in held:
        route.continue_()
    expect(form).to_have_count(0)
    assert (len(held), count(served, MEETINGS) - before) == (1, 1)


def test_a_meeting_whose_answer_was_lost_is_booked_once_when_it_is_sent_again(
    desk_page: tuple[Served, Page],
) -> None:
    served, page = desk_page

    def lose(route: Route) -> None:
        assert route.fetch().ok, "the centre has booked it"
        route.abort()

    page.route("**/api/meetings", lose, times=1)
    form = filled(served, page)
    before = count(served, MEETINGS)
    form.locator("button.main").click()
    expect(form.get_by_role("alert")).not_to_be_empty()
    assert count(served, MEETINGS) - before == 1
    form.locator("button.main").click()
    expect(form).to_have_count(0)
    assert count(served, MEETINGS) - before == 1


def test_a_form_outlives_its_session_and_says_in_words_what_it_will_not_take(
    desk_page: tuple[Served, Page],
) -> None:
    served, page = desk_page
    form = filled(served, page)
    day = form.get_by_label("Ngày").first
    good = day.input_value()
    day.fill("15/07/2150")
    expect(form.get_by_role("alert")).to_contain_text("hãy xem lại những gì vừa gõ")
    day.fill(good)
    served.transaction(lambda connection: connection.execute(delete(PASSES)))
    form.locator("button.main").click()
    expect(form.get_by_role("alert")).to_contain_text("ở một cửa sổ khác")
    served.sign_in("admin")
    secret = served.http.cookies[COOKIE]
    page.context.add_cookies([{"name": COOKIE, "value": secret, "url": served.url}])
    form.locator("button.main").click()
    expect(form).to_have_count(0)
    assert served.rows(select(INSTANCES.c.title).where(INSTANCES.c.title == "Họp đột xuất"))


def test_what_the_centre_refused_is_not_taken_back_by_looking_again(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/calendar")
    page.locator(".ec-event").first.click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="Sửa").click()
    title = form.get_by_label("Tên phiên họp")
    title.fill("Tên của tôi")
    with page.expect_response("**/meetings/look**"):
        pass
    uid = served.rows(select(INSTANCES.c.uid))[0].uid
    moved = {"uid": uid, "start_ms": NOW_MS + HOUR, "end_ms": NOW_MS + 3 * HOUR}
    assert served.http.post("/api/meetings/move", json=moved).status_code == 200  # by another operator
    title.fill("Tên của tôi nữa")
    with page.expect_response("**/meetings/look**"):
        form.locator("button.main").click()
    expect(form.get_by_role("alert")).to_contain_text("Người khác vừa sửa")
    expect(title).to_have_value("Tên của tôi nữa")


def test_a_person_is_edited_and_removed_by_keyboard(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/people")
    edit = page.get_by_role("button", name="Sửa: Lê Văn An")
    edit.press("Enter")
    name = page.get_by_label("Họ tên", exact=True)
    expect(name).to_be_focused()
    name.press("Enter")
    expect(edit).to_be_focused()
    edit.press("Enter")
    remove = page.get_by_role("form").locator(".row").last.get_by_role("button").last
    remove.press("Enter")
    remove.press("Enter")
    expect(edit).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_keyboard_stays_at_a_request_that_was_answered(desk_page: tuple[Served, Page]) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/calendar/requests")
    request = page.get_by_role("region", name="Tập huấn tiêm chủng")
    request.get_by_role("button", name="Duyệt").press("Enter")
    expect(request.get_by_role("button", name="Duyệt")).to_have_count(0)
    expect(request).to_be_focused()


@pytest.mark.parametrize(
    ("screen", "button", "around"),
    [
        ("shifts", "Nhận ca", "article.shift"),
        ("shifts", "Đã nhận", "form.shift"),
        ("shifts", "Trả lời, đã xong", "section.card"),
        ("incidents", "Kết thúc bảo trì", "section section"),
        ("session", "Đã nhận", "li"),
    ],
)
def test_the_keyboard_goes_on_where_a_button_went_away(
    desk_page: tuple[Served, Page], screen: str, button: str, around: str
) -> None:
    served, page = desk_page
    page.goto(f"{served.url}/#/{screen}")
    pressed = page.locator("main").get_by_role("button", name=button).first
    near = pressed.evaluate_handle("(one, around) => one.closest(around)", around)
    was = pressed.element_handle()
    pressed.press("Enter")
    page.wait_for_function("(one) => !one.isConnected", arg=was)
    page.wait_for_function("(one) => document.activeElement === one", arg=near)


def test_a_page_that_could_not_be_fetched_comes_with_the_line(desk_page: tuple[Served, Page]) -> None:
    _, page = desk_page
    page.context.set_offline(True)
    page.get_by_role("link", name="Biên bản và báo cáo").click()
    expect(page.locator("main h1")).not_to_have_text("Biên bản và báo cáo")
    page.context.set_offline(False)
    expect(page.locator("select[name=form]")).to_be_visible()


def test_news_come_again_after_a_proxy_answered_for_a_centre_that_restarts(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, line_fails=True) as page:
        page.route("**/api/stream", lambda route: route.fulfill(status=502, body="Bad Gateway"))
        sign_in(served, page)
        expect(page.locator("p.lost")).to_have_text("Mất kết nối với trung tâm, đang thử lại")
        page.unroute("**/api/stream")
        expect(page.locator("p.lost")).to_have_count(0)


def test_a_link_that_counts_no_more_says_so(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, PHONE) as page:
        page.goto(f"{served.url}/#/pass/of-yesterday")
        expect(page.get_by_role("alert")).to_contain_text("Liên kết đã hết hiệu lực")
        assert page.url.endswith("/#/"), "the words are said once"
