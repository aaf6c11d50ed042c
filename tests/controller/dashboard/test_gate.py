"""Nobody comes in without a session, a wrong word looks like a wrong name, foreign pages can ask for nothing."""

from __future__ import annotations

from sqlalchemy import select

from controller.dashboard.store.tables_people import AUDIT, TRIES
from controller.dashboard.web.tries import ADDRESS, SAME, SPAN_MS
from tests.controller.dashboard.kit import HOUR, MINUTE, PASSWORD, Desk


def test_without_a_session_there_is_no_answer(desk: Desk) -> None:
    assert desk.http.get("/api/me").status_code == 401


def test_a_wrong_password_and_a_wrong_name_look_alike(desk: Desk) -> None:
    desk.sign_in()
    desk.http.cookies.clear()
    wrong = [
        desk.http.post("/api/sign-in", json={"login": login, "password": "no"}) for login in ("operator", "nobody")
    ]
    assert [answer.status_code for answer in wrong] == [401, 401]
    assert wrong[0].json() == wrong[1].json()


def test_a_session_ends_by_itself(desk: Desk) -> None:
    desk.sign_in()
    assert desk.http.get("/api/me").json()["role"] == "operator"
    desk.now_ms += 13 * HOUR
    assert desk.http.get("/api/me").status_code == 401


def test_a_change_without_our_header_is_refused(desk: Desk) -> None:
    desk.sign_in()
    del desk.http.headers["x-diemcau"]
    answer = desk.http.post("/api/sign-out")
    assert (answer.status_code, answer.json()["code"]) == (403, "rights.foreign")
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def tried(desk: Desk, login: str, password: str) -> int:
    return desk.http.post("/api/sign-in", json={"login": login, "password": password}).status_code


def test_who_tries_passwords_waits_and_nobody_else_does(desk: Desk) -> None:
    desk.sign_in("operator")
    desk.sign_in("admin")
    assert [tried(desk, "operator", f"no {n}") for n in range(SAME)] == [401] * SAME
    answer = desk.http.post("/api/sign-in", json={"login": "operator", "password": PASSWORD})
    assert (answer.status_code, answer.json()) == (429, {"code": "rights.wait", "args": [10]})
    assert tried(desk, "admin", PASSWORD) == 200, "another account at the same address"
    lines = desk.http.get("/api/users").json()["audit"]
    assert [(line["what"], line["subject"]) for line in lines] == [("tries", "testclient")]
    new = desk.http.post("/api/users/1/password").json()["password"]
    assert tried(desk, "operator", new) == 200, "whom the administrator gave a new one need not wait"
    assert [tried(desk, "operator", f"no {n}") for n in range(SAME)] == [401] * SAME
    desk.now_ms += SPAN_MS - MINUTE
    assert tried(desk, "operator", new) == 429
    desk.now_ms += MINUTE
    assert tried(desk, "operator", new) == 200
    assert desk.rows(select(TRIES)) == [], "what proved right is not held against anybody"


def test_one_word_on_many_accounts_is_trying_too_and_no_typed_name_is_kept(desk: Desk) -> None:
    assert [tried(desk, f"nguoi-{n}", "123456") for n in range(ADDRESS)] == [401] * ADDRESS
    assert tried(desk, "nguoi-khac", "123456") == 429
    assert len(desk.rows(select(TRIES))) == ADDRESS, "who waits is not noted again"
    assert "nguoi" not in str(desk.rows(select(TRIES))) + str(desk.rows(select(AUDIT)))
