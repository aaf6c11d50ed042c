"""Orders to a Cisco codec as scripts: say it, see the verdict, then see that it is so.

Law: scripts only, pure. A verdict is never taken for the effect: a codec that acknowledges and does nothing is one
of the known faults; status and feedback prove the effect.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11): Dial, Call Accept, Call Disconnect, Standby, Audio
Microphones, Audio Volume.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hardware.contract import Order, Stage, Value
from hardware.protocols import cisco_camera
from hardware.protocols.cisco_camera import command
from hardware.protocols.cisco_life import AUTOANSWER, CALLS, MUTE, STANDBY, VOLUME, learn_setting, setting
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.cisco_told import VOLUME_STEP
from hardware.protocols.codec_settings import TARGET, writable
from hardware.protocols.script import Ask, End, Script, Until, refused, unanswered

AWAKE_MS: Final = 10_000
"""Waking takes seconds; a screen behind it may take longer, which is not ours to see."""
STAY_MIN: Final = 480
"""Longest time for which the codec's own standby timer can be put off (API guides): a meeting's lead is an hour,
the timer's default ten minutes."""
CONFIRM_MS: Final = 1_000
"""Pause before an effect that does not show yet is asked for a second time."""
HANGUP_MS: Final = 5_000
NO_CALL_MS: Final = 20_000
"""A dialled call that neither feedback nor the list shows by then was never begun."""
MAX_ADDRESS: Final = 128
MAX_KBPS: Final = 6_000
MIN_KBPS: Final = 64
_ADDRESS: Final = re.compile(r"^[^\s\"'|{\x00-\x1f][^\"|\x00-\x1f]*$")
"""Without what would end the value or begin a tag."""
_PROTOCOLS: Final = {"h323": " Protocol: H323", "sip": " Protocol: Sip", "auto": ""}


def plan(s: CiscoSession, order: Order) -> Script | End:
    """The script for an order, or why there is none: unknown_target, bad_value, unsupported."""
    if order.target.startswith("camera."):
        return cisco_camera.plan(s, order)
    if order.target == "codec.audiometer":
        return End(Stage.REFUSED, "unsupported")
    maker = _restore if order.target.startswith(TARGET) else _MAKERS.get(order.target)
    if maker is None or (maker is _restore and s.settings.path(order.target) is None):
        return End(Stage.REFUSED, "unknown_target")
    script = maker(s, order)
    return End(Stage.REFUSED, "bad_value") if script is None else script


def _power(s: CiscoSession, order: Order) -> Script | None:
    if order.value not in ("awake", "asleep"):
        return None
    # Half of the order's time, so that what is not seen can still be asked for and said.
    return _switch_power(s, order.value == "asleep", min(AWAKE_MS, order.within_ms // 2))


def _switch_power(s: CiscoSession, asleep: bool, wait_ms: int) -> Script:
    reply = yield command("Standby Activate" if asleep else "Standby Deactivate")
    if (end := unanswered(reply)) is not None:
        return end
    seen = yield Until(lambda: s.asleep is asleep, wait_ms)
    if not seen.ok:
        yield STANDBY
    if s.asleep is False and not asleep:
        # Waking begins the timer anew. Where it cannot be put off, the wish is repeated when it falls asleep.
        yield command(f"Standby ResetTimer Delay: {STAY_MIN}")
    return End(Stage.DONE) if s.asleep is asleep else End(Stage.FAILED, "no_effect")


def _mute(s: CiscoSession, order: Order) -> Script | None:
    word = {"muted": "Mute", "open": "Unmute"}.get(str(order.value))
    if word is None:
        return None
    return _set(command(f"Audio Microphones {word}"), MUTE, lambda: s.facts.get("mute") == order.value)


def _volume(s: CiscoSession, order: Order) -> Script | None:
    level = order.value
    if not isinstance(level, int) or isinstance(level, bool) or not 0 <= level <= 50:
        return None
    say = command(f"Audio Volume Set Level: {level * VOLUME_STEP}")
    return _set(say, VOLUME, lambda: s.facts.get("volume") == level)


def _set(say: Ask, look: Ask, done: Callable[[], bool]) -> Script:
    """Say it, then ask whether it is so; once more after a pause."""
    reply = yield say
    if (end := unanswered(reply)) is not None:
        return end
    for _ in range(2):
        reply = yield look
        if reply.ok and done():
            return End(Stage.DONE)
        yield Until(lambda: False, CONFIRM_MS)
    return End(Stage.FAILED, "no_effect" if reply.ok else "timeout")


def _autoanswer(s: CiscoSession, order: Order) -> Script | None:
    word = {"on": "On", "off": "Off"}.get(str(order.value))
    if word is None:
        return None
    path = f"{s.dialect.conference} {AUTOANSWER}"
    say = replace(setting(f"{path}: {word}"), switches=True)
    return _set(say, setting(path), lambda: s.facts.get("autoanswer") is (word == "On"))


def _restore(s: CiscoSession, order: Order) -> Script | None:
    found, text = s.settings.path(order.target), writable(order.value)
    return _write(s, *found, text) if found is not None and text else None


def _write(s: CiscoSession, name: str, path: str, text: str) -> Script:
    """Put a setting back (R14) and look whether it is so."""
    reply = yield replace(setting(f'{path}: "{text}"' if " " in text else f"{path}: {text}"), switches=True)
    if (end := unanswered(reply)) is not None:
        return end
    yield from learn_setting(s, name, path)
    return End(Stage.DONE) if s.settings.get(name) == text else End(Stage.FAILED, "no_effect")


def _dial(s: CiscoSession, order: Order) -> Script | None:
    text = _dial_text(order.value)
    return None if text is None else _place_call(s, text, order.within_ms)


def _dial_text(value: Value) -> str | None:
    """`Dial Number: "<address>" [Protocol: …] [CallRate: …]`; what is `auto` or 0 is left to the codec."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    address, kind, kbps = value
    if not isinstance(address, str) or len(address) > MAX_ADDRESS or not _ADDRESS.match(address):
        return None
    if not isinstance(kind, str) or kind not in _PROTOCOLS or not isinstance(kbps, int):
        return None
    if kbps and not MIN_KBPS <= kbps <= MAX_KBPS:
        return None
    return f'Dial Number: "{address}"{_PROTOCOLS[kind]}' + (f" CallRate: {kbps}" if kbps else "")


def _place_call(s: CiscoSession, text: str, within_ms: int) -> Script:
    before, s.placed = s.calls.ids(), ""
    reply = yield command(text)
    if (end := refused(reply)) is not None:
        return end
    named = s.placed
    seen = yield Until(lambda: bool(_mine(s, before, named)) or s.calls.ended(named), NO_CALL_MS)
    if not seen.ok:
        yield CALLS
    mine = _mine(s, before, named)
    if not mine:
        gone = "ended" if s.calls.ended(named) else "no_effect"
        return End(Stage.FAILED, gone if reply.ok else "timeout")
    yield Until(lambda: _up(s, mine) or not mine & s.calls.ids(), within_ms)
    return End(Stage.DONE) if _up(s, mine) else End(Stage.FAILED, "ended")


def _mine(s: CiscoSession, before: frozenset[str], named: str) -> frozenset[str]:
    """The call that the verdict named; without a name, the outgoing calls that came since."""
    if named:
        return frozenset({named}) & s.calls.ids()
    return frozenset(s.calls.find("out", "ringing", "connecting", "connected")) - before


def _up(s: CiscoSession, ids: frozenset[str]) -> bool:
    return bool(ids & {i for way in ("out", "") for i in s.calls.find(way, "connected")})


def _hangup(s: CiscoSession, order: Order) -> Script | None:
    call_id = order.value
    if not isinstance(call_id, str) or not re.fullmatch(r"\d{1,10}|all", call_id, re.ASCII):
        return None
    return _end_call(s, call_id)


def _end_call(s: CiscoSession, call_id: str) -> Script:
    one = f"Call Disconnect CallId: {call_id}"
    reply = yield command(s.dialect.end_all if call_id == "all" else one)
    if (end := refused(reply)) is not None:
        s.recheck(0)
        if s.calls.known and not s.calls.has(call_id):
            return End(Stage.DONE) if call_id == "all" else End(Stage.REFUSED, "not_active")
        return end
    s.calls.close(call_id)
    if not reply.ok and not (yield CALLS).ok:
        # Neither the verdict nor the list: what we knew before says nothing of this order.
        return End(Stage.FAILED, "timeout")
    for _ in range(3):
        if (yield Until(lambda: s.calls.known and not s.calls.has(call_id), HANGUP_MS)).ok:
            return End(Stage.DONE)
        yield CALLS
    gone = s.calls.known and not s.calls.has(call_id)
    return End(Stage.DONE) if gone else End(Stage.FAILED, "no_effect")


def _answer(s: CiscoSession, order: Order) -> Script | None:
    return _take_call(s) if order.value == "video" else None


def _take_call(s: CiscoSession) -> Script:
    """By its id: without one, every call that rings would be let in."""
    ringing = s.calls.find("in", "ringing")
    if not ringing:
        yield CALLS
        ringing = s.calls.find("in", "ringing")
    if not ringing:
        return End(Stage.REFUSED, "not_active")
    reply = yield command(f"Call Accept CallId: {ringing[0]}")
    if (end := refused(reply)) is not None:
        return end
    taken = yield Until(lambda: ringing[0] in s.calls.find("in", "connected"), NO_CALL_MS)
    if not taken.ok:
        yield CALLS
    if ringing[0] in s.calls.find("in", "connected"):
        return End(Stage.DONE)
    return End(Stage.FAILED, "no_effect" if reply.ok else "timeout")


def _reboot(s: CiscoSession, order: Order) -> Script | None:
    return _start_anew(s) if order.value == "now" else None


def _start_anew(s: CiscoSession) -> Script:
    """Its verdict, where it still comes to that: the link dies with it."""
    if s.calls.ids() or not s.calls.known:
        return End(Stage.REFUSED, "busy")
    reply = yield command(s.dialect.boot)
    return refused(reply) or End(Stage.DONE)


_MAKERS: Final[dict[str, Callable[[CiscoSession, Order], Script | None]]] = {
    "codec.power": _power,
    "codec.mute": _mute,
    "codec.volume": _volume,
    "codec.autoanswer": _autoanswer,
    "codec.dial": _dial,
    "codec.hangup": _hangup,
    "codec.answer": _answer,
    "codec.reboot": _reboot,
}
