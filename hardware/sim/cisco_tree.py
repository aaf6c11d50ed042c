"""The status tree of a simulated Cisco codec: every value that `xStatus` can show, as rows.

Law: the far end of a wire; shares no code with our side. Rows are made from the unit's state each time they are
asked for; what changed since the last time is feedback.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11), xStatus; real sessions for State, RoomAnalytics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from hardware.sim.cisco_memory import STATES, Path, SimCall

if TYPE_CHECKING:
    from hardware.sim.cisco_unit import CiscoUnit

EMPTY_ROOTS = (("call",), ("mediachannels",), ("diagnostics",))
"""Known to the device though there may be no instance of them."""
VOLATILE = ("Duration", "Uptime", "MediaChannels", "Diagnostics")
"""Values that keep changing: nobody is told."""


class Row(NamedTuple):
    """One value; strings are shown in quotes, words and numbers are not."""

    path: Path
    value: str
    quoted: bool = False


def branch(unit: CiscoUnit, text: str) -> list[Row]:
    """As much of the tree as a query can select, made without the rest of it."""
    words = words_of(text)
    part = _BRANCHES.get(words[0]) if words and not text.strip().startswith("//") else None
    return rows(unit) if part is None else list(part(unit))


def rows(unit: CiscoUnit) -> list[Row]:
    """The whole tree."""
    told = [*_unit(unit), *_audio(unit), *_state(unit), *_head(unit), *_registrars(unit)]
    for call in unit.calls.table.values():
        told += _call(unit, call)
        if call.state == "connected":
            told += _channels(unit, call)
    return told


def _unit(unit: CiscoUnit) -> Iterator[Row]:
    base = ("SystemUnit",)
    calls = len(unit.calls.table)
    yield Row((*base, "ProductId"), unit.model, True)
    yield Row((*base, "Software", "Version"), unit.software, True)
    yield Row((*base, "Hardware", "Module", "SerialNumber"), unit.serial, True)
    yield Row((*base, "Uptime"), str(unit.up_ms() // 1_000))
    yield Row((*base, "State", "NumberOfActiveCalls"), str(calls))
    yield Row((*base, "State", "System"), "InCall" if calls else "Initialized")


def _audio(unit: CiscoUnit) -> Iterator[Row]:
    yield Row(("Audio", "Microphones", "Mute"), "On" if unit.muted else "Off")
    yield Row(("Audio", "Volume"), str(unit.volume))


def _state(unit: CiscoUnit) -> Iterator[Row]:
    if unit.tc:
        yield Row(("Standby", "Active"), "Off" if unit.standby == "Off" else "On")
    else:
        yield Row(("Standby", "State"), unit.standby)
        yield Row(("RoomAnalytics", "PeopleCount", "Current"), str(unit.people))
        yield Row(("Provisioning", "Software", "UpgradeStatus", "Status"), unit.upgrade)


def _head(unit: CiscoUnit) -> Iterator[Row]:
    head = ("Camera", "1") if unit.tc else ("Cameras", "Camera", "1")
    for name, value in zip(("Pan", "Tilt", "Zoom"), unit.head.place(unit.now_ms), strict=True):
        yield Row((*head, "Position", name), f"{value:.0f}")
    if unit.teams:
        yield Row(("MicrosoftTeams", "Calling", "InCall"), "True")


def _registrars(unit: CiscoUnit) -> Iterator[Row]:
    yield Row(("SIP", "Registration", "1", "Status"), "Registered" if unit.registered_there else "Failed")
    yield Row(("H323", "Gatekeeper", "Status"), "Inactive")


_BRANCHES: Mapping[str, Callable[[CiscoUnit], Iterator[Row]]] = {
    "systemunit": _unit,
    "audio": _audio,
    "standby": _state,
    "provisioning": _state,
    "roomanalytics": _state,
    "sip": _registrars,
    "h323": _registrars,
}
"""Where the rows under a first word are made; the others are looked for everywhere."""


def _call(unit: CiscoUnit, call: SimCall) -> Iterator[Row]:
    base = ("Call", str(call.id))
    answered = "Answered" if call.state == "connected" else "Unanswered"
    yield Row((*base, "AnswerState"), answered)
    yield Row((*base, "CallType"), call.kind)
    yield Row((*base, "CallbackNumber"), f"sip:{call.number}", True)
    yield Row((*base, "Direction"), call.way)
    yield Row((*base, "DisplayName"), call.name or call.number, True)
    yield Row((*base, "Duration"), str(max(0, unit.now_ms - call.since_ms) // 1_000))
    yield Row((*base, "Protocol"), "sip", True)
    yield Row((*base, "ReceiveCallRate"), str(call.kbps))
    yield Row((*base, "RemoteNumber"), call.number, True)
    yield Row((*base, "Status"), STATES.get(call.state, "Disconnecting"))


def _channels(unit: CiscoUnit, call: SimCall) -> Iterator[Row]:
    """Sums grow by 50 packets a second, and the last interval is 5 s."""
    packets = max(0, unit.now_ms - call.since_ms) // 20
    sides = (("Incoming", unit.loss_pct, unit.jitter_ms), ("Outgoing", unit.loss_out_pct, unit.jitter_out_ms))
    kinds = [(way, loss_pct, jitter_ms, kind) for way, loss_pct, jitter_ms in sides for kind in ("Audio", "Video")]
    for number, (way, loss_pct, jitter_ms, kind) in enumerate(kinds, 1):
        lost = round(packets * loss_pct / 100)
        sums = {"Jitter": jitter_ms, "Loss": lost, "MaxJitter": jitter_ms + 3, "Packets": packets - lost}
        if unit.tc:
            place = ("Diagnostics", "Call", str(call.id), "Channels", f"{way}{kind}Channel", "1", "Netstat", "1")
            yield from (Row((*place, name), str(value)) for name, value in sums.items())
            continue
        base = ("MediaChannels", "Call", str(call.id), "Channel", str(number))
        yield Row((*base, "Direction"), way)
        last = round(250 * loss_pct / 100)
        spans = {"LastIntervalLost": last, "LastIntervalReceived": 250 - last}
        yield from (Row((*base, "Netstat", name), str(value)) for name, value in (sums | spans).items())
        yield Row((*base, "Type"), kind)


@lru_cache(maxsize=256)  # the same few expressions, for years
def words_of(text: str) -> Path:
    """A path as it is written in a command: blanks or slashes, `[n]` for an instance; lower case."""
    for sign in "/[]":
        text = text.replace(sign, " ")
    return tuple(text.lower().split())


def lower(path: Path) -> Path:
    """A path as it is compared."""
    return tuple(word.lower() for word in path)


@lru_cache(maxsize=8192)  # some two hundred rows, asked for by some twenty expressions, for years
def under(path: Path, words: Path) -> bool:
    """Does this row belong to an expression? An instance may be left out of the expression."""
    rest = [word for word in lower(path) if not word.isdecimal() or word in words]
    return tuple(rest[: len(words)]) == words


def found(told: list[Row], text: str) -> list[Row]:
    """What a query selects; `// Name` looks everywhere."""
    words = words_of(text)
    if text.strip().startswith("//"):
        return [row for row in told if lower(row.path)[-len(words) :] == words]
    return [row for row in told if under(row.path, words)]
