"""Contacts, units, accounts and the shift book over both databases."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.store.tables_people import AUDIT, PEOPLE, ROOMS, UNITS, USERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, SHIFTS
from tests.controller.dashboard.kit import HOUR, NOW_MS, Desk

ANNA = {
    "name": "Nguyễn Văn An",
    "phone": "0912 345 678",
    "trained": [{"on": "2026-07-01", "what": "vận hành"}, {"on": "2025-07-01", "what": "mở đầu"}],
    "rooms": [{"room": "kim-son", "part": "technician"}],
}


def test_a_contact_is_written_found_and_deleted_for_good(desk: Desk) -> None:
    desk.room("kim-son", "Kim Sơn")
    desk.meeting("m", ["kim-son"], NOW_MS)
    desk.sign_in()
    id_ = desk.http.post("/api/people", json=ANNA).json()["id"]
    assert desk.http.post("/api/stand-ins", json={"room": "kim-son", "person": id_}).status_code == 200
    told = desk.http.get("/api/people").json()
    assert [(p["name"], p["rooms"]) for p in told["people"]] == [(ANNA["name"], ANNA["rooms"])]
    assert [one["on"] for one in told["people"][0]["trained"]] == ["2025-07-01", "2026-07-01"]
    assert (told["day"], told["stand_ins"][0]["person"]) == ("2026-07-15", id_)
    before = desk.rows(select(INSTANCE_ROOMS))
    assert desk.http.delete(f"/api/people/{id_}").status_code == 200
    assert desk.rows(select(PEOPLE)) == []
    assert desk.http.get("/api/people").json()["stand_ins"] == []
    assert desk.rows(select(INSTANCE_ROOMS)) == before
    assert all("Nguyễn" not in str(tuple(row)) for row in desk.rows(select(AUDIT)))
    assert desk.http.delete(f"/api/people/{id_}").json()["code"] == "people.unknown"


def test_what_is_wrong_with_a_contact_is_said_and_nothing_is_kept(desk: Desk) -> None:
    desk.sign_in()
    answer = desk.http.post("/api/people", json=ANNA)
    assert (answer.status_code, answer.json()["args"]) == (422, ["kim-son"])
    assert desk.http.post("/api/people", json={"name": "x", "unit": 9}).json()["code"] == "people.unit"
    assert desk.http.post("/api/people", json={"name": "x", "phone": "<b>"}).status_code == 422
    assert desk.rows(select(PEOPLE)) == []
    assert desk.http.post("/api/people/9", json={"name": "x"}).status_code == 404
    desk.sign_in("office")
    assert desk.http.get("/api/people").status_code == 200
    assert desk.http.post("/api/people", json={"name": "x"}).status_code == 403


def test_units_merge_and_the_rooms_slug_survives(desk: Desk) -> None:
    desk.sign_in()
    old = desk.http.post("/api/units", json={"name": "Kim Sơn", "kind": "huyện"}).json()["id"]
    below = desk.http.post("/api/units", json={"name": "Phát Diệm", "kind": "xã", "parent": old}).json()["id"]
    new = desk.http.post("/api/units", json={"name": "Bình Minh", "kind": "xã"}).json()["id"]
    desk.store(ROOMS, {"slug": "kim-son", "name": "Kim Sơn", "unit": old})
    desk.store(PEOPLE, {"name": "An", "unit": old, "trained": []})
    circle = desk.http.post(f"/api/units/{old}", json={"name": "Kim Sơn", "kind": "huyện", "parent": below})
    assert circle.json()["code"] == "people.circle"
    assert desk.http.post(f"/api/units/{old}/merge", json={"into": below}).json()["code"] == "people.circle"
    assert desk.http.post(f"/api/units/{old}/merge", json={"into": new}).status_code == 200
    assert [(row.slug, row.unit) for row in desk.rows(select(ROOMS))] == [("kim-son", new)]
    assert [row.unit for row in desk.rows(select(PEOPLE))] == [new]
    rows = {row.id: row for row in desk.rows(select(UNITS))}
    assert (rows[old].merged_into, rows[below].parent) == (new, new)
    assert desk.http.post(f"/api/units/{old}", json={"name": "x", "kind": "xã"}).json()["code"] == "people.unit"


def test_an_account_has_a_password_that_is_shown_once(desk: Desk) -> None:
    desk.sign_in("admin")
    body = {"login": "nguyen.an", "name": "Nguyễn Văn An", "unit": "Sở KH&CN", "role": "operator"}
    made = desk.http.post("/api/users", json=body).json()
    assert desk.http.post("/api/users", json=body).json()["code"] == "users.taken"
    kept = desk.http.get("/api/users")
    assert made["password"] not in kept.text
    assert "argon2" not in kept.text
    again = desk.http.post(f"/api/users/{made['id']}/password").json()["password"]

    def enters(password: str) -> int:
        mine = dict(desk.http.cookies)
        answer: int = desk.http.post("/api/sign-in", json={"login": "nguyen.an", "password": password}).status_code
        desk.http.cookies.clear()
        desk.http.cookies.update(mine)
        return answer

    assert (enters(made["password"]), enters(again)) == (401, 200)
    closed = {"name": "An", "role": "operator", "disabled": True}
    assert desk.http.post(f"/api/users/{made['id']}", json=closed).status_code == 200
    assert enters(again) == 401
    me = desk.http.get("/api/users").json()["me"]
    assert desk.http.post(f"/api/users/{me}", json=closed).json()["code"] == "users.self"
    assert desk.http.post("/api/users/999", json=closed).status_code == 404
    assert desk.http.post("/api/users/999/password").status_code == 404
    audit = desk.http.get("/api/users").json()["audit"]
    assert [line["what"] for line in audit] == ["user_changed", "password", "user"]
    assert again not in str(audit)


def test_a_closed_account_is_out_at_once(desk: Desk) -> None:
    desk.sign_in("operator")
    session = dict(desk.http.cookies)
    id_ = desk.rows(select(USERS.c.id))[0].id
    desk.http.cookies.clear()
    desk.sign_in("admin")
    closed = {"name": "B", "role": "operator", "disabled": True}
    assert desk.http.post(f"/api/users/{id_}", json=closed).status_code == 200
    desk.http.cookies.clear()
    desk.http.cookies.update(session)
    assert desk.http.get("/api/me").status_code == 401


def test_two_people_of_one_name_take_over_from_each_other(desk: Desk) -> None:
    desk.sign_in("operator")
    desk.http.post("/api/shifts", json={"text": "đã bàn giao"})
    assert [one["mine"] for one in desk.http.get("/api/shifts").json()["shifts"]] == [True]
    id_ = desk.rows(select(SHIFTS.c.id))[0].id
    desk.sign_in("admin")
    assert [one["mine"] for one in desk.http.get("/api/shifts").json()["shifts"]] == [False]
    assert desk.http.post(f"/api/shifts/{id_}/take").status_code == 200
    assert [(row.by, row.to) for row in desk.rows(select(SHIFTS))] == [("Trần Thị Bình", "Trần Thị Bình")]


def test_a_renamed_person_does_not_take_over_from_herself(desk: Desk) -> None:
    desk.sign_in("admin")
    desk.http.post("/api/shifts", json={"text": "đã bàn giao"})

    async def rename(connection: AsyncConnection) -> None:
        await connection.execute(update(USERS).values(name="Trần Thị Bình Minh"))

    desk.transaction(rename)
    id_ = desk.rows(select(SHIFTS.c.id))[0].id
    assert desk.http.post(f"/api/shifts/{id_}/take").json()["code"] == "shifts.self"


def test_a_shift_is_taken_over_once_by_another(desk: Desk) -> None:
    desk.meeting("m", ["kim-son"], NOW_MS + HOUR)
    desk.sign_in("operator")
    assert desk.http.post("/api/shifts", json={"text": "chờ VNPT gọi lại"}).status_code == 200
    id_ = desk.rows(select(SHIFTS.c.id))[0].id
    assert desk.http.post(f"/api/shifts/{id_}/take").json()["code"] == "shifts.self"
    desk.sign_in("admin", "Lê Văn Cường")
    assert desk.http.post(f"/api/shifts/{id_}/take").status_code == 200
    assert desk.http.post(f"/api/shifts/{id_}/take").json()["code"] == "shifts.taken"
    assert desk.http.post("/api/shifts/999/take").status_code == 404
    told = desk.http.get("/api/shifts").json()
    assert [(one["text"], one["to"]) for one in told["shifts"]] == [("chờ VNPT gọi lại", "Lê Văn Cường")]
    assert [one["uid"] for one in told["meetings"]] == ["m"]


def test_who_changed_something_stands_by_the_number_of_the_account(desk: Desk) -> None:
    """A name is said while there is one; the line outlives it, and names nobody by itself."""
    desk.sign_in("admin", "Phạm Thị Hoa")
    account = {"login": "truc.ban", "name": "Lê Văn An", "unit": "", "role": "operator"}
    assert desk.http.post("/api/users", json=account).status_code == 200
    assert [(row.by, row.by_user) for row in desk.rows(select(AUDIT))] == [("", 1)]
    desk.store(AUDIT, {"at_ms": 1, "by": "Trần Cũ", "what": "user", "subject": "x", "args": []})
    assert [line["by"] for line in desk.http.get("/api/users").json()["audit"]] == ["Trần Cũ", "Phạm Thị Hoa"]
