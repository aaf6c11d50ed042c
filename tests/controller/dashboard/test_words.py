"""What a room's people wrote is received, answered, done; the room reads it (R31); over both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from controller.dashboard.store.tables_work import FEEDBACK
from tests.controller.dashboard.kit import Desk
from tests.controller.dashboard.test_rights import enter


def wrote(desk: Desk, text: str = "loa bên trái rè") -> int:
    desk.room("kim-son", "Kim Sơn")
    enter(desk, "phone", room="kim-son")
    assert desk.http.post("/api/my-room/word", json={"kind": "fault", "text": text}).status_code == 200
    found: int = desk.rows(select(FEEDBACK.c.id))[0].id
    return found


def in_room(desk: Desk) -> list[tuple[Any, ...]]:
    enter(desk, "phone", room="kim-son")
    words = desk.http.get("/api/my-room").json()["words"]
    return [(one["stage"], one["answer"], one["answered_by"]) for one in words]


def open_words(desk: Desk) -> list[str]:
    return [one["stage"] for one in desk.http.get("/api/shifts").json()["words"]]


@pytest.mark.parametrize("role", ["office", "viewer"])
def test_who_may_not_answer_changes_nothing(desk: Desk, role: str) -> None:
    id_ = wrote(desk)
    for _ in range(2):
        answer = desk.http.post(f"/api/words/{id_}", json={"stage": "done"})
        assert (answer.status_code, answer.json()["code"]) == (403, "rights.role")
        desk.sign_in(role)
    assert in_room(desk) == [("new", "", None)]


def test_what_cannot_be_answered_says_why(desk: Desk) -> None:
    id_ = wrote(desk)
    desk.sign_in()
    assert desk.http.post("/api/words/999", json={"stage": "done"}).json()["code"] == "words.unknown"
    assert desk.http.post(f"/api/words/{id_}", json={"stage": "new"}).status_code == 422
    assert desk.http.post(f"/api/words/{id_}", json={"stage": "done", "answer": "x" * 2_001}).status_code == 422
    assert desk.http.post(f"/api/words/{id_}", json={"stage": "done", "answer": "Đã thay loa"}).status_code == 200
    again = desk.http.post(f"/api/words/{id_}", json={"stage": "received", "answer": "khác"})
    assert (again.status_code, again.json()["code"]) == (409, "words.done")
    assert in_room(desk) == [("done", "Đã thay loa", "Trần Thị Bình")]


def test_a_word_is_received_answered_and_done_and_leaves_the_shift_book_then(desk: Desk) -> None:
    id_ = wrote(desk)
    desk.sign_in()
    assert open_words(desk) == ["new"]
    body = {"stage": "received", "answer": "Mai có thợ đến"}
    assert desk.http.post(f"/api/words/{id_}", json=body).status_code == 200
    assert open_words(desk) == ["received"]
    assert in_room(desk) == [("received", "Mai có thợ đến", "Trần Thị Bình")]
    desk.sign_in("admin", "Lê Văn Cường")
    assert desk.http.post(f"/api/words/{id_}", json={"stage": "done", "answer": "  "}).status_code == 200
    assert open_words(desk) == []
    assert in_room(desk) == [("done", "Mai có thợ đến", "Lê Văn Cường")]


def test_a_room_reads_its_own_words_only(desk: Desk) -> None:
    wrote(desk)
    desk.room("hoa-lu", "Hoa Lư")
    enter(desk, "phone", room="hoa-lu")
    assert desk.http.get("/api/my-room").json()["words"] == []
