"""The calls of a Cisco codec, put together from status and from feedback, which have one form.

Law: pure. A status or feedback line moves one call on; a ghost ends it; a complete answer to `xStatus Call` ends
the calls that it does not name, but only when no line was lost on the way. Nothing unknown is read as "connected".
Source: Cisco API reference guides, xStatus Call (Status, Direction, RemoteNumber, CallType).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hardware.contract import Value
from hardware.protocols.cisco_parse import Told

MAX_CALLS: Final = 16
"""More than the largest MultiSite licence holds; beyond it, noise."""
MAX_ENDED: Final = 32
STATES: Final[Mapping[str, str]] = {
    "idle": "",
    "dialling": "connecting",
    "ringing": "ringing",
    "connecting": "connecting",
    "earlymedia": "connecting",
    "connected": "connected",
    "onhold": "connected",
    "preserved": "connected",
    "remotepreserved": "connected",
    "disconnecting": "ending",
}
"""A call on hold, or preserved over a loss of signalling, is still a call that nobody may cut."""
_WAYS: Final = {"incoming": "in", "outgoing": "out"}
_SCHEMES: Final = ("sip:", "sips:", "h323:", "h320:", "spark:", "tel:")


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `closing`: its end was ordered or announced."""

    id: str
    way: str = ""
    state: str = "connecting"
    number: str = ""
    kind: str = ""
    kbps: int | None = None
    closing: bool = False


class CiscoCalls:
    """The table; `known` once the device answered what calls there are, or restarted, which ends them all."""

    def __init__(self, known: bool = False) -> None:
        self._table: dict[str, Call] = {}
        self._listed: set[str] = set()
        self._ended: list[str] = []
        self._up: list[str] = []
        self.known = known

    def value(self) -> tuple[Value, ...]:
        """The field `calls` of the codec's reading."""
        return tuple((c.id, c.way, c.state, c.number, c.kind) for c in self._table.values())

    @property
    def connected(self) -> bool:
        """Is at least one call up?"""
        return any(call.state == "connected" for call in self._table.values())

    @property
    def settling(self) -> bool:
        """Is a call on its way up or down?"""
        return any(call.state != "connected" or call.closing for call in self._table.values())

    @property
    def rate_kbps(self) -> int | None:
        """What is received in the first call that is up."""
        return next((call.kbps for call in self._table.values() if call.state == "connected"), None)

    def ids(self) -> frozenset[str]:
        """All calls."""
        return frozenset(self._table)

    def has(self, call_id: str) -> bool:
        """Is this call there (`all`: any)?"""
        return bool(self._table) if call_id == "all" else call_id in self._table

    def ended(self, call_id: str) -> bool:
        """Was this call there, and is it gone?"""
        return call_id in self._ended and call_id not in self._table

    def was_up(self, call_id: str) -> bool:
        """Was this call up, now or lately? One that was only dialled, or rang in vain, was not."""
        return call_id in self._up

    def find(self, way: str, *states: str) -> tuple[str, ...]:
        """Ids of the calls in this direction and one of these states."""
        return tuple(c.id for c in self._table.values() if c.way == way and c.state in states)

    def close(self, call_id: str) -> None:
        """The end of this call was ordered."""
        for call in [c for c in self._table.values() if call_id in ("all", c.id)]:
            self._table[call.id] = replace(call, closing=True)

    def asked(self) -> None:
        """From now on lines name the calls that there are."""
        self._listed.clear()

    def answered(self, whole: bool) -> None:
        """The answer is complete; `whole`: no line of it was lost, so that what it does not name is gone."""
        if whole:
            for call_id in self._table.keys() - self._listed:
                self._end(call_id)
            self.known = True

    def hear(self, told: Told) -> None:
        """`Call <id> <field>`: one field of a call, or its end."""
        if len(told.path) < 2 or not told.path[1].isdecimal():
            return
        call_id = told.path[1][:16]
        if told.ghost:
            if len(told.path) == 2:
                self._end(call_id)
            return
        if call_id not in self._table and (len(self._table) >= MAX_CALLS or told.path[2:] == ("duration",)):
            return
        self._listed.add(call_id)
        call = self._table.get(call_id) or Call(call_id)
        self._table[call_id] = moved = _with(call, told.path[2:], told.value)
        if moved.state == "connected" and call.state != "connected":
            self._up = [*self._up[-MAX_ENDED:], call_id]

    def _end(self, call_id: str) -> None:
        self._listed.discard(call_id)
        if self._table.pop(call_id, None) is not None:
            self._ended = [*self._ended[-MAX_ENDED:], call_id]


def _with(call: Call, field: tuple[str, ...], value: str) -> Call:
    match field:
        case ("status",):
            state = STATES.get(value.lower(), "")
            if state == "ending":
                return replace(call, closing=True)
            return replace(call, state=state or call.state)
        case ("direction",):
            return replace(call, way=_WAYS.get(value.lower(), call.way))
        case ("remotenumber",) if value:
            return replace(call, number=_bare(value))
        case ("callbacknumber",) if value and not call.number:
            return replace(call, number=_bare(value))
        case ("receivecallrate",) if value.isdecimal():
            return replace(call, kbps=int(value))
        case ("calltype",):
            return replace(call, kind=value.lower())
        case _:
            return call


def _bare(number: str) -> str:
    """The number without its scheme, as it is written in lists of allowed numbers."""
    scheme = next((s for s in _SCHEMES if number.lower().startswith(s)), "")
    return number[len(scheme) :]
