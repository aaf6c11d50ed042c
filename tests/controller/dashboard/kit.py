"""What tests of the centre share: the application over a database, people who sign in, rooms that spoke."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from controller.dashboard.rights import Actor
from controller.dashboard.settings import Centre
from controller.dashboard.store.tables import LAST
from controller.dashboard.store.tables_people import ROOMS, USERS
from controller.dashboard.store.tables_work import INSTANCE_ROOMS, INSTANCES
from controller.dashboard.web.app import create_app
from controller.dashboard.web.gate import COOKIE, who
from controller.dashboard.web.place import Place

T = TypeVar("T")
HEADERS = {"x-diemcau": "1", "prefer": "wait=0"}
"""As the page asks: for no room is waited."""
NOW_MS = 1_784_077_200_000
"""2026-07-15 08:00 in Vietnam."""
MINUTE = 60_000
HOUR = 3_600_000
PASSWORD = "mat khau dai"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Cheap to check: what a hash costs stands in it. Those that the centre makes have their full price elsewhere."""


@dataclass(slots=True)
class Sent:
    topic: str
    payload: bytes
    retain: bool
    expiry_s: int
    properties: Mapping[str, str]


class Way:
    """Keeps what was sent; `away` = the broker does not answer."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.away = False

    async def send(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry_s: int = 0,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        if self.away:
            raise OSError("no broker")
        self.sent.append(Sent(topic, payload, retain, expiry_s, properties or {}))


class Desk:
    """The application in this process. `http` is a client with our headers."""

    def __init__(self, address: str, settings: Centre | None = None) -> None:
        self.now_ms = NOW_MS
        self.way = Way()
        base = settings or Centre()
        self.app = create_app(base.model_copy(update={"database": address}), self.way, lambda: self.now_ms)
        self.http = TestClient(self.app, headers=HEADERS)

    def __enter__(self) -> Self:
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.__exit__(None, None, None)

    @property
    def place(self) -> Place:
        found: Place = self.app.state.place
        return found

    def run(self, act: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T:
        """`act(*args)` on the application's own loop."""
        assert self.http.portal is not None
        found: T = self.http.portal.call(act, *args)
        return found

    def store(self, table: Table, *rows: Mapping[str, object]) -> None:
        """Put rows into the database."""

        async def put() -> None:
            async with self.place.engine.begin() as connection:
                await connection.execute(insert(table), [dict(row) for row in rows])

        self.run(put)

    def rows(self, statement: Any) -> Sequence[Any]:
        """What a SELECT finds."""

        async def ask() -> Sequence[Any]:
            async with self.place.engine.connect() as connection:
                return (await connection.execute(statement)).all()

        return self.run(ask)

    def transaction(self, act: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        async def whole() -> T:
            async with self.place.engine.begin() as connection:
                return await act(connection)

        return self.run(whole)

    def sign_in(self, role: str = "operator", name: str = "Trần Thị Bình") -> None:
        """Makes the account `role` once and signs in as it."""
        from sqlalchemy import select

        if not self.rows(select(USERS).where(USERS.c.login == role)):
            self.store(USERS, user_row(role, name))
        answer = self.http.post("/api/sign-in", json={"login": role, "password": PASSWORD})
        assert answer.status_code == 200, answer.text

    def actor(self) -> Actor:
        """The person who is signed in."""
        found = self.run(who, self.place, self.http.cookies.get(COOKIE, ""))
        assert found is not None
        return found

    def room(self, slug: str, name: str = "", **state: object) -> None:
        """A room that has said its state just now."""
        self.store(ROOMS, room_row(slug, name))
        said = {
            "v": 1,
            "boot": "b1",
            "mono_s": 1000.0,
            "at": "2026-07-15T08:00:00+07:00",
            "clock": "ntp",
            "phase": "off",
            "health": "good",
            "power": "mains",
            "seq": 1,
            "head": "0" * 64,
            **state,
        }
        self.store(
            LAST,
            {"room": slug, "part": "state", "body": said, "received_ms": self.now_ms},
            {"room": slug, "part": "status", "body": {"online": True, "reason": ""}, "received_ms": self.now_ms},
        )

    def meeting(self, uid: str, rooms: Sequence[str], start_ms: int, minutes: int = 120, **more: object) -> None:
        """A booked instance; the first room chairs."""
        row = {
            "uid": uid,
            "recurrence_ms": 0,
            "series": uid,
            "title": "Giao ban tháng 7",
            "kind": "giao_ban",
            "document_no": "12/GM-UBND",
            "start_ms": start_ms,
            "end_ms": start_ms + minutes * MINUTE,
            "chair": rooms[0],
            "desk": "Văn phòng",
            "backup": "",
            "policy": "chair_led",
            "tentative": False,
            "cancelled": False,
            "secret": False,
            "external": False,
            "practice": False,
            **more,
        }
        self.store(INSTANCES, row)
        self.store(
            INSTANCE_ROOMS,
            *(
                {
                    "uid": uid,
                    "room": slug,
                    "role": "chair" if slug == rooms[0] else "member",
                    "technician": "",
                    "substitute": "",
                    "seats": [],
                }
                for slug in rooms
            ),
        )


def user_row(role: str, name: str) -> dict[str, object]:
    """An account that is called as its role; its password is PASSWORD."""
    return {
        "login": role,
        "name": name,
        "unit": "Sở KH&CN",
        "role": role,
        "password": _HASH,
        "lang": "vi",
        "disabled": False,
    }


def room_row(slug: str, name: str = "") -> dict[str, object]:
    return {
        "slug": slug,
        "name": name or slug,
        "unit": None,
        "address": "",
        "dial": "",
        "provider": "VNPT",
        "circuit": "NB-0001",
        "hotline": "18001166",
        "ring": 0,
        "retired": False,
    }
