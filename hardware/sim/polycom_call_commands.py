"""The commands of a simulated Polycom codec that concern calls: dial, hang up, answer, and what calls there are.

Law: as `polycom_commands.py`.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hardware.sim.polycom_unit import Unit

Lines = list[str]


def _dial(unit: Unit, words: list[str]) -> Lines:
    match words[1:]:
        case ["manual", speed, number, *_] if speed.isdecimal():
            kbps = int(speed)
        case ["auto", number]:
            kbps = 1024
        case _:
            return ["error: command needs more parameters to execute successfully"]
    if not unit.faults.deaf:
        unit.calls.dial(number, kbps)
    return ["dialing manual" if "HDX" in unit.model else f"dialing {number}"]


def _hangup(unit: Unit, words: list[str]) -> Lines:
    calls = list(unit.calls.table.values())
    match words[1:]:
        case ["all"]:
            reply = "hanging up all" if calls else "system is not in a call"
        case ["video"]:
            reply = "hanging up video" if calls else "system is not in a call"
        case ["video", number]:
            calls = [call for call in calls if str(call.id) == number]
            reply = "hanging up video" if calls else f"error: connection {number} is not active"
        case _:
            return ["error: command needs more parameters to execute successfully"]
    for call in () if unit.faults.deaf else calls:
        unit.calls.end(call.id)
    return [reply]


def _answer(unit: Unit, words: list[str]) -> Lines:
    if words[1:] != ["video"]:
        return ["error: command needs more parameters to execute successfully"]
    ringing = [call for call in unit.calls.table.values() if call.way == "incoming" and call.state == "ringing"]
    if ringing and not unit.faults.deaf:
        unit.calls.connect(ringing[0].id)
    return [f"answer incoming video call {'passed' if ringing else 'failed'}"]


def _callinfo(unit: Unit, words: list[str]) -> Lines:
    calls = list(unit.calls.table.values())
    if not calls:
        return ["system is not in a call"]
    if words[1:2] == ["callid"]:
        return [call.line for call in calls if [str(call.id)] == words[2:]] or ["error: connection is not active"]
    return ["callinfo begin", *(call.line for call in calls), "callinfo end"]


def _getcallstate(unit: Unit, _words: list[str]) -> Lines:
    told = [
        f"cs: call[{c.id}] speed[{c.kbps}] dialstr[{c.number}] state[{c.state}]" for c in unit.calls.table.values()
    ]
    return [*told, *[f"cs: call[{slot}] inactive" for slot in range(3 - len(told))]]


def _netstats(unit: Unit, _words: list[str]) -> Lines:
    video = "tvp:H.264 rvp:H.264 tvf:720p rvf:720p tap:Siren22 rap:Siren22 tcp:H.323 rcp:H.323"
    return [
        f"call:{n} txrate:{c.kbps}k rxrate:{(unit.rx_kbps or c.kbps) * unit.media}k "
        f"pktloss:{int(unit.loss_pct * 100)} "
        f"%pktloss:{unit.loss_pct:.2f}% {video}"
        for n, c in enumerate(unit.calls.table.values(), 1)
        if c.state == "connected"
    ] or ["system is not in a call"]


CALL_HANDLERS: dict[str, Callable[[Unit, list[str]], Lines]] = {
    "dial": _dial,
    "hangup": _hangup,
    "answer": _answer,
    "callinfo": _callinfo,
    "getcallstate": _getcallstate,
    "netstats": _netstats,
}
