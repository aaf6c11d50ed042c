"""Booking over the API, on both databases: what is stored, laid out and published; what is refused and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Update, select, update

from controller.calendar import Agenda
from controller.dashboard import think_calendar
from controller.dashboard.calendar_book import again
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import PACK, PEOPLE, ROOM_PEOPLE, ROOMS, USERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES, MAINTENANCE, REQUESTS
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, PASSWORD, Desk, room_row, user_row

DAY = 24 * HOUR
TOMORROW = NOW_MS + 5 * DAY


def form(**more: object) -> dict[str, Any]:
    return {
        "title": "Giao ban tháng 7",
        "start_ms": TOMORROW,
        "end_ms": TOMORROW + 2 * HOUR,
        "members": ["kim-son", "gia-vien"],
        "chair": "kim-son",
        "kind": "giao_ban",
        "document_no": "12/GM-UBND",
        **more,
    }


def network(desk: Desk, *slugs: str) -> None:
    for slug in slugs or ("kim-son", "gia-vien", "nho-quan"):
        desk.room(slug, slug.title())
    desk.sign_in()


def post(desk: Desk, path: str, body: object, status: int = 200) -> dict[str, Any]:
    answer = desk.http.post(f"/api{path}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def in_room(desk: Desk, room: str) -> list[tuple[str, int, int, str, bool]]:
    """What the room's own reader makes of the last text it was sent; nothing else may be in it."""
    sent = [one for one in desk.way.sent if one.topic == f"diemcau/1/{room}/calendar"][-1]
    assert sent.retain
    agenda = Agenda(sent.payload.decode(), room=room, version=sent.properties["version"])
    assert agenda.problems == ()
    found = agenda.occurrences(desk.now_ms, desk.now_ms + 399 * DAY)
    return [(m.uid, m.start_ms, m.end_ms, m.role.value, m.tentative) for m in found]


def at_centre(desk: Desk, room: str) -> list[tuple[str, int, int, str, bool]]:
    join = INSTANCES.join(INSTANCE_ROOMS, INSTANCES.c.uid == INSTANCE_ROOMS.c.uid)
    ask = select(INSTANCES, INSTANCE_ROOMS.c.role).select_from(join)
    rows = desk.rows(ask.where(INSTANCE_ROOMS.c.room == room, ~INSTANCES.c.cancelled))
    edge = desk.now_ms + 399 * DAY
    found = [(x.uid, x.start_ms, x.end_ms, x.role, x.tentative) for x in rows if x.start_ms < edge]
    return sorted(found, key=lambda row: (row[1], row[0]))


def test_a_series_is_booked_and_one_of_it_moved_cancelled_and_restored(desk: Desk) -> None:
    network(desk)
    made = post(desk, "/meetings", form(rule="FREQ=WEEKLY"))
    assert (made["rooms"], made["sent"]) == (2, 2)
    rows = at_centre(desk, "gia-vien")
    assert len(rows) > 50
    assert in_room(desk, "gia-vien") == rows
    third = rows[2]
    ends = third[2] + 2 * DAY
    post(desk, "/meetings/move", {"uid": third[0], "start_ms": third[1] + 2 * DAY, "end_ms": ends})
    assert (third[0], third[1] + 2 * DAY) in [row[:2] for row in in_room(desk, "gia-vien")]
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son")
    post(desk, "/meetings/mark", {"uid": third[0], "what": "cancel", "reason": "trùng lịch tỉnh"})
    assert third[0] not in [row[0] for row in in_room(desk, "gia-vien")]
    assert in_room(desk, "gia-vien") == at_centre(desk, "gia-vien")
    post(desk, "/meetings/mark", {"uid": third[0], "what": "restore"})
    assert third[0] in [row[0] for row in in_room(desk, "gia-vien")]
    history = desk.http.get("/api/meetings/one", params={"uid": third[0]}).json()["history"]
    assert [line["code"].rpartition(".")[2] for line in history] == ["restore", "cancel", "move", "create"]


def test_a_room_that_is_taken_out_is_told(desk: Desk) -> None:
    network(desk)
    uid = post(desk, "/meetings", form())["uid"]
    assert len(in_room(desk, "gia-vien")) == 1
    changed = form(members=["kim-son", "nho-quan"])
    post(desk, "/meetings/edit", {"uid": uid, "whole": True, "form": changed, "sequence": 0})
    assert in_room(desk, "gia-vien") == []
    assert in_room(desk, "nho-quan") == at_centre(desk, "nho-quan") != []
    refused = post(desk, "/meetings/edit", {"uid": uid, "form": changed, "sequence": 0}, 409)
    assert refused["code"] == "meeting.newer"


def test_postponed_is_tentative_until_confirmed_and_a_running_one_is_extended(desk: Desk) -> None:
    network(desk)
    uid = post(desk, "/meetings", form())["uid"]
    post(desk, "/meetings/mark", {"uid": uid, "what": "postpone", "reason": "bão"})
    assert [row[4] for row in in_room(desk, "kim-son")] == [True]
    post(desk, "/meetings/mark", {"uid": uid, "what": "confirm"})
    assert [row[4] for row in in_room(desk, "kim-son")] == [False]
    past = {"uid": uid, "start_ms": NOW_MS - HOUR, "end_ms": NOW_MS - MINUTE}
    assert post(desk, "/meetings/move", past, 422)["code"] == "meeting.past"
    desk.now_ms = TOMORROW + HOUR
    desk.sign_in()
    post(desk, "/meetings/move", {"uid": uid, "start_ms": TOMORROW, "end_ms": TOMORROW + 4 * HOUR})
    assert in_room(desk, "kim-son")[0][2] == TOMORROW + 4 * HOUR
    desk.now_ms = TOMORROW + 5 * HOUR
    late = {"uid": uid, "start_ms": TOMORROW, "end_ms": TOMORROW + 9 * HOUR}
    assert post(desk, "/meetings/move", late, 409)["code"] == "meeting.over"


def test_holidays_of_the_pack_are_tentative_and_the_past_stays(desk: Desk) -> None:
    network(desk)
    rest = {"key": "holidays", "decision": "123/QĐ", "by": "a", "at_ms": 1, "note": ""}
    desk.store(PACK, {**rest, "value": "2026-07-27 nghỉ"})
    post(desk, "/meetings", form(rule="FREQ=WEEKLY;COUNT=3"))
    assert [row[4] for row in at_centre(desk, "kim-son")] == [False, True, False]
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son")
    desk.now_ms = TOMORROW + 8 * DAY
    told = desk.transaction(lambda connection: again(connection, desk.now_ms))
    assert told == frozenset(), "nothing has changed: nobody is told"
    assert len(at_centre(desk, "kim-son")) == 3, "what is over stays"


def test_a_whole_series_is_confirmed_with_its_rest_days_and_they_go_on_being_as_it_is(desk: Desk) -> None:
    network(desk)
    desk.store(PACK, {"key": "holidays", "decision": "1", "by": "a", "at_ms": 1, "note": "", "value": "2026-07-27"})
    uid = post(desk, "/meetings", form(rule="FREQ=DAILY;COUNT=9"))["uid"]
    rest = [row[4] for row in at_centre(desk, "kim-son")]
    assert rest == [False] * 5 + [True] * 3 + [False]
    sunday = {"uid": at_centre(desk, "kim-son")[6][0], "what": "cancel"}
    post(desk, "/meetings/mark", sunday)
    made = post(desk, "/meetings/mark", {"uid": uid, "whole": True, "what": "confirm"})
    assert (made["rooms"], [row[4] for row in in_room(desk, "kim-son")]) == (2, [False] * 8)
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son"), "what was cancelled stays so"
    post(
        desk,
        "/meetings/edit",
        {"uid": uid, "whole": True, "form": form(rule="FREQ=DAILY;COUNT=9", desk="nho-quan")},
    )
    assert [row[4] for row in in_room(desk, "nho-quan")] == [False] * 8, "a room that comes is there on rest days"
    post(desk, "/meetings/mark", {"uid": uid, "whole": True, "what": "postpone"})
    assert [row[4] for row in in_room(desk, "kim-son")] == [True] * 8


def test_from_one_meeting_on_a_series_is_confirmed_with_its_rest_days(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(rule="FREQ=WEEKLY;BYDAY=SA"))
    rows = at_centre(desk, "kim-son")
    post(desk, "/meetings/mark", {"uid": rows[2][0], "following": True, "what": "confirm"})
    assert [row[4] for row in in_room(desk, "kim-son")] == [n < 2 for n in range(len(rows))]
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son")


def test_an_administrator_sets_holidays_by_a_decision(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(rule="FREQ=WEEKLY;COUNT=2"))
    list_ = {"text": "2026-07-20 nghỉ bù", "decision": "123/QĐ-UBND"}
    post(desk, "/exchange/holidays", list_, 403)
    desk.sign_in("admin")
    assert post(desk, "/exchange/holidays", {**list_, "text": "hôm nay"}, 422)["code"] == "calendar.holiday"
    post(desk, "/exchange/holidays", list_)
    assert [row[4] for row in at_centre(desk, "kim-son")] == [True, False]
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son")
    assert desk.http.get("/api/exchange/holidays").json() == {**list_, "may": True}


def test_who_is_at_the_devices_stays_at_the_centre(desk: Desk) -> None:
    network(desk)
    person: dict[str, object] = {
        "name": "Vũ Văn Sơn",
        "unit": None,
        "phone": "09",
        "email": "",
        "trained": [],
        "left_ms": None,
    }
    desk.store(PEOPLE, {"id": 1, **person})
    desk.store(ROOM_PEOPLE, {"room": "gia-vien", "person": 1, "part": "technician"})
    crew = {"kim-son": {"technician": "Đinh Thị Hoa", "substitute": "Phạm Nam"}}
    post(desk, "/meetings", form(crew=crew, seats=[{"room": "kim-son", "seat": "chu_toa", "preset": 4}]))
    rows = {row.room: row for row in desk.rows(select(INSTANCE_ROOMS))}
    assert (rows["kim-son"].technician, rows["kim-son"].substitute) == ("Đinh Thị Hoa", "Phạm Nam")
    assert rows["gia-vien"].technician == "Vũ Văn Sơn"
    assert rows["kim-son"].seats == [{"seat": "chu_toa", "preset": 4}]
    for sent in desk.way.sent:
        text = sent.payload.decode()
        assert not any(word in text for word in ("Hoa", "Nam", "Sơn", "12/GM", "nho-quan"))


def test_what_stands_in_the_way_is_said_before(desk: Desk) -> None:
    network(desk)
    desk.room("yen-mo", "Yên Mô", bypass=True)
    desk.store(ROOMS, room_row("tam-diep", "Tam Điệp"))
    post(desk, "/meetings", form())
    window = {"room": "nho-quan", "from_ms": TOMORROW, "until_ms": TOMORROW + HOUR, "reason": "thay UPS", "by": "a"}
    desk.store(MAINTENANCE, window)
    members = ["gia-vien", "nho-quan", "yen-mo", "tam-diep"]
    other = form(title="Khác", members=members, chair="kim-son", start_ms=TOMORROW + HOUR // 2)
    found = post(desk, "/meetings/look?people=41", other)
    assert [(x["code"], x["room"]) for x in found["notes"]] == [
        ("booking.people", ""),
        ("conflict.chair", "Kim-Son"),
        ("conflict.room", "Gia-Vien"),
        ("conflict.maintenance", "Nho-Quan"),
        ("conflict.offline", "Tam Điệp"),
        ("conflict.bypass", "Yên Mô"),
    ]
    soon = form(start_ms=NOW_MS + DAY, end_ms=NOW_MS + DAY + HOUR)
    assert [x["code"] for x in post(desk, "/meetings/look", soon)["notes"]] == ["booking.lead"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"title": " "}, "meeting.no_title"),
        ({"members": ["nowhere"]}, "meeting.room"),
        ({"rule": "FREQ=SECONDLY"}, "calendar.rule"),
        ({"rule": "nonsense"}, "calendar.rule"),
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2"}, "meeting.never"),
        ({"start_ms": NOW_MS + 500 * DAY, "end_ms": NOW_MS + 500 * DAY + HOUR}, "meeting.far"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(desk: Desk, more: dict[str, object], code: str) -> None:
    network(desk)
    assert post(desk, "/meetings", form(**more), 422)["code"] == code
    assert desk.rows(select(INSTANCES)) == []
    assert desk.way.sent == []


def test_a_meeting_is_not_moved_beyond_what_the_calendar_shows(desk: Desk) -> None:
    network(desk)
    single, series = (post(desk, "/meetings", form(rule=rule))["uid"] for rule in ("", "FREQ=WEEKLY"))
    uids = desk.rows(select(INSTANCES.c.uid).order_by(INSTANCES.c.start_ms))
    far = {"start_ms": NOW_MS + 500 * DAY, "end_ms": NOW_MS + 500 * DAY + HOUR}
    for uid in (single, next(row.uid for row in uids if row.uid.startswith(series))):
        assert post(desk, "/meetings/move", {"uid": uid, **far}, 422)["code"] == "meeting.far"
    assert desk.rows(select(INSTANCES.c.uid).order_by(INSTANCES.c.start_ms)) == uids


def test_only_the_desk_plans_and_others_do_not_read_what_is_secret(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(secret=True, title="Họp Thường vụ"))
    assert b"Th\xc6\xb0\xe1\xbb\x9dng" not in desk.way.sent[-1].payload
    desk.sign_in("viewer")
    post(desk, "/meetings", form(), 403)
    post(desk, "/meetings/move", {"uid": "x", "start_ms": TOMORROW, "end_ms": TOMORROW + 1000}, 403)
    span = {"from_ms": NOW_MS, "to_ms": NOW_MS + 30 * DAY}
    assert [m["title"] for m in desk.http.get("/api/calendar", params=span).json()["meetings"]] == ["Phiên họp"]


def test_a_text_that_was_lost_is_sent_again(desk: Desk) -> None:
    network(desk)
    desk.way.away = True
    assert post(desk, "/meetings", form())["sent"] == 0
    desk.way.away = False
    desk.run(think_calendar.think, desk.place)
    first = len(desk.way.sent)
    assert first == 3, "each room has one, were it empty"
    desk.run(think_calendar.think, desk.place)
    assert len(desk.way.sent) == first
    report = {"room": "kim-son", "part": "detail/schedule", "body": {"version": "old"}, "received_ms": NOW_MS}
    desk.store(LAST, report)
    desk.run(think_calendar.think, desk.place)
    assert len(desk.way.sent) == first, "it has not had time to say so"
    desk.now_ms += 3 * MINUTE
    desk.run(think_calendar.think, desk.place)
    assert [one.topic for one in desk.way.sent[first:]] == ["diemcau/1/kim-son/calendar"]
    desk.run(think_calendar.forget_sent, desk.place)
    desk.run(think_calendar.think, desk.place)
    assert len(desk.way.sent) == first + 4, "after a reconnect everyone is sent theirs"


REQUEST = {
    "unit": "UBND xã Kim Sơn",
    "document_no": "45/CV-UBND",
    "content": "Tập huấn chữ ký số\nCho công chức",
    "kind": "tap_huan",
    "start_ms": NOW_MS + 2 * DAY,
    "end_ms": NOW_MS + 2 * DAY + 3 * HOUR,
    "chair": "kim-son",
    "rooms": ["kim-son", "gia-vien"],
    "people": 55,
}


def test_a_request_is_asked_approved_and_in_the_calendar(desk: Desk) -> None:
    network(desk)
    desk.sign_in("office", "Lê Thị Mai")
    asked = post(desk, "/requests", REQUEST)
    assert asked["due_ms"] == NOW_MS + 2 * DAY + 16 * HOUR - 1000, "Wednesday 08:00 → the end of Friday"
    row = desk.http.get("/api/requests").json()["requests"][0]
    assert [note["code"] for note in row["notes"]] == ["booking.lead", "booking.people"]
    post(desk, f"/requests/{asked['id']}/approve", {}, 403)
    desk.sign_in()
    done = post(desk, f"/requests/{asked['id']}/approve", {"answer": "Đồng ý"})
    assert done["sent"] == 2
    assert [one[0] for one in in_room(desk, "gia-vien")] == [done["uid"]]
    assert post(desk, f"/requests/{asked['id']}/refuse", {"answer": "x"}, 409)["code"] == "booking.answered"
    history = desk.http.get("/api/requests").json()["requests"][0]["history"]
    assert [line["code"] for line in history] == ["booking.done.ask", "booking.done.approved"]


def test_a_request_is_of_its_account_whatever_the_person_is_called(desk: Desk) -> None:
    network(desk)
    desk.store(USERS, *({**user_row("office", "Lê Thị Mai"), "login": login} for login in ("mai", "mai-2")))

    def sign_in(login: str) -> None:
        assert desk.http.post("/api/sign-in", json={"login": login, "password": PASSWORD}).status_code == 200

    def change(statement: Update) -> None:
        desk.transaction(lambda connection: connection.execute(statement))

    sign_in("mai")
    number = post(desk, "/requests", REQUEST)["id"]
    sign_in("mai-2")
    assert desk.http.get("/api/requests").json()["requests"] == [], "somebody else of the same name"
    post(desk, f"/requests/{number}/withdraw", {}, 403)
    sign_in("mai")
    change(update(USERS).where(USERS.c.login == "mai").values(name="Lê Thị Mai Hoa"))
    row = desk.http.get("/api/requests").json()["requests"][0]
    assert (row["mine"], row["by"], "asker" in row) == (True, "Lê Thị Mai (Sở KH&CN)", False)
    change(update(REQUESTS).values(asker=None, by="Lê Thị Mai Hoa (Sở KH&CN)"))  # as an older program kept it
    post(desk, f"/requests/{number}/withdraw", {})


def test_a_refusal_needs_an_answer_and_a_request_may_be_withdrawn(desk: Desk) -> None:
    network(desk)
    desk.sign_in("office", "Lê Thị Mai")
    first, second = (post(desk, "/requests", REQUEST | {"document_no": no})["id"] for no in ("45", "46"))
    desk.sign_in()
    assert post(desk, f"/requests/{first}/refuse", {"answer": " "}, 422)["code"] == "booking.answer"
    post(desk, f"/requests/{first}/refuse", {"answer": "Hội trường đang sửa"})
    assert post(desk, "/requests/999/refuse", {"answer": "x"}, 404)["code"] == "booking.unknown"
    desk.sign_in("office")
    post(desk, f"/requests/{second}/withdraw", {})
    assert [row["stage"] for row in desk.http.get("/api/requests").json()["requests"]] == ["withdrawn", "refused"]
    assert desk.rows(select(INSTANCES)) == []
    assert post(desk, "/requests", {**REQUEST, "rooms": ["nowhere"]}, 422)["code"] == "meeting.room"


def test_a_booked_practice_is_told_to_no_room_and_stands_in_nobodys_way(desk: Desk) -> None:
    network(desk)
    uid = post(desk, "/meetings", form(practice=True))["uid"]
    assert [row[0] for row in at_centre(desk, "gia-vien")] == [uid], "the desk sees who is to practise"
    for room in ("kim-son", "gia-vien"):
        assert in_room(desk, room) == []
    assert desk.http.get("/api/board").json()["meetings"] == []
    assert desk.http.get("/api/ahead").json()["meetings"] == []
    assert desk.http.get("/api/rooms/gia-vien").json()["meetings"] == []
    week = {"from_ms": NOW_MS, "to_ms": NOW_MS + 7 * DAY}
    assert [m["practice"] for m in desk.http.get("/api/calendar", params=week).json()["meetings"]] == [True]
    notes = post(desk, "/meetings/look", form())["notes"]
    assert [note["code"] for note in notes if note["code"].startswith("conflict.")] == []


def test_one_of_a_series_that_is_practice_is_told_as_cancelled(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(rule="FREQ=WEEKLY"))
    first, second, third = at_centre(desk, "gia-vien")[:3]
    own = form(start_ms=second[1], end_ms=second[2], practice=True)
    post(desk, "/meetings/edit", {"uid": second[0], "form": own, "sequence": 0})
    assert [row[0] for row in in_room(desk, "gia-vien")[:2]] == [first[0], third[0]]
    assert [row[0] for row in in_room(desk, "kim-son")[:2]] == [first[0], third[0]]
    back = form(start_ms=second[1], end_ms=second[2])
    post(desk, "/meetings/edit", {"uid": second[0], "form": back, "sequence": 1})
    assert [row[0] for row in in_room(desk, "gia-vien")[:3]] == [first[0], second[0], third[0]]


def test_one_of_a_series_and_those_that_follow_are_edited(desk: Desk) -> None:
    network(desk)
    hands = {"gia-vien": {"technician": "Lê Văn An", "substitute": ""}}
    uid = post(desk, "/meetings", form(rule="FREQ=WEEKLY", crew=hands))["uid"]
    rows = at_centre(desk, "gia-vien")
    fifth = rows[4]
    post(desk, "/meetings/move", {"uid": rows[1][0], "start_ms": rows[1][1] + DAY, "end_ms": rows[1][2] + DAY})
    later = form(start_ms=fifth[1] + HOUR, end_ms=fifth[2] + HOUR, rule="FREQ=WEEKLY", title="Giao ban mới",
                 members=["kim-son", "nho-quan"])  # fmt: skip
    ask = {"uid": fifth[0], "following": True, "form": later, "sequence": 1}
    assert post(desk, "/meetings/edit", ask | {"sequence": 0}, 409)["code"] == "meeting.newer"
    made = post(desk, "/meetings/edit", ask)
    assert made["uid"] != uid
    for room in ("kim-son", "gia-vien", "nho-quan"):
        assert in_room(desk, room) == at_centre(desk, room), room
    assert [row[1] for row in in_room(desk, "gia-vien")] == [rows[0][1], rows[1][1] + DAY, rows[2][1], rows[3][1]]
    assert in_room(desk, "nho-quan")[0][:3] == (
        f"{made['uid']}@{mark(fifth[1] + HOUR)}",
        later["start_ms"],
        later["end_ms"],
    )
    kim_son = in_room(desk, "kim-son")
    assert [row[1] for row in kim_son[4:]] == [row[1] + HOUR for row in rows[4:]][: len(kim_son) - 4]
    known = desk.http.get("/api/meetings/one", params={"uid": kim_son[5][0]}).json()
    assert (known["form"]["title"], known["crew"]["gia-vien"]["technician"]) == ("Giao ban mới", "Lê Văn An")
    assert known["history"][0]["code"] == "meeting.done.following"


def test_a_form_that_is_sent_again_books_once(desk: Desk) -> None:
    network(desk)
    key, crew = "0123456789abcdef0123", {"gia-vien": {"technician": "Lê Văn An", "substitute": ""}}
    tea = {"start_ms": TOMORROW + HOUR, "end_ms": TOMORROW + HOUR + MINUTE}
    own = form(key=key, rule="FREQ=WEEKLY", crew=crew, breaks=[tea])
    first = post(desk, "/meetings", own)
    rows = at_centre(desk, "gia-vien")
    desk.now_ms += MINUTE
    assert post(desk, "/meetings", own) == first == {"uid": f"m-{key}", "rooms": 2, "sent": 2}
    assert at_centre(desk, "gia-vien") == rows == in_room(desk, "gia-vien")
    assert post(desk, "/meetings", own | {"title": "Tên khác"}, 409)["code"] == "meeting.sent_before"
    known = desk.http.get("/api/meetings/one", params={"uid": rows[0][0]}).json()
    assert ([line["code"] for line in known["history"]], known["sequence"]) == (["meeting.done.create"], 0)
    post(desk, "/meetings/move", {"uid": rows[0][0], "start_ms": rows[0][1] + HOUR, "end_ms": rows[0][2] + HOUR})
    moved = at_centre(desk, "gia-vien")
    assert post(desk, "/meetings", own, 409)["code"] == "meeting.sent_before", "somebody has changed it since"
    assert at_centre(desk, "gia-vien") == moved
    post(desk, "/meetings", own | {"key": "m@1"}, 422)
    assert post(desk, "/meetings", form())["uid"] != post(desk, "/meetings", form())["uid"], "without a key, two"


def test_a_request_that_is_sent_again_is_one_until_it_is_answered(desk: Desk) -> None:
    network(desk)
    desk.sign_in("office", "Lê Thị Mai")
    first = post(desk, "/requests", REQUEST)
    desk.now_ms += MINUTE
    assert post(desk, "/requests", REQUEST) == first
    other = post(desk, "/requests", REQUEST | {"rooms": ["kim-son"]})["id"]
    assert other != first["id"]
    post(desk, f"/requests/{first['id']}/withdraw", {})
    assert post(desk, "/requests", REQUEST)["id"] not in (first["id"], other)
    history = desk.http.get("/api/requests").json()["requests"][-1]["history"]
    assert [line["code"] for line in history] == ["booking.done.ask", "booking.done.withdrawn"]


def test_a_meeting_that_has_gone_to_another_series_meanwhile_is_not_there_to_be_changed(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(rule="FREQ=WEEKLY"))
    old = at_centre(desk, "gia-vien")[6]
    post(desk, "/meetings/mark", {"uid": at_centre(desk, "gia-vien")[4][0], "following": True, "what": "postpone"})
    after = at_centre(desk, "gia-vien")
    assert old[0] not in {row[0] for row in after}
    assert desk.http.get("/api/meetings/one", params={"uid": old[0]}).json()["code"] == "meeting.unknown"
    asks: list[tuple[str, dict[str, object]]] = [
        ("mark", {"what": "cancel"}),
        ("mark", {"what": "cancel", "whole": True}),
        ("mark", {"what": "postpone", "following": True}),
        ("move", {"start_ms": old[1] + DAY, "end_ms": old[2] + DAY}),
        ("edit", {"form": form(start_ms=old[1], end_ms=old[2])}),
        ("edit", {"form": form(start_ms=old[1], end_ms=old[2], rule="FREQ=WEEKLY"), "following": True}),
    ]
    for act, ask in asks:
        assert post(desk, f"/meetings/{act}", {"uid": old[0]} | ask, 404)["code"] == "meeting.unknown", (act, ask)
    assert at_centre(desk, "gia-vien") == after == in_room(desk, "gia-vien")


def test_from_the_first_on_it_is_the_whole_series_and_without_a_rule_nothing_follows(desk: Desk) -> None:
    network(desk)
    uid = post(desk, "/meetings", form(rule="FREQ=WEEKLY"))["uid"]
    first, second, *_ = at_centre(desk, "gia-vien")
    other = form(rule="FREQ=WEEKLY", title="Tên khác")
    made = post(desk, "/meetings/edit", {"uid": first[0], "following": True, "form": other, "sequence": 0})
    assert made["uid"] == uid
    assert {row.title for row in desk.rows(select(INSTANCES.c.title))} == {"Tên khác"}
    alone = form(start_ms=second[1], end_ms=second[2])
    refused = post(desk, "/meetings/edit", {"uid": second[0], "following": True, "form": alone}, 422)
    assert refused["code"] == "meeting.follows_none"
    assert len(at_centre(desk, "gia-vien")) > 50


def test_one_of_a_series_and_those_that_follow_are_postponed_cancelled_and_restored(desk: Desk) -> None:
    network(desk)
    hands = {"gia-vien": {"technician": "Lê Văn An", "substitute": ""}}
    uid = post(desk, "/meetings", form(rule="FREQ=WEEKLY", crew=hands))["uid"]
    rows = at_centre(desk, "gia-vien")
    moved = {"uid": rows[5][0], "start_ms": rows[5][1] + DAY, "end_ms": rows[5][2] + DAY}
    post(desk, "/meetings/move", moved)
    ask = {"uid": rows[4][0], "following": True, "what": "postpone", "reason": "bão"}
    assert post(desk, "/meetings/mark", ask | {"sequence": 0}, 409)["code"] == "meeting.newer"
    later = post(desk, "/meetings/mark", ask | {"sequence": 1})["uid"]
    assert later != uid
    was = [(row[1], row[1] >= rows[4][1]) for row in rows]
    was[5] = (rows[5][1] + DAY, True)
    for room in ("kim-son", "gia-vien"):
        assert in_room(desk, room) == at_centre(desk, room), room
        assert [(row[1], row[4]) for row in in_room(desk, room)] == was, room
    crew = desk.rows(select(INSTANCE_ROOMS.c.technician).where(INSTANCE_ROOMS.c.room == "gia-vien"))
    assert {row.technician for row in crew} == {"Lê Văn An"}
    sixth = {"uid": at_centre(desk, "gia-vien")[6][0], "following": True, "reason": ""}
    gone = post(desk, "/meetings/mark", sixth | {"what": "cancel"})["uid"]
    assert [row[1] for row in in_room(desk, "gia-vien")] == [at for at, _ in was[:6]]
    assert in_room(desk, "gia-vien") == at_centre(desk, "gia-vien")
    told = desk.http.get("/api/meetings/one", params={"uid": f"{gone}@{mark(rows[6][1])}"}).json()
    assert (told["form"]["status"], told["crew"]["gia-vien"]["technician"]) == ("CANCELLED", "Lê Văn An")
    assert (told["history"][0]["code"], told["history"][0]["args"]) == (
        "meeting.done.cancel_following",
        ["Giao ban tháng 7", ""],
    )
    alone = {"uid": f"{gone}@{mark(rows[8][1])}", "what": "restore"}
    assert post(desk, "/meetings/mark", alone, 422)["code"] == "meeting.all_cancelled"
    post(desk, "/meetings/mark", alone | {"following": True})
    assert [row[1] for row in in_room(desk, "gia-vien")] == [at for at, _ in was[:6] + was[8:]]
    assert [row[4] for row in in_room(desk, "gia-vien")[6:8]] == [False, False]


ADDED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//VI
BEGIN:VEVENT
UID:so-noi-vu
DTSTAMP:20260701T000000Z
SUMMARY:Giao ban tuần
DTSTART:20260721T080000
DTEND:20260721T090000
{rule}RDATE:20260720T100000,20260730T140000,20260806T140000
EXDATE:20260728T080000
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize("rule", ["", "RRULE:FREQ=WEEKLY;COUNT=4\n"], ids=["days alone", "a rule too"])
@pytest.mark.parametrize("at", [1, 2])
def test_days_that_were_added_to_an_imported_series_follow_too(desk: Desk, rule: str, at: int) -> None:
    """RDATE and EXDATE, as offices' calendars have them: added days before the first, at another hour, last."""
    network(desk)
    text = ADDED.format(rule=rule).replace("\n", "\r\n")
    post(desk, "/exchange/import", {"rooms": ["kim-son", "gia-vien"], "text": text})
    rows = in_room(desk, "kim-son")
    starts = [row[1] for row in rows]
    assert len(starts) == 4 + 2 * bool(rule)
    own = {"uid": rows[-1][0], "start_ms": starts[-1] + HOUR, "end_ms": rows[-1][2] + HOUR}
    post(desk, "/meetings/move", own)
    starts[-1] += HOUR
    ask = {"uid": rows[at][0], "following": True}
    later = post(desk, "/meetings/mark", ask | {"what": "postpone"})["uid"]
    for room in ("kim-son", "gia-vien"):
        assert [(row[1], row[4]) for row in in_room(desk, room)] == [(ms, n >= at) for n, ms in enumerate(starts)]
        assert in_room(desk, room) == at_centre(desk, room)
    assert [row[0] for row in in_room(desk, "kim-son")][:at] == [row[0] for row in rows][:at], "their names stay"
    ask = {"uid": in_room(desk, "kim-son")[at][0], "following": True}
    assert post(desk, "/meetings/mark", ask | {"what": "cancel"})["uid"] == later
    assert [row[1] for row in in_room(desk, "kim-son")] == starts[:at]
    post(desk, "/meetings/mark", ask | {"what": "restore"})
    assert [row[1] for row in in_room(desk, "kim-son")] == starts
    assert in_room(desk, "kim-son") == at_centre(desk, "kim-son")


def test_following_the_first_is_the_whole_series_and_following_a_single_one_is_that_one(desk: Desk) -> None:
    network(desk)
    uid = post(desk, "/meetings", form(rule="FREQ=WEEKLY"))["uid"]
    first = at_centre(desk, "gia-vien")[0][0]
    made = post(desk, "/meetings/mark", {"uid": first, "following": True, "what": "cancel"})
    assert (made["uid"], in_room(desk, "gia-vien")) == (uid, [])
    single = post(desk, "/meetings", form())["uid"]
    made = post(desk, "/meetings/mark", {"uid": single, "following": True, "what": "postpone"})
    assert (made["uid"], [row[4] for row in in_room(desk, "gia-vien")]) == (single, [True])


def test_who_is_at_the_devices_from_one_meeting_on_stands_in_its_rows_at_once(desk: Desk) -> None:
    network(desk)
    post(desk, "/meetings", form(rule="FREQ=WEEKLY;COUNT=3"))
    second = at_centre(desk, "gia-vien")[1]
    hands = {"gia-vien": {"technician": "Vũ Văn Sơn", "substitute": ""}}
    own = form(rule="FREQ=WEEKLY;COUNT=2", start_ms=second[1], end_ms=second[2], crew=hands)
    post(desk, "/meetings/edit", {"uid": second[0], "following": True, "form": own})
    crew = desk.rows(select(INSTANCE_ROOMS.c.technician).where(INSTANCE_ROOMS.c.technician != ""))
    assert [row.technician for row in crew] == ["Vũ Văn Sơn"] * 2


def mark(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
