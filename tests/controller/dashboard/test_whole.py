"""What the desk tells a whole meeting, over both databases and on its page: calls in turn, microphones together."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy import update

from controller.dashboard.store.tables import LAST, ORDERS
from controller.dashboard.store.tables_people import DESK_USERS, ROOMS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS
from controller.dashboard.web.gate import admit
from controller.dashboard.web.incident_orders import tell_all
from controller.dashboard.web.many import AT_ONCE
from controller.link.commands import read
from tests.controller.dashboard.browser import Served, address, axe, opened, shot, sign_in
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk, Way, room_row

UID = "giao-ban@20260715T010000Z"
NAMES = {"kim-son": "Kim Sơn", "hoa-lu": "Hoa Lư", "tam-diep": "Tam Điệp"}


def meeting(desk: Desk, **more: object) -> None:
    for slug, name in NAMES.items():
        desk.room(slug, name, call=slug == "kim-son", phase="in_call", mic="open", floor="closed")
    desk.meeting(UID, list(NAMES), NOW_MS - 10 * MINUTE, 120, **more)


def sent(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    """Room and arguments, each readable by a room."""
    found = []
    for one in desk.way.sent:
        _, _, room, _, verb = one.topic.split("/")
        args = json.loads(one.payload)["args"]
        read(verb, args)
        found.append((room, args))
    return found


def change(desk: Desk, statement: object) -> None:
    desk.transaction(lambda connection: connection.execute(statement))  # type: ignore[call-overload]


def number(desk: Desk, slug: str, dial: str) -> None:
    change(desk, update(ROOMS).where(ROOMS.c.slug == slug).values(dial=dial))


def test_who_may_not_is_refused_and_nothing_is_sent(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in("admin")
    desk.store(DESK_USERS, {"meeting": UID, "user": 1, "part": "desk"})
    for role, code in (("viewer", "rights.role"), ("office", "rights.role"), ("operator", "rights.other_desk")):
        desk.sign_in(role)
        for path, body in (
            ("mute-all", {"value": "muted"}),
            ("power-all", {"value": "on"}),
            ("call", {"room": "hoa-lu", "address": "10.1.1.1"}),
        ):
            answer = desk.http.post(f"/api/sessions/{UID}/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, code), (role, path)
    secret = desk.run(lambda: admit(desk.place, "chair", NOW_MS + HOUR, meeting=UID, name="Chủ trì"))
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200
    assert desk.http.post(f"/api/sessions/{UID}/mute-all", json={"value": "muted"}).json()["code"] == "rights.role"
    desk.sign_in("admin")
    desk.now_ms += 5 * HOUR
    answer = desk.http.post(f"/api/sessions/{UID}/mute-all", json={"value": "muted"})
    assert answer.json()["code"] == "rights.no_meeting"
    assert desk.http.post(f"/api/sessions/{UID}/mute-all", json={"value": "open"}).status_code == 422
    assert desk.http.post(f"/api/sessions/{UID}/power-all", json={"value": "off"}).status_code == 422
    assert sent(desk) == []


def test_every_microphone_but_the_chairs_is_closed_and_who_was_not_told_is_named(desk: Desk) -> None:
    meeting(desk)
    desk.store(ROOMS, room_row("gia-vien", "Gia Viễn"))
    desk.store(INSTANCE_ROOMS, {"uid": UID, "room": "gia-vien", "role": "member", "seats": []})
    desk.sign_in()
    told = desk.http.post(f"/api/sessions/{UID}/mute-all", json={"value": "muted"}).json()
    assert (sorted(told["sent"]), told["unsent"]) == (["hoa-lu", "tam-diep"], {"gia-vien": "order.silent"})
    assert sorted(sent(desk)) == [("hoa-lu", {"value": "muted"}), ("tam-diep", {"value": "muted"})]
    refused = {"stage": "refused", "code": "not_applicable", "changed_ms": desk.now_ms}
    change(desk, update(ORDERS).where(ORDERS.c.room == "tam-diep").values(**refused))
    replies = desk.http.get(f"/api/sessions/{UID}/whole").json()["replies"]
    assert {one["room"]: (one["stage"], one["code"]) for one in replies} == {
        "hoa-lu": ("sent", ""),
        "tam-diep": ("refused", "not_applicable"),
    }
    desk.way.away = True
    again = desk.http.post(f"/api/sessions/{UID}/mute-all", json={"value": "auto"}).json()
    assert (again["sent"], again["unsent"]["hoa-lu"]) == ({}, "order.no_broker")


def test_every_room_is_powered_up_the_chairs_too_and_in_practice_none(desk: Desk) -> None:
    meeting(desk)
    desk.meeting("tap", ["kim-son"], NOW_MS, practice=True)
    desk.sign_in()
    told = desk.http.post("/api/sessions/tap/power-all", json={"value": "on"}).json()
    assert (list(told["sent"]), sent(desk)) == (["kim-son"], [])
    told = desk.http.post(f"/api/sessions/{UID}/power-all", json={"value": "on"}).json()
    assert (sorted(told["sent"]), told["unsent"]) == (sorted(NAMES), {})
    assert sorted(sent(desk)) == [(slug, {"value": "on"}) for slug in sorted(NAMES)]
    replies = desk.http.get(f"/api/sessions/{UID}/whole").json()["replies"]
    assert {(one["room"], one["verb"]) for one in replies} == {(slug, "power") for slug in NAMES}


def test_a_site_is_told_to_dial_the_main_site(desk: Desk) -> None:
    meeting(desk)
    desk.sign_in()
    path = f"/api/sessions/{UID}/call"
    answer = desk.http.post(path, json={"room": "hoa-lu"})
    assert (answer.status_code, answer.json()["code"]) == (409, "desk.no_number")
    number(desk, "kim-son", "10.1.2.3")
    assert desk.http.get(f"/api/sessions/{UID}/whole").json()["number"] == "10.1.2.3"
    assert desk.http.post(path, json={"room": "kim-son"}).json()["code"] == "desk.itself"
    assert desk.http.post(path, json={"room": "none"}).json()["code"] == "rights.no_meeting"
    assert desk.http.post(path, json={"room": "hoa-lu"}).status_code == 202
    assert desk.http.post(path, json={"room": "hoa-lu", "address": " 88@mcu "}).status_code == 202
    assert sent(desk) == [
        ("hoa-lu", {"value": "dial", "address": "10.1.2.3"}),
        ("hoa-lu", {"value": "dial", "address": "88@mcu"}),
    ]


def test_the_number_in_the_calendar_goes_before_a_sites_own(desk: Desk) -> None:
    desk.sign_in()
    for slug, name in NAMES.items():
        desk.room(slug, name)
    number(desk, "kim-son", "10.1.2.3")
    form = {"title": "Giao ban", "members": list(NAMES), "chair": "kim-son", "numbers": ["7001"],
            "start_ms": NOW_MS + HOUR, "end_ms": NOW_MS + 2 * HOUR}  # fmt: skip
    uid = desk.http.post("/api/meetings", json=form).json()["uid"]
    told = desk.http.get(f"/api/sessions/{uid}/whole").json()
    assert (told["number"], told["place"]) == ("7001", "")


class Slow(Way):
    """Takes each word after the others had a chance to come."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def send(self, *args: object, **more: object) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(50):
            await asyncio.sleep(0)
        self.now -= 1
        await super().send(*args, **more)  # type: ignore[arg-type]


def test_a_thousand_rooms_are_told_some_at_a_time_and_each_has_its_answer(desk: Desk) -> None:
    desk.sign_in()
    rooms = [f"phong-{n}" for n in range(1000)]
    desk.store(ROOMS, *(room_row(slug) for slug in rooms))
    body = {"v": 1, "boot": "b1", "mono_s": 1.0}
    desk.store(LAST, *({"room": slug, "part": "state", "body": body, "received_ms": NOW_MS} for slug in rooms[1:]))
    line = {"part": "status", "body": {"online": True}, "received_ms": NOW_MS}
    desk.store(LAST, *({"room": slug, **line} for slug in rooms[:-1]))
    way = Slow()
    desk.place.way = way
    who = desk.actor()
    told = desk.run(tell_all, desk.place, who, {slug: [("acknowledge", {})] for slug in rooms})
    assert told["unsent"] == {rooms[0]: "order.silent", rooms[-1]: "order.silent"}
    assert sorted(told["sent"]) == sorted(rooms[1:-1])
    assert len(way.sent) == 998
    assert 1 < way.most <= AT_ONCE


def test_the_desk_calls_in_turn_and_closes_all_on_its_page(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        number(served, "kim-son", "10.1.2.3")
        sign_in(served, page)
        page.goto(f"{served.url}/#/session")
        with page.expect_response("**/call"):
            page.get_by_role("button", name="Gọi lần lượt (2)").click()
        page.get_by_text("Đang gọi: Hoa Lư").wait_for()
        assert [room for room, _ in sent(served)] == ["hoa-lu"]  # the second waits for the first
        busy = {"stage": "refused", "code": "device_silent", "told": ["codec"], "changed_ms": served.now_ms + 1}
        with page.expect_response("**/call"):
            change(served, update(ORDERS).values(**busy))
        page.get_by_text("Đang gọi: Tam Điệp").wait_for()
        assert [room for room, _ in sent(served)] == ["hoa-lu", "tam-diep"]
        page.get_by_role("button", name="Dừng gọi").click()
        page.get_by_role("button", name="Gọi lần lượt (2)").wait_for()
        answers = page.get_by_label("Trả lời của từng điểm cầu")
        answers.get_by_role("listitem").filter(has_text="Hoa Lư").get_by_text(
            "Từ chối: thiết bị họp không phản hồi"
        ).wait_for()
        page.get_by_role("button", name="Đóng micro mọi điểm cầu, trừ chủ trì").click()
        page.get_by_text("Đã gửi tới 2 điểm cầu").wait_for()
        answers.get_by_role("listitem").filter(has_text="đóng micro").first.wait_for()
        assert axe(page) == []
        shot(page, "session-whole")
    assert sorted(room for room, args in sent(served)[2:] if args == {"value": "muted"}) == ["hoa-lu", "tam-diep"]


def test_the_roll_call_calls_by_doubt(tmp_path: Path) -> None:
    with Served(address(tmp_path)) as served, opened(served) as page:
        meeting(served)
        number(served, "kim-son", "10.1.2.3")
        found = {"found": [["codec", "failed"]]}
        served.store(LAST, {"room": "tam-diep", "part": "detail/rollcall", "body": found, "received_ms": NOW_MS})
        sign_in(served, page)
        page.goto(f"{served.url}/#/rollcall")
        with page.expect_response("**/call"):
            page.get_by_role("button", name="Gọi lần lượt (2)").click()
        page.get_by_text("Đang gọi: Tam Điệp").wait_for()
        assert [room for room, _ in sent(served)] == ["tam-diep"], "what the machine doubts goes first"
        assert page.get_by_role("button", name="Đóng micro mọi điểm cầu").count() == 0
        assert axe(page) == []
