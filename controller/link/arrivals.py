"""What a room hears: any bytes of any topic become a command, a refusal with its reason, or nothing.

Pure; nothing here raises for what arrived. The check for repeated ids is the core's: it remembers them over
restarts. Staleness needs no clock of the day: a command names this boot and a deadline in the room's own
monotonic time.

Refusal codes: too_large bad_json bad_version retained bad_id bad_by other_boot bad_deadline expired far_deadline
bad_force bad_args unknown_command unsupported bad_ack bad_text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from controller.core.events import Command, Force, Rejected
from controller.link import commands
from controller.link.commands import BadCommand, is_clean
from controller.link.messages import VERSION
from controller.link.notices import Ack, Again, CalendarText, CertificateText
from controller.link.topics import Topics
from hardware.contract import Reading

COMMAND_BYTES = 16 * 1024
"""The longest message text is 500 characters; more than this is no command."""
CALENDAR_BYTES = 256 * 1024
"""Some hundreds of meetings."""
CERTIFICATE_BYTES = 16 * 1024
"""One takes a kilobyte; with a chain, some."""
FAR_S = 300
"""No command is good for longer: the centre's are for 30 s, Home Assistant's for 15. One that says more was
reckoned by a clock that is wrong, and would still act when nobody expects it any more."""
ID_MAX = 64
_ID = re.compile(rf"[0-9A-Za-z_.:-]{{1,{ID_MAX}}}")
_SEQ_MAX = 1 << 62


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as the broker delivered it, with the properties that matter here."""

    topic: str
    payload: bytes
    retained: bool = False
    version: str = ""
    response: str = ""
    correlation: bytes = b""


@dataclass(frozen=True, slots=True)
class Here:
    """Whom the messages are for: this room, this boot, this moment of monotonic time."""

    topics: Topics
    boot: str
    now_ms: int


Heard = Command | Rejected | Ack | Again | CalendarText | CertificateText | Reading


def read(arrival: Arrival, here: Here) -> Heard | None:
    """What `arrival` means, or None when it means nothing (an emptied topic, another's topic)."""
    kind, verb = here.topics.kind(arrival.topic)
    if kind == "do":
        return _command(verb, arrival, here)
    if kind == "ack":
        return _ack(arrival)
    if kind == "calendar":
        return _calendar(arrival)
    if kind == "certificate":
        return _certificate(arrival)
    if kind == "centre":
        return Reading("link", (("centre", arrival.payload == b"online"),), here.now_ms)
    return None


def _command(verb: str, arrival: Arrival, here: Here) -> Command | Rejected | None:
    if arrival.retained and not arrival.payload:
        return None  # someone clears a command that should not have been retained
    body: Mapping[str, object] = {}
    try:
        body = _object(arrival.payload)
        if arrival.retained:
            raise BadCommand("retained", verb[:40])
        return _read_command(verb, body, here)
    except BadCommand as bad:
        code = "retained" if arrival.retained else bad.code
        known = verb in commands.SHAPES or verb in commands.LATER
        return Rejected(_id(body), code, bad.reason, _by(body), f"do/{verb}" if known else "do")


def _read_command(verb: str, body: Mapping[str, object], here: Here) -> Command:
    _check_version(body)
    if not (id_ := _id(body)):
        raise BadCommand("bad_id")
    if not (by := _by(body)):
        raise BadCommand("bad_by")
    if body.get("boot") != here.boot:
        raise BadCommand("other_boot", str(body.get("boot"))[:ID_MAX].encode("ascii", "replace").decode())
    until_ms = _deadline(body, here.now_ms)
    args = body.get("args", {})
    if not isinstance(args, Mapping):
        raise BadCommand("bad_args", "args", "{}")
    values, hold_min = commands.read(verb, args)
    return Command(id_, by, verb, values, until_ms, hold_min * 60_000, _force(body.get("force")))


def _object(payload: bytes) -> Mapping[str, object]:
    """Raises BadCommand too_large or bad_json. Deep nesting ends the decoder with RecursionError; 'NaN' is
    no JSON, Python's decoder would take it."""
    if len(payload) > COMMAND_BYTES:
        raise BadCommand("too_large", len(payload), COMMAND_BYTES)
    try:
        body = json.loads(payload.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadCommand("bad_json") from None
    if not isinstance(body, dict):
        raise BadCommand("bad_json")
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_version(body: Mapping[str, object]) -> None:
    found = body.get("v")
    if type(found) is not int or found != VERSION:
        shown = found if isinstance(found, int) and abs(found) < _SEQ_MAX else None
        raise BadCommand("bad_version", shown, VERSION)


def _id(body: Mapping[str, object]) -> str:
    found = body.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _by(body: Mapping[str, object]) -> str:
    found = body.get("by")
    return found if isinstance(found, str) and len(found) <= 100 and is_clean(found) else ""


def _deadline(body: Mapping[str, object], now_ms: int) -> int:
    found = body.get("until_mono_s")
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not abs(found) < _SEQ_MAX:
        raise BadCommand("bad_deadline")
    until_ms = math.floor(found * 1000)
    if until_ms < now_ms:
        raise BadCommand("expired")
    if until_ms > now_ms + FAR_S * 1000:
        raise BadCommand("far_deadline", FAR_S)
    return until_ms


def _force(found: object) -> Force | None:
    if found is None:
        return None
    name, reason = (found.get("name"), found.get("reason")) if isinstance(found, Mapping) else (None, None)
    if not (_is_word(name) and _is_word(reason)):
        raise BadCommand("bad_force")
    return Force(str(name), str(reason))


def _is_word(found: object) -> bool:
    return isinstance(found, str) and 1 <= len(found.strip()) <= len(found) <= 200 and is_clean(found)


def _ack(arrival: Arrival) -> Ack | Again | Rejected:
    if arrival.retained:
        # An old acknowledgement must not delete what a new life has not sent.
        return Rejected("", "retained", ("ack",), topic="ack")
    try:
        body = _object(arrival.payload)
        _check_version(body)
        return _read_ack(body)
    except BadCommand as bad:
        return Rejected("", bad.code, bad.reason, topic="ack")


def _read_ack(body: Mapping[str, object]) -> Ack | Again:
    match body:
        case {"again": [int(first), int(last)]} if 0 <= first <= last < _SEQ_MAX:
            return Again(int(first), int(last))
        case {"boot": str(boot), "seq": int(seq)} if 0 <= seq < _SEQ_MAX and _ID.fullmatch(boot):
            return Ack(boot, int(seq))
    raise BadCommand("bad_ack")


def _calendar(arrival: Arrival) -> CalendarText | Rejected | None:
    if not arrival.payload:
        return None  # the room keeps its own copy when the broker's disappears
    if len(arrival.payload) > CALENDAR_BYTES:
        return _refused("too_large", "calendar", len(arrival.payload), CALENDAR_BYTES)
    try:
        text = arrival.payload.decode("utf-8")
    except UnicodeDecodeError:
        return _refused("bad_text", "calendar")
    return CalendarText(text, arrival.version)


def _certificate(arrival: Arrival) -> CertificateText | Rejected | None:
    if not arrival.payload:
        return None
    if len(arrival.payload) > CERTIFICATE_BYTES:
        return _refused("too_large", "certificate", len(arrival.payload), CERTIFICATE_BYTES)
    if not arrival.payload.isascii():
        return _refused("bad_text", "certificate")
    return CertificateText(arrival.payload.decode("ascii"))


def _refused(code: str, topic: str, *figures: int) -> Rejected:
    return Rejected("", code, (topic, *figures), topic=topic)
