"""What all tables of room.toml share: strictness, the forms of names, and how a key carries its meaning and
source.

No key of room.toml is defined here. A name carries its unit (`_s`, `_min`, `_c`, `_pct`); a duration may be a
fraction.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"
NAME = r"^[a-z][a-z0-9_-]{0,23}$"
PHONE = r"^[0-9+*#. ()-]{2,24}$"
ABSOLUTE = r"^/[^\x00\n]{1,254}$"
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
HOST = r"^[A-Za-z0-9._:-]{1,253}$"
DATABASE = r"^(sqlite\+aiosqlite:///|postgresql\+asyncpg://)\S+$"
ISSUER = r"^(https://[^\s?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?|)$"
FORMS = {SLUG: "form.slug", NAME: "form.name", ABSOLUTE: "form.path", CLOCK: "form.clock", HOST: "form.host"}
FORMS |= {PHONE: "form.phone", DATABASE: "form.database", ISSUER: "form.issuer"}
"""Pattern → catalogue code that says it in words."""

ASSUMPTION = "assumption: no text was found, the province decides"

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Name = Annotated[str, StringConstraints(pattern=NAME)]
AbsolutePath = Annotated[str, StringConstraints(pattern=ABSOLUTE)]
Clock = Annotated[str, StringConstraints(pattern=CLOCK)]
Phone = Annotated[str, StringConstraints(pattern=PHONE)]
SignedSource = Annotated[str, Field(pattern=r"^(https?|file)://[^\s\"<>]+$", max_length=200)]
"""What is loaded is signed and checked: the line itself needs no secrets (R15 is about other things)."""
Host = Annotated[str, StringConstraints(pattern=HOST)]


def _written_out(value: str) -> str:
    """A link-local address needs its interface: without it no packet leaves."""
    try:
        address = ip_address(value)
    except ValueError:
        address = None
    if address is None or (isinstance(address, IPv6Address) and _unusable(address)):
        raise PydanticCustomError("address", "an address that is written out")
    return value


def _unusable(address: IPv6Address) -> bool:
    return address.ipv4_mapped is not None or (address.is_link_local and address.scope_id is None)


Address = Annotated[str, AfterValidator(_written_out)]
"""IPv4, or IPv6 with its zone where it is link-local (`fe80::1%eth0`); never a name."""


class Strict(BaseModel):
    """A table of room.toml: an unknown key, a wrong type, not-a-number and infinity are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def key(default: object, meaning: str, source: str = ASSUMPTION, **limits: Any) -> Any:
    """A key with its default; `source` says which text the default rests on."""
    return Field(default, description=meaning, json_schema_extra={"source": source}, **limits)


def need(meaning: str, **limits: Any) -> Any:
    """A key without a default: only the room itself can know it."""
    return Field(description=meaning, **limits)


def table(kind: Any, meaning: str) -> Any:
    """A table that may be left out: then every key in it has its default."""
    return Field(default_factory=kind, description=meaning)


class Sampled(Strict):
    """A source that is asked at intervals. Older than `max_age_s` is not believed (N14)."""

    period_s: float = key(10.0, "how often its state is asked for", "data sheets", ge=1, le=300)
    max_age_s: float | None = key(
        None, "older answers are stale; left out: three periods and a margin", "N14", ge=3, le=3600
    )

    @property
    def stale_ms(self) -> int:
        """Age beyond which an answer is stale: three lost answers, and the time that an answer takes."""
        margin_s = max(5.0, self.period_s / 3)
        return round(1000 * (self.max_age_s or 3 * self.period_s + margin_s))
