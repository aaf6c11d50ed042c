"""What the calendar's forms send, checked in form here and in meaning by meetings.checked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from controller.core.meeting import Policy
from controller.dashboard.meetings import BREAKS_MOST, ROOMS_MOST, Draft, Series, checked
from controller.dashboard.rights import Actor
from controller.dashboard.web.gate import LAST_MS
from controller.texts import ReadableError

Slug = Annotated[str, Field(max_length=40)]
Ms = Annotated[int, Field(ge=946_684_800_000, lt=LAST_MS)]
"""2000 to 2099, as the rooms' reader takes it."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Break(Strict):
    start_ms: Ms
    end_ms: Ms


class Seat(Strict):
    room: Slug = ""
    seat: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    preset: Annotated[int, Field(ge=0, le=254)]


class Hands(Strict):
    """Who is at a room's devices."""

    technician: str = Field("", max_length=120)
    substitute: str = Field("", max_length=120)


class Form(Strict):
    """A meeting. `rule` is an RRULE without UNTIL, '' = once."""

    title: str = Field(max_length=300)
    start_ms: Ms
    end_ms: Ms
    members: list[Slug] = Field(default_factory=list, max_length=ROOMS_MOST)
    everyone: bool = False
    chair: Slug = ""
    desk: Slug = ""
    backup: Slug = ""
    presenter: Slug = ""
    policy: Policy = Policy.CHAIR_LED
    kind: str = Field("", max_length=40)
    document_no: str = Field("", max_length=80)
    secret: bool = False
    external: bool = False
    practice: bool = False
    tentative: bool = False
    numbers: list[Annotated[str, Field(max_length=120)]] = Field(default_factory=list, max_length=20)
    breaks: list[Break] = Field(default_factory=list, max_length=BREAKS_MOST)
    seats: list[Seat] = Field(default_factory=list, max_length=ROOMS_MOST)
    rule: str = Field("", max_length=200)
    until_ms: Ms | None = None
    crew: dict[Slug, Hands] | None = None

    def draft(self, rooms: Sequence[str]) -> Draft:
        """Raises Wrong."""
        made = Draft(
            self.title,
            self.start_ms,
            self.end_ms,
            members=tuple(self.members),
            everyone=self.everyone,
            chair=self.chair,
            desk=self.desk,
            backup=self.backup,
            presenter=self.presenter,
            policy=self.policy,
            kind=self.kind,
            document_no=self.document_no.strip(),
            secret=self.secret,
            external=self.external,
            practice=self.practice,
            numbers=tuple(self.numbers),
            breaks=tuple((one.start_ms, one.end_ms) for one in self.breaks),
            seats=tuple((one.room, one.seat, one.preset) for one in self.seats),
            status="TENTATIVE" if self.tentative else "",
        )
        return checked(made, rooms)

    def series(self, uid: str, rooms: Sequence[str], now_ms: int) -> Series:
        until_ms = self.until_ms if self.rule else None
        return Series(uid, self.draft(rooms), self.rule, until_ms, stamp_ms=now_ms // 1000 * 1000, changes={})


class Create(Form):
    """`key`: of this form, by the page: whoever hears no answer sends it again, and it is one meeting."""

    key: str = Field("", pattern=r"^([0-9a-f]{20})?$")


class Change(Strict):
    """One meeting (`whole` = false) or its whole series. `sequence`: of the series as the page knew it; another
    person's change in between is not overwritten."""

    uid: str = Field(max_length=120)
    whole: bool = False
    sequence: int | None = None


class Edit(Change):
    """`following`: this meeting and those after it become a series of their own."""

    form: Form
    following: bool = False


class Move(Change):
    start_ms: Ms
    end_ms: Ms


class Mark(Change):
    following: bool = False
    what: Literal["cancel", "postpone", "confirm", "restore"]
    reason: str = Field("", max_length=300)


def new_uid() -> str:
    return f"m-{secrets.token_hex(10)}"


def by(who: Actor) -> str:
    return (f"{who.name} ({who.unit})" if who.unit else who.name)[:80]


@contextmanager
def said() -> Iterator[None]:
    """What a form cannot be becomes an answer with its sentence (422)."""
    try:
        yield
    except ReadableError as error:
        raise HTTPException(422, {"code": error.code, "args": list(error.told)}) from error
