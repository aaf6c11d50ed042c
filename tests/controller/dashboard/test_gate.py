"""Nobody comes in without a session, a wrong word looks like a wrong name, foreign pages can ask for nothing."""

from __future__ import annotations

from tests.controller.dashboard.kit import HOUR, Desk


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
