"""Rights: the whole matrix written out, and every route of the application walked by who may not use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from controller.dashboard.rights import AT_DESK, IN_MEETING, Action, Actor, Role, Window, refusal
from controller.dashboard.store.tables_people import DESK_USERS, USERS
from controller.dashboard.store.tables_work import INCIDENTS
from controller.dashboard.web.gate import admit
from tests.controller.dashboard.kit import HOUR, MINUTE, NOW_MS, Desk

UID = "giao-ban@20260715T010000Z"
OTHER = "tap-huan@20260715T010000Z"
MATRIX = """
           admin operator office viewer chair phone technician
see          x      x       x      x     -     x     x
see_people   x      x       x      -     -     -     -
people       x      x       -      -     -     -     -
power        x      x       -      -     -     -     -
force        x      x       -      -     -     -     -
floor        x      x       -      -     x     -     -
desk         x      x       -      -     -     -     -
mic          x      x       -      -     -     -     -
call         x      x       -      -     -     -     -
camera       x      x       -      -     -     -     -
rollcall     x      x       -      -     -     -     -
incident     x      x       -      -     -     -     -
cause        x      -       x      -     -     -     -
explain      x      -       -      -     -     x     x
ask          x      x       x      -     -     x     x
calendar     x      x       -      -     -     -     -
maintain     x      x       -      -     -     x     x
duty         -      -       -      -     -     x     x
report       x      x       x      -     -     -     -
settings     x      -       -      -     -     -     -
admin        x      -       -      -     -     -     -
"""
HEAD, *LINES = [line.split() for line in MATRIX.split("\n") if line.strip()]
CELLS = [
    (Role(role), Action(line[0]), mark == "x") for line in LINES for role, mark in zip(HEAD, line[1:], strict=True)
]


def bound(role: Role, user: int = 1) -> Actor:
    room, meeting = {Role.CHAIR: ("", "m"), Role.PHONE: ("a", "")}.get(role, ("", ""))
    rooms = frozenset({"a"} if role is Role.TECHNICIAN else ())
    return Actor("x", role, user, room=room, meeting=meeting, rooms=rooms)


def window(uid: str = "m", desk: frozenset[int] = frozenset()) -> Window:
    return Window(uid, NOW_MS, NOW_MS + HOUR, frozenset({"a"}), desk)


def test_no_cell_is_missing() -> None:
    assert len(CELLS) == len(Role) * len(Action) == len({cell[:2] for cell in CELLS})


@pytest.mark.parametrize(("role", "action", "may"), CELLS)
def test_a_cell(role: Role, action: Action, may: bool) -> None:
    who = bound(role)
    assert (refusal(who, action, NOW_MS, room="a", meeting=window()) is None) == may
    if not may:
        assert refusal(who, action, NOW_MS, room="a", meeting=window()) == "rights.role"
        return
    for late in (NOW_MS - 91 * MINUTE, NOW_MS + HOUR + 30 * MINUTE):
        outside = refusal(who, action, late, room="a", meeting=window())
        assert outside == ("rights.no_meeting" if action in IN_MEETING else None)
    assert (refusal(who, action, NOW_MS, room="a") is None) == (action not in IN_MEETING)
    foreign = refusal(who, action, NOW_MS, room="b", meeting=window())
    bounds = {Role.PHONE: "rights.other_room", Role.TECHNICIAN: "rights.other_commune"}
    expected = bounds.get(role, "rights.no_meeting" if action in IN_MEETING else None)
    assert foreign == expected
    other = refusal(who, action, NOW_MS, room="a", meeting=window("n"))
    assert other == ("rights.other_meeting" if role is Role.CHAIR else None)
    desk = refusal(who, action, NOW_MS, room="a", meeting=window(desk=frozenset({2})))
    assert desk == ("rights.other_desk" if role is Role.OPERATOR and action in AT_DESK else None)
    assert refusal(bound(role, 2), action, NOW_MS, room="a", meeting=window(desk=frozenset({2}))) is None


# ---- every route of the application


ASKS = ("/api/requests", "/api/exchange/feeds", "/api/rooms/hoa-lu/orders")
"""Screens that look at the form of what is asked before they look at who asks; their own tests say who may."""
PATTERNS = {"login": "nguyen.an", "on": "2026-07-01", "day": "2026-07-01", "phone": "0912345678"}


def example(schema: Mapping[str, Any], whole: Mapping[str, Any], name: str = "") -> Any:
    """The smallest thing that `schema` accepts; every `room` is the foreign one."""
    if "$ref" in schema:
        return example(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole, name)
    if name in ("room", "slug"):
        return "hoa-lu"
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if choice := schema.get("anyOf") or schema.get("oneOf"):
        return example(choice[0], whole, name)
    if "pattern" in schema:
        return PATTERNS.get(name, "1" * schema.get("minLength", 1))
    kind = schema.get("type")
    if kind == "object":
        of = schema.get("properties", {})
        return {
            key: example(of[key], whole, key) for key in of if key in schema.get("required", ()) or key == "room"
        }
    if kind == "array":
        return [example(schema.get("items", {}), whole, name.rstrip("s"))] * schema.get("minItems", 0)
    if kind == "string":
        return "x" * max(1, schema.get("minLength", 1))
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return {"integer": low, "number": low, "boolean": False}.get(kind or "")


def routes(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    """Method, path with its places filled in, and a body that is accepted in form."""
    whole = desk.app.openapi()
    for path, methods in whole["paths"].items():
        for method, about in methods.items():
            body = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            filled = path.replace("{uid}", UID).replace("{room}", "hoa-lu").replace("{slug}", "hoa-lu")
            for one in about.get("parameters", ()):
                if one["in"] == "path" and f"{{{one['name']}}}" in filled:
                    value = example(one["schema"], whole, one["name"])
                    filled = filled.replace(f"{{{one['name']}}}", str(value))
            asked = [one for one in about.get("parameters", ()) if one["in"] == "query" and one.get("required")]
            query = "&".join(f"{one['name']}={example(one['schema'], whole, one['name'])}" for one in asked)
            filled += f"?{query}" if query else ""
            yield method.upper(), filled, None if body is None else example(body, whole)


OPEN = ("/api/sign-in", "/api/oidc", "/api/pass/", "/api/texts", "/api/feed", "/metrics")
"""What is for everybody: to come in at all. A feed is opened by its own secret."""
OF_EVERYONE = ("/api/me", "/api/sign-out", "/api/stream", "/api/openapi.json")


def walk(desk: Desk, allowed: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """What the routes outside `allowed` answer."""
    found = {}
    for method, path, body in routes(desk):
        if not path.startswith((*OPEN, *allowed)):
            answer = desk.http.request(method, path, json=body)
            said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            found[f"{method} {path}"] = (answer.status_code, said.get("code", "") if isinstance(said, dict) else "")
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One kind of database is enough here: what differs between the two is tested where it is asked."""
    with Desk(f"sqlite+aiosqlite:///{tmp_path}/centre.db") as made:
        yield made


def met(desk: Desk) -> None:
    """Two meetings that are on, in two rooms each, and an incident of the room that is not the phone's own."""
    desk.room("kim-son", "Kim Sơn", asks=["ghe-1"])
    desk.room("hoa-lu", "Hoa Lư")
    for uid in (UID, OTHER):
        desk.meeting(uid, ["kim-son", "hoa-lu"], NOW_MS - 10 * MINUTE)
    desk.store(
        INCIDENTS,
        {"key": "k", "open_key": "k", "code": "power", "scope": "room", "rooms": ["hoa-lu"], "from_ms": NOW_MS,
         "seen_ms": NOW_MS, "changed_ms": NOW_MS},
    )  # fmt: skip


def enter(desk: Desk, kind: str, room: str = "", meeting: str = "") -> None:
    secret = desk.run(lambda: admit(desk.place, kind, desk.now_ms + 9 * HOUR, room=room, meeting=meeting, name="x"))
    desk.http.cookies.clear()
    assert desk.http.get(f"/api/pass/{secret}").status_code == 200


def test_without_a_session_every_route_says_sign_in(desk: Desk) -> None:
    met(desk)
    answers = walk(desk)
    assert len(answers) > 30
    assert {path: told for path, told in answers.items() if told != (401, "rights.sign_in")} == {}


def test_a_viewer_changes_nothing_and_sees_no_people(desk: Desk) -> None:
    met(desk)
    desk.sign_in("viewer")
    answers = walk(desk, (*OF_EVERYONE, *ASKS))
    changes = {path: told for path, told in answers.items() if not path.startswith("GET ")}
    assert len(changes) > 20
    assert {path: told for path, told in changes.items() if told[0] not in (403, 404)} == {}
    for path in ("/api/people", "/api/users", "/api/shifts", f"/api/sessions/{UID}/floor-log", "/api/my-room"):
        assert answers[f"GET {path}"][0] == 403, path


def test_a_phone_reaches_no_other_room(desk: Desk) -> None:
    met(desk)
    enter(desk, "phone", room="kim-son")
    answers = walk(desk, (*OF_EVERYONE, *ASKS, "/api/my-room"))
    mine = answers.pop("GET /api/incidents")
    assert {path: told for path, told in answers.items() if told[0] not in (403, 404)} == {}
    assert (mine[0], desk.http.get("/api/incidents").json()["incidents"]) == (200, [])
    assert desk.way.sent == []


def test_a_chair_of_another_meeting_reaches_nothing_of_this_one(desk: Desk) -> None:
    met(desk)
    enter(desk, "chair", meeting=OTHER)
    answers = walk(desk, (*OF_EVERYONE, *ASKS, "/api/chair"))
    assert {path: told for path, told in answers.items() if told[0] not in (403, 404)} == {}
    assert answers[f"POST /api/sessions/{UID}/floor"] == (403, "rights.other_meeting")
    assert desk.way.sent == []


def test_the_chairs_own_link_gives_the_floor_and_no_more(desk: Desk) -> None:
    met(desk)
    enter(desk, "chair", meeting=UID)
    answers = walk(desk, (*OF_EVERYONE, *ASKS, "/api/chair", f"/api/sessions/{UID}/floor"))
    assert {path: told for path, told in answers.items() if told[0] not in (403, 404)} == {}


def test_another_desks_meeting_is_seen_and_not_touched(desk: Desk) -> None:
    met(desk)
    desk.sign_in("operator")
    desk.store(
        USERS,
        {"id": 77, "login": "khac", "name": "Lê Văn Khác", "role": "operator", "password": "", "disabled": False},
    )
    desk.store(DESK_USERS, {"meeting": UID, "user": 77, "part": "desk"})
    here = {
        path: told
        for path, told in walk(desk, OF_EVERYONE).items()
        if f"/api/sessions/{UID}/" in path and "POST" in path
    }
    assert len(here) >= 6
    assert set(here.values()) == {(403, "rights.other_desk")}
    assert desk.http.get(f"/api/sessions/{UID}").status_code == 200
    body = {"room": "kim-son", "seat": "ghe-1", "value": "grant"}
    assert desk.http.post(f"/api/sessions/{OTHER}/floor", json=body).status_code == 202
    desk.sign_in("admin")
    assert desk.http.post(f"/api/sessions/{UID}/floor", json=body).status_code == 202


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_outside_a_booked_meeting_nobody_reaches_a_room_of_it(desk: Desk, role: str) -> None:
    met(desk)
    desk.now_ms += 6 * HOUR
    desk.sign_in(role)
    here = {
        path: told
        for path, told in walk(desk, OF_EVERYONE).items()
        if f"/api/sessions/{UID}/" in path and "POST" in path
    }
    told = {path.rpartition("/")[2]: answer for path, answer in here.items()}
    for path in ("floor", "mute", "message", "backup", "chair-qr"):
        assert told[path] == (403, "rights.no_meeting"), path
    verbs = {one.topic.rpartition("/")[2] for one in desk.way.sent}
    assert verbs & {"floor", "mute", "call", "seat"} == set()
