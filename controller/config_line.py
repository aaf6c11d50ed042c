"""`[line]`, `[redial]` and `[contacts.*]`: what is probed, who provides the line, whom the room calls again, whom
people phone.

Addresses are written out, IPv4 or IPv6: a name could not be looked up while the line is down. Contacts are
personal data: they are read at the edge (status, poster), and never reach the core, the journal or the broker.
"""

from __future__ import annotations

from typing import Literal

from controller.config_base import Address, Name, Phone, Strict, key, need, table

TAKEN = ("gateway", "provider", "far")
"""Names of places that every room may have."""


class Spot(Strict):
    """A place on the line, and how to ask it where ICMP is not answered."""

    address: Address = need("its address, IPv4 or IPv6")
    tcp_port: int | None = key(
        None, "a port whose acceptance or refusal shows that it is there", "R22", ge=1, le=65535
    )
    udp_port: int | None = key(None, "a UDP echo service (RFC 862)", "R22", ge=1, le=65535)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Ways to probe it, in the order of trust."""
        rows = (("tcp", self.tcp_port), ("udp", self.udp_port))
        return ("icmp", *(f"{way}:{port}" for way, port in rows if port is not None))


class LineTable(Strict):
    """The line to the provincial network."""

    measures: Literal["line", "management", "mobile"] = key(
        "line", "whose path the Pi's probes take; another than the meeting's says nothing of the provider", "R22"
    )
    provider: str = key("", "who provides it (nhà cung cấp)", "R12", max_length=60)
    circuit: str = key("", "its number at the provider (mã kênh)", "R12", max_length=60)
    hotline: Phone | Literal[""] = key("", "the provider's number for faults", "R12")
    gateway: Address | None = key(None, "the room's router; left out: that of the default route", "R22")
    first_hop: Spot | None = key(None, "the first place that is the provider's", "R22")
    far_end: Spot | None = key(None, "the MCU or the main site's codec", "R22")
    targets: dict[Name, Spot] = table(dict, "other places beyond the line: `[line.targets.dns]`")


class Redial(Strict):
    """Whom the room calls again after an abnormal loss, where `rules.calls.who_dials` lets it."""

    main: str = key("", "address of the main site, for meetings that name no number", "R12", max_length=128)
    backup: str = key("", "address of the backup main site", "R12, R25", max_length=128)
    protocol: Literal["auto", "h323", "sip"] = key("auto", "how", "R12")
    kbps: int = key(0, "rate; 0 = the codec's own", "R12", ge=0, le=20_000)


class Contact(Strict):
    """A person or a desk to phone: `[contacts.ky_thuat]`."""

    role: Literal["technician", "substitute", "leader", "desk", "provider"] = need("what for")
    name: str = key("", "who", "R23", max_length=80)
    unit: str = key("", "of which unit", "R23", max_length=120)
    phone: Phone = need("number")
    email: str = key("", "e-mail", "R23", max_length=120)
