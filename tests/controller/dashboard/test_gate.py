"""Nobody comes in without a session, a wrong word looks like a wrong name, foreign pages can ask for nothing."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, select, update
from starlette.requests import Request

from controller.dashboard.store.tables_people import AUDIT, PASSES, TRIES, USERS
from controller.dashboard.web.api_stream import LOOK_MS, told
from controller.dashboard.web.gate import COOKIE
from controller.dashboard.web.stream import Hub
from controller.dashboard.web.tries import ADDRESS, SAME, SPAN_MS, caller, try_once
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


def test_tries_at_once_are_counted_one_after_the_other(desk: Desk) -> None:
    """Also where there are several connections to the database, each of which sees what was written before it."""

    async def one(n: int) -> int:
        async with desk.place.engine.begin() as connection:
            return await try_once(connection, "10.0.0.1", "operator", desk.now_ms + n)

    async def many() -> list[int]:
        return await asyncio.gather(*(one(n) for n in range(3 * SAME)))

    assert desk.run(many).count(0) == SAME


def test_a_clock_that_goes_back_keeps_nobody_out_for_longer(desk: Desk) -> None:
    """A server whose clock was a year ahead when somebody mistyped."""
    desk.sign_in("operator")
    assert [tried(desk, "operator", f"no {n}") for n in range(SAME)] == [401] * SAME
    desk.now_ms -= 365 * 24 * HOUR
    answer = desk.http.post("/api/sign-in", json={"login": "operator", "password": PASSWORD})
    assert (answer.status_code, answer.json()["args"]) == (429, [10]), "and nobody tries the more"
    desk.now_ms += SPAN_MS
    assert tried(desk, "operator", PASSWORD) == 200


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("x" * 5_000, "x" * 48),
    ],
)
def test_whoever_has_a_net_of_its_own_is_one_caller(host: str, counted: str) -> None:
    assert caller(Request({"type": "http", "client": (host, 0)})) == counted


@pytest.mark.parametrize("becomes", ["another role", "disabled", "signed out", "nothing else"])
def test_a_stream_ends_with_the_right_to_hear_it(desk: Desk, becomes: str) -> None:
    desk.sign_in("operator")
    someone, secret, hub = desk.actor(), desk.http.cookies[COOKIE], Hub()
    how = {
        "another role": update(USERS).values(role="technician"),
        "disabled": update(USERS).values(disabled=True),
        "signed out": delete(PASSES),
        "nothing else": update(USERS).values(password="x"),
    }

    async def heard() -> list[str]:
        stream, rows = told(desk.place, hub, secret, someone), []
        rows.append(await anext(stream))
        async with desk.place.engine.begin() as connection:
            await connection.execute(how[becomes])
        for n in range(2):
            hub.say("rooms", {"n": n})
            rows.append(await anext(stream, "end"))
            desk.now_ms -= LOOK_MS
        return rows

    kinds = [row.partition("\n")[0] for row in desk.run(heard)]
    assert kinds == ["event: hello", "event: rooms", "event: rooms" if becomes == "nothing else" else "end"]


def test_what_is_no_text_or_has_no_end_is_refused_and_not_sent_back(desk: Desk) -> None:
    json_type = {"content-type": "application/json"}
    shape = "rights.malformed"
    for login, code in (('"\\u0000"', "rights.unprintable"), ('"\\ud800"', shape), ("1", shape)):
        body = f'{{"login": {login}, "password": "bi mat"}}'
        answer = desk.http.post("/api/sign-in", content=body, headers=json_type)
        assert answer.status_code == 422, login
        said = answer.json()
        assert said["code"] == code
        assert code == "rights.unprintable" or said["detail"][0]["loc"] == ["body", "login"]
        assert "bi mat" not in answer.text
    pieces = iter([b'{"login": "a",', b'"password": "b"}'])
    assert desk.http.post("/api/sign-in", content=pieces, headers=json_type).status_code == 413
