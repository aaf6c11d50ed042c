"""A technician of a commune: every room of it as with the room's own link, and nothing of any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from controller.dashboard.store.tables_people import ROOMS, UNITS, USER_COMMUNES, USERS
from controller.dashboard.store.tables_work import FEEDBACK, INCIDENT_ALERTS, INCIDENTS, MAINTENANCE
from controller.dashboard.web.api_stream import _sieve
from tests.controller.dashboard.browser import PHONE, Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk, user_row
from tests.controller.dashboard.test_rights import OF_EVERYONE, OPEN, UID, routes

OTHERS = "rights.other_commune"
FORMS = {"POST /api/rooms/hoa-lu/orders", "DELETE /api/exchange/feeds/1"}
"""They look at the form of what is asked before they look at who asks."""


def communes(desk: Desk, *mine: int) -> None:
    """Kim Sơn (1) with a hamlet below it (3), Hoa Lư (2); one incident and one meeting of both."""
    desk.store(UNITS, {"id": 1, "parent": None, "kind": "xã", "name": "Kim Sơn"},
               {"id": 2, "parent": None, "kind": "phường", "name": "Hoa Lư"},
               {"id": 3, "parent": 1, "kind": "thôn", "name": "Như Hòa"})  # fmt: skip
    for slug, name, unit in (("kim-son", "Kim Sơn", 1), ("hoa-lu", "Phòng Hoa Lư", 2), ("nhu-hoa", "Như Hòa", 3)):
        desk.room(slug, name)
        moved(desk, slug, unit)
    desk.meeting(UID, ["kim-son", "hoa-lu"], NOW_MS - 10 * MINUTE)
    times = {"from_ms": NOW_MS, "seen_ms": NOW_MS, "changed_ms": NOW_MS}
    both = {"key": "k", "open_key": "k", "code": "power", "scope": "room", "rooms": ["kim-son", "hoa-lu"], **times}
    theirs = {**both, "key": "l", "open_key": "l", "rooms": ["hoa-lu"]}
    desk.store(INCIDENTS, {"id": 1, **theirs}, {"id": 2, **both})
    desk.store(MAINTENANCE, {"room": "hoa-lu", "from_ms": NOW_MS, "until_ms": NOW_MS + HOUR, "by": "x",
                             "reason": "Lư"})  # fmt: skip
    desk.store(USERS, {"id": 9, **user_row("technician", "Lê Văn An")})
    if mine:
        desk.store(USER_COMMUNES, *({"user": 9, "unit": unit} for unit in mine))


def moved(desk: Desk, slug: str, unit: int) -> None:
    at = update(ROOMS).where(ROOMS.c.slug == slug).values(unit=unit)
    desk.transaction(lambda connection: connection.execute(at))


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Desk]:
    with Desk(address(tmp_path)) as made:
        yield made


@pytest.mark.parametrize("mine", [(1,), ()], ids=["of another commune", "of none"])
def test_every_route_gives_nothing_of_another_commune(one: Desk, mine: tuple[int, ...]) -> None:
    communes(one, *mine)
    one.sign_in("technician")
    answers = {}
    for method, path, body in routes(one):
        if path.startswith((*OPEN, *OF_EVERYONE)):
            continue
        answer = one.http.request(method, path, json=body)
        answers[f"{method} {path}"] = answer.status_code
        assert [word for word in ("Hoa Lư", '"hoa-lu"') if word in answer.text] == [], path
    assert len(answers) > 60
    passed = {path for path, status in answers.items() if status not in (403, 404)} - FORMS
    assert passed == {"GET /api/my-rooms", *(["GET /api/requests"] if mine else [])}
    assert one.way.sent == []
    assert one.rows(FEEDBACK.select()) == []


def test_what_is_told_of_its_own_rooms_names_no_other(one: Desk) -> None:
    """Also of a meeting and an incident that it shares with another commune."""
    communes(one, 1)
    one.sign_in("technician")
    told = {}
    for method, path, _ in routes(one):
        if method != "GET" or path.startswith((*OPEN, *OF_EVERYONE)):
            continue
        mine = re.sub(r"from_ms=\d+&to_ms=\d+", f"from_ms={NOW_MS - HOUR}&to_ms={NOW_MS + HOUR}", path)
        mine = mine.replace("hoa-lu", "kim-son")
        answer = one.http.get(f"{mine}{'&' if '?' in mine else '?'}room=kim-son")
        told[path.partition("?")[0]] = answer
        assert [word for word in ("Hoa Lư", '"hoa-lu"') if word in answer.text] == [], path
    assert told["/api/calendar"].json()["names"] == {"kim-son": "Kim Sơn", "nhu-hoa": "Như Hòa"}
    assert [row["rooms"].keys() for row in told["/api/calendar"].json()["meetings"]] == [{"kim-son"}]
    assert sum(answer.status_code == 200 for answer in told.values()) > 7


def test_in_each_room_of_the_commune_it_does_what_the_link_does(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in("technician")
    told = desk.http.get("/api/my-rooms").json()["rooms"]
    assert {row["slug"]: row["incidents"] for row in told} == {"kim-son": 1, "nhu-hoa": 0}
    for slug in ("kim-son", "nhu-hoa"):
        of = f"?room={slug}"
        assert desk.http.get(f"/api/my-room{of}").json()["room"]["slug"] == slug
        posts = {"duty": {"value": "on"}, "check": {}, "seat": {"value": "confirm"}, "done": {"what": "cleaning"},
                 "word": {"kind": "fault", "text": "mất tiếng"}}  # fmt: skip
        for path, body in posts.items():
            answer = desk.http.post(f"/api/my-room/{path}{of}", json=body)
            assert answer.status_code == (200 if path == "word" else 202), path
    assert {one.topic.split("/")[2] for one in desk.way.sent} == {"kim-son", "nhu-hoa"}
    window = {"room": "kim-son", "hours": 1, "reason": "thay ắc quy"}
    assert desk.http.post("/api/incidents/maintenance/begin", json=window).status_code == 200
    explained = {"what": "explained", "text": "cúp điện"}
    assert desk.http.post("/api/incidents/2", json=explained).status_code == 200
    assert desk.http.post("/api/incidents/1", json=explained).json()["code"] == OTHERS
    for path in ("hoa-lu", "khong-co", ""):
        assert desk.http.get(f"/api/my-room?room={path}").json()["code"] == OTHERS


REQUEST = {"unit": "UBND xã Kim Sơn", "content": "Tập huấn chữ ký số", "start_ms": NOW_MS + 100 * HOUR,
           "end_ms": NOW_MS + 102 * HOUR, "rooms": ["kim-son", "nhu-hoa"]}  # fmt: skip


def test_it_asks_for_meetings_of_its_own_rooms_and_of_no_other(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in("technician")
    for bad in ({"rooms": ["hoa-lu"]}, {"rooms": ["kim-son", "hoa-lu"]}, {"chair": "hoa-lu"}, {"rooms": ["none"]}):
        answer = desk.http.post("/api/requests", json={**REQUEST, **bad})
        assert (answer.status_code, answer.json()["code"]) == (403, OTHERS), bad
    asked = desk.http.post("/api/requests", json=REQUEST)
    assert asked.status_code == 200, asked.text
    told = desk.http.get("/api/requests").json()
    assert [(row["id"], row["mine"], row["stage"]) for row in told["requests"]] == [
        (asked.json()["id"], True, "asked")
    ]
    assert (told["names"], told["decides"]) == ({"kim-son": "Kim Sơn", "nhu-hoa": "Như Hòa"}, False)
    path = f"/api/requests/{asked.json()['id']}"
    for verb in ("approve", "refuse"):
        assert desk.http.post(f"{path}/{verb}", json={"answer": "x"}).json()["code"] == "rights.role"
    moved(desk, "nhu-hoa", 2)
    assert desk.http.get("/api/requests").json()["requests"] == [], "it is in part another commune's now"
    assert desk.http.post(f"{path}/withdraw", json={}).json()["code"] == OTHERS
    moved(desk, "nhu-hoa", 3)
    assert desk.http.post(f"{path}/withdraw", json={}).status_code == 200


def test_a_namesake_of_another_commune_sees_and_withdraws_nothing_of_it(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in("technician")
    number = desk.http.post("/api/requests", json=REQUEST).json()["id"]
    desk.transaction(lambda connection: connection.execute(update(USER_COMMUNES).values(unit=2)))
    assert desk.http.get("/api/requests").json()["requests"] == []
    assert desk.http.post(f"/api/requests/{number}/withdraw", json={}).json()["code"] == OTHERS


def test_of_an_incident_of_both_it_sees_its_own_part(desk: Desk) -> None:
    communes(desk, 1)
    alert = {"incident": 2, "code": "power", "subject": "", "from_ms": NOW_MS}
    desk.store(INCIDENT_ALERTS, *({**alert, "room": slug} for slug in ("kim-son", "hoa-lu")))
    desk.sign_in("technician")
    for path in ("/api/incidents?room=kim-son", "/api/incidents/2"):
        answer = desk.http.get(path)
        assert answer.status_code == 200
        assert "kim-son" in answer.text
        assert [word for word in ("hoa-lu", "Lư") if word in answer.text] == []


def test_a_room_that_moves_takes_its_rights_along_at_once(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in("technician")
    moved(desk, "hoa-lu", 3)
    moved(desk, "kim-son", 2)
    assert desk.http.get("/api/my-room?room=hoa-lu").status_code == 200
    assert desk.http.get("/api/my-room?room=kim-son").json()["code"] == OTHERS


def test_the_stream_tells_that_something_changed_and_of_no_room(desk: Desk) -> None:
    communes(desk, 1)
    desk.sign_in("technician")
    heard = _sieve(desk.actor())
    assert heard is not None
    assert heard("rooms", {"rows": {"kim-son": {}, "hoa-lu": {}}, "gone": []}) is None
    assert heard("words", {"room": "hoa-lu"}) == {}


def test_the_administrator_binds_an_account_and_a_merged_commune_takes_it_along(desk: Desk) -> None:
    communes(desk)
    desk.sign_in("admin")
    new = {"login": "ky-thuat", "name": "Đỗ Văn Cả", "role": "technician", "communes": [1]}
    made = desk.http.post("/api/users", json=new)
    assert made.status_code == 200, made.text
    assert (
        desk.http.post("/api/users", json={**new, "login": "khac", "communes": [77]}).json()["code"]
        == "people.unit"
    )
    path = f"/api/users/{made.json()['id']}"
    assert desk.http.post(path, json={"communes": [1, 2]}).status_code == 200
    assert desk.http.post("/api/units/1/merge", json={"into": 2}).status_code == 200
    desk.store(UNITS, {"id": 4, "parent": None, "kind": "xã", "name": "Đại Hoàng"})
    told = desk.http.get("/api/users").json()
    assert {user["login"]: user["communes"] for user in told["users"]}["ky-thuat"] == [2]
    assert [unit["id"] for unit in told["units"]] == [4, 2, 3], "Đ before H"
    secret = {"login": "ky-thuat", "password": made.json()["password"]}
    assert desk.http.post("/api/sign-in", json=secret).status_code == 200
    assert len(desk.http.get("/api/my-rooms").json()["rooms"]) == 3


def test_the_technician_opens_a_site_from_the_list_on_the_phone(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served, PHONE) as page:
        communes(served, 1)
        sign_in(served, page, "technician")
        page.get_by_role("heading", name="Điểm cầu của tôi").wait_for()
        assert page.get_by_role("link", name="Phòng Hoa Lư").count() == 0
        assert axe(page) == []
        shot(page, "my-rooms")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.locator("h2").get_by_role("link", name="Kim Sơn").click()
        page.get_by_role("heading", name="Kim Sơn").wait_for()
        page.get_by_role("button", name="TRỰC: có mặt").click()
        page.get_by_text("Đã gửi lệnh").wait_for()
        assert axe(page) == []
    assert [one.topic for one in served.way.sent] == ["diemcau/1/kim-son/do/duty"]


def test_the_administrator_chooses_the_commune_on_the_page(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        communes(served)
        sign_in(served, page, "admin")
        page.goto(f"{served.url}/#/users")
        its = page.get_by_role("group", name="Xã, phường phụ trách: technician")
        its.get_by_label("Xã Kim Sơn", exact=True).check()
        page.get_by_text("Đã ghi").wait_for()
        expect(its.get_by_label("xã Kim Sơn")).to_be_checked()
        assert axe(page) == []
        assert [tuple(row) for row in served.rows(USER_COMMUNES.select())] == [(9, 1)]
        page.locator("form").get_by_label("Vai trò").select_option("technician")
        new = page.locator("form").get_by_role("group", name="Xã, phường phụ trách")
        new.get_by_label("xã Kim Sơn").check()
        new.get_by_label("Phường Hoa Lư", exact=True).check()
        page.get_by_label("Tên tài khoản").fill("ky-thuat")
        page.locator("form").get_by_label("Họ tên").fill("Đỗ Văn Cả")
        shot(page, "users-communes")
        page.get_by_role("button", name="Thêm tài khoản").click()
        page.get_by_text("Mật khẩu của ky-thuat").wait_for()
        assert {tuple(row)[1] for row in served.rows(USER_COMMUNES.select()) if row[0] != 9} == {1, 2}
