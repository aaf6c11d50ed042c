"""A secret meeting's title, document and kind, on every route that answers a GET, for every role; and what
stands in the way of a booking."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from controller.dashboard.discreet import SECRET_TITLE, shown
from controller.dashboard.rights import Role
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk
from tests.controller.dashboard.test_calendar_api import form, network, post
from tests.controller.dashboard.test_rights import enter

TITLE, DOCUMENT = "Nhân sự chủ chốt", "77/MAT"
OF_PLANNERS = {"/api/calendar", "/api/meetings/one", "/api/ahead"}
"""Who moves a meeting has to know which; the rooms' own people and the offices do not."""
ENDLESS = "/api/stream"
FIELDS = {"title": TITLE, "document_no": DOCUMENT, "kind": "giao_ban", "secret": True}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(f"sqlite+aiosqlite:///{tmp_path}/centre.db") as made:
        yield made


def booked(desk: Desk) -> str:
    """A secret meeting in half an hour, whose rooms are asked for by somebody else too; its uid."""
    network(desk)
    when = {"start_ms": NOW_MS + 30 * MINUTE, "end_ms": NOW_MS + 2 * HOUR}
    uid: str = post(desk, "/meetings", form(**FIELDS, **when))["uid"]
    return uid


def asked(desk: Desk) -> dict[str, Any]:
    when = {"start_ms": NOW_MS + HOUR, "end_ms": NOW_MS + 3 * HOUR}
    return {"unit": "Sở Y tế", "content": "Giao ban", "rooms": ["kim-son"], **when}


def gets(desk: Desk, uid: str) -> Iterator[tuple[str, str]]:
    """Every GET of the application as its path in the sources, and as it is asked about this meeting."""
    known = {"uid": uid, "meeting": uid, "room": "kim-son", "slug": "kim-son", "from_ms": NOW_MS - HOUR,
             "to_ms": NOW_MS + 9 * HOUR, "what": "room.temp", "id_": 1, "secret": "x"}  # fmt: skip
    for path, methods in desk.app.openapi()["paths"].items():
        places = methods.get("get", {}).get("parameters", ())
        choices = [
            [(one["in"], one["name"], value) for value in one["schema"].get("enum", [known.get(one["name"])])]
            for one in places
        ]
        for chosen in product(*choices) if "get" in methods and path != ENDLESS else ():
            filled = path
            for where, name, value in chosen:
                filled = filled.replace(f"{{{name}}}", str(value)) if where == "path" else filled
            asks = [f"{name}={value}" for where, name, value in chosen if where == "query" and value is not None]
            yield path, filled + ("?" + "&".join(asks) if asks else "")


def telling(desk: Desk, uid: str) -> tuple[set[str], int]:
    """Paths whose answer has the title or the document, and how many answered at all."""
    found, answered = set(), 0
    for path, filled in gets(desk, uid):
        answer = desk.http.get(filled)
        assert answer.status_code < 500, filled
        answered += answer.status_code == 200
        if TITLE in answer.text or DOCUMENT in answer.text:
            found.add(path)
    return found, answered


@pytest.mark.parametrize(("role", "least"), [("admin", 30), ("operator", 25), ("office", 20), ("viewer", 10)])
def test_the_title_is_for_those_who_plan_and_in_the_calendar_alone(desk: Desk, role: str, least: int) -> None:
    uid = booked(desk)
    desk.sign_in(role)
    if role != "viewer":
        post(desk, "/requests", asked(desk))
    found, answered = telling(desk, uid)
    assert found == (OF_PLANNERS if Role(role) in (Role.ADMIN, Role.OPERATOR) else set())
    assert answered >= least


def test_a_phone_and_the_chair_see_the_hour_alone(desk: Desk) -> None:
    uid = booked(desk)
    enter(desk, "phone", room="kim-son")
    post(desk, "/requests", asked(desk))
    assert [row["title"] for row in desk.http.get("/api/my-room").json()["meetings"]] == [SECRET_TITLE]
    assert telling(desk, uid)[0] == set()
    enter(desk, "chair", meeting=uid)
    assert desk.http.get("/api/chair").json()["title"] == SECRET_TITLE
    assert telling(desk, uid)[0] == set()


@pytest.mark.parametrize("role", ["office", "operator"])
def test_what_stands_in_the_way_is_told_without_its_title(desk: Desk, role: str) -> None:
    booked(desk)
    desk.sign_in(role)
    told = post(desk, "/meetings/look", form(start_ms=NOW_MS + HOUR, end_ms=NOW_MS + 3 * HOUR))["notes"]
    assert {note["title"] for note in told if note["code"] == "conflict.chair"} == {SECRET_TITLE}


@pytest.mark.parametrize("of", ["check", "certificate"])
def test_papers_of_it_name_the_hour_alone(desk: Desk, of: str) -> None:
    uid = booked(desk)
    answer = desk.http.get(f"/api/reports/{of}.docx?room=kim-son&meeting={uid}")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as paper:
        text = paper.read("word/document.xml").decode()
    assert SECRET_TITLE in text
    assert TITLE not in text


def test_an_open_meeting_is_told_as_it_is() -> None:
    row = {**FIELDS, "secret": False, "uid": "a"}
    assert shown(row) == row
    assert shown({"title": TITLE, "secret": True}) == {"title": SECRET_TITLE, "secret": True}
