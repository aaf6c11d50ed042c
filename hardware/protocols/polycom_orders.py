"""Orders to a Polycom codec as scripts: say it, see it acknowledged, then see that it is so.

Law: scripts only, pure. An acknowledgement is never taken for the effect: a codec that acknowledges and does
nothing is one of the known faults (the device's own events and answers prove the effect). Where a missing
acknowledgement cannot be asked for, because a call is being set up, the effect alone decides.
Source: Polycom Integrator's Reference Manual, wake, sleep, mute, volume, autoanswer, dial, hangup, answer,
audiometer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Final

from hardware.contract import Order, Stage, Value
from hardware.protocols import polycom_camera
from hardware.protocols.codec_settings import TARGET, writable
from hardware.protocols.polycom_life import AUTOANSWER, CALLS, METER_OFF, MUTE, VOLUME, learn_setting
from hardware.protocols.polycom_session import Session
from hardware.protocols.script import Ask, End, Need, Reply, Script, Tell, Until, refused, unanswered

AWAKE_MS: Final = 10_000
"""Waking takes seconds; no longer time is known of a healthy codec."""
CONFIRM_MS: Final = 1_000
"""Pause before an effect that does not show yet is asked for a second time."""
HANGUP_MS: Final = 5_000
"""The end of a call takes up to 15 s (public drivers): three looks at the list."""
NO_CALL_MS: Final = 20_000
"""A dialled call that neither an event nor the list shows by then was never begun."""
METER_MS: Final = 60_000
"""The audio meter prints a line each second until it is told to stop: a check of the microphones is shorter."""
REBOOT_MS: Final = 2_000
"""A refusal comes at once."""
SLEEP: Final = "sleep register"
MAX_ADDRESS: Final = 128
_ADDRESS: Final = re.compile(r"^[^\s\"'\x00-\x1f][^\"\x00-\x1f]*$")
_SIDES: Final = "micleft micright lineinleft lineinright lineoutleft lineoutright farendleft farendright"
_METERS: Final = frozenset(f"{_SIDES} contentinleft contentinright off".split())
_KINDS: Final = ("h323", "sip", "auto")


def plan(s: Session, order: Order, park_preset: int) -> Script | End:
    """The script for an order, or why there is none: unknown_target, bad_value."""
    if order.target.startswith("camera."):
        return polycom_camera.plan(s, order, park_preset)
    maker = _restore if order.target.startswith(TARGET) else _MAKERS.get(order.target)
    if maker is None or (maker is _restore and s.settings.path(order.target) is None):
        return End(Stage.REFUSED, "unknown_target")
    script = maker(s, order)
    return End(Stage.REFUSED, "bad_value") if script is None else script


def _power(s: Session, order: Order) -> Script | None:
    if order.value not in ("awake", "asleep"):
        return None
    # Half of the order's time, so that what is not seen can still be said.
    return _switch_power(s, order.value == "asleep", min(AWAKE_MS, order.within_ms // 2))


def _switch_power(s: Session, asleep: bool, wait_ms: int) -> Script:
    heard = SLEEP in s.registered
    unsure = s.asleep is None or (s.asleep and s.believed and not asleep)
    verb = "sleep" if asleep else "wake"
    reply = yield Ask(verb, rf"^{verb}$", switches=True)
    if (end := unanswered(reply)) is not None:
        return end
    if (yield Until(lambda: s.asleep is asleep, wait_ms)).ok:
        return End(Stage.DONE)
    if unsure or not heard or s.lacks(SLEEP):
        # No inquiry tells sleep. Where it was not known before, no event may have been due: it was so already. What
        # was only believed to sleep, and does not say that it wakes, has never slept.
        # And a device that was not yet asked to tell of its sleep has told nobody.
        s.set_asleep(asleep, believed=True)
        return End(Stage.DONE, "unconfirmed")
    return End(Stage.FAILED, "no_effect")


def _mute(s: Session, order: Order) -> Script | None:
    word = {"muted": "on", "open": "off"}.get(str(order.value))
    if word is None:
        return None
    say = Ask(f"mute near {word}", rf"^mute near {word}$", switches=True)
    return _set(say, MUTE, lambda: s.facts.get("mute") == order.value)


def _volume(s: Session, order: Order) -> Script | None:
    level = order.value
    if not isinstance(level, int) or isinstance(level, bool) or not 0 <= level <= 50:
        return None
    say = Ask(f"volume set {level}", rf"^volume {level}$", switches=True)
    return _set(say, VOLUME, lambda: s.facts.get("volume") == level)


def _autoanswer(s: Session, order: Order) -> Script | None:
    word = {"on": "yes", "off": "no"}.get(str(order.value))
    if word is None:
        return None
    say = Ask(f"autoanswer {word}", rf"^autoanswer {word}$", switches=True)
    return _set(say, AUTOANSWER, lambda: s.facts.get("autoanswer") is (word == "yes"))


def _set(say: Ask, look: Ask, done: Callable[[], bool]) -> Script:
    """Say it, then ask whether it is so; once more after a pause, as the first answer may be an old one."""
    reply = yield say
    if (end := unanswered(reply)) is not None:
        return end
    for _ in range(2):
        reply = yield look
        if reply.ok and done():
            return End(Stage.DONE)
        yield Until(lambda: False, CONFIRM_MS)
    return End(Stage.FAILED, "no_effect" if reply.ok else "timeout")


def _restore(s: Session, order: Order) -> Script | None:
    found, text = s.settings.path(order.target), writable(order.value)
    return _write(s, *found, text) if found is not None and text else None


def _write(s: Session, name: str, path: str, text: str) -> Script:
    """Put a setting back (R14) and look whether it is so."""
    say = Ask(f'{path} "{text}"' if " " in text else f"{path} {text}", rf"^{path.split()[0]}\w* ", switches=True)
    if (end := unanswered((yield say))) is not None:
        return end
    yield from learn_setting(s, name, path)
    return End(Stage.DONE) if s.settings.get(name) == text else End(Stage.FAILED, "no_effect")


def _dial(s: Session, order: Order) -> Script | None:
    text = _dial_text(order.value)
    return None if text is None else _place_call(s, text, order.within_ms)


def _dial_text(value: Value) -> str | None:
    """`dial manual <kbps> "<address>" [kind]`; `auto`, or a rate of 0, leaves rate and kind to the codec."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    address, kind, kbps = value
    if not isinstance(address, str) or len(address) > MAX_ADDRESS or not _ADDRESS.match(address):
        return None
    if kind not in _KINDS or not isinstance(kbps, int) or not 0 <= kbps <= 6144:
        return None
    if kbps == 0:
        return f'dial auto "{address}"'
    return f'dial manual {kbps} "{address}"' + ("" if kind == "auto" else f" {kind}")


def _place_call(s: Session, text: str, within_ms: int) -> Script:
    before = s.calls.ids()
    reply = yield Ask(text, r"^dialing\b", switches=True, alone=True)
    if (end := refused(reply)) is not None:
        return end
    s.calls.dialled(s.now_ms)
    seen = yield Until(lambda: bool(_mine(s, before)), NO_CALL_MS)
    if not seen.ok:
        yield CALLS
        if not _mine(s, before):
            return End(Stage.FAILED, "no_effect" if reply.ok else "timeout")
    mine = _mine(s, before)
    yield Until(lambda: _up(s, mine) or not mine & s.calls.ids(), within_ms)
    return End(Stage.DONE) if _up(s, mine) else End(Stage.FAILED, "ended")


def _mine(s: Session, before: frozenset[str]) -> frozenset[str]:
    """The calls that came since we dialled and that are not known to have come in."""
    states = ("ringing", "connecting", "connected")
    return frozenset(i for state in states for i in s.calls.find("out", state)) - before


def _up(s: Session, ids: frozenset[str]) -> bool:
    return bool(ids & set(s.calls.find("out", "connected")))


def _hangup(s: Session, order: Order) -> Script | None:
    call_id = str(order.value)
    if not isinstance(order.value, str) or not re.fullmatch(r"\w{1,16}", call_id, re.ASCII):
        return None
    return _end_call(s, call_id)


def _end_call(s: Session, call_id: str) -> Script:
    text = "hangup all" if call_id == "all" else f'hangup video "{call_id}"'
    answer = r"^hanging up |^system is not in a call$"
    reply = yield Ask(text, answer, in_setup=True, switches=True, alone=True)
    if (end := refused(reply)) is not None:
        gone = "is not active" in reply.text
        s.recheck(0)
        return End(Stage.REFUSED, "not_active") if gone else end
    s.calls.close(call_id)
    if not reply.ok and not (yield CALLS).ok:
        # Neither the acknowledgement nor the list: what we knew before says nothing of this order.
        return End(Stage.FAILED, "timeout")
    for _ in range(3):
        if (yield Until(lambda: s.calls.known and not s.calls.has(call_id), HANGUP_MS)).ok:
            return End(Stage.DONE)
        yield CALLS
    gone = s.calls.known and not s.calls.has(call_id)
    return End(Stage.DONE) if gone else End(Stage.FAILED, "no_effect")


def _answer(s: Session, order: Order) -> Script | None:
    return _take_call(s) if order.value == "video" else None


def _take_call(s: Session) -> Script:
    up = frozenset(s.calls.find("in", "connected"))
    answer = r"^answer incoming video call passed$"
    reply = yield Ask("answer video", answer, in_setup=True, switches=True, alone=True)
    if (end := refused(reply)) is not None:
        return end
    taken = yield Until(lambda: bool(set(s.calls.find("in", "connected")) - up), NO_CALL_MS)
    if not taken.ok:
        yield CALLS
    now_up = set(s.calls.find("in", "connected")) - up
    if now_up:
        return End(Stage.DONE)
    return End(Stage.FAILED, "no_effect" if reply.ok else "timeout")


def _reboot(s: Session, order: Order) -> Script | None:
    return _start_anew(s) if order.value == "now" else None


def _start_anew(s: Session) -> Script:
    """`reboot now` is answered by nothing but silence (Integrator's Reference Manual); that it was obeyed shows in
    its banner, a minute later."""
    if s.calls.ids() or not s.calls.known:
        return End(Stage.REFUSED, "busy")
    reply = yield Ask("reboot now", r"^reboot now$", limit_ms=REBOOT_MS, switches=True, quiet=True, alone=True)
    return refused(reply) or End(Stage.DONE)


def _meter(s: Session, order: Order) -> Script | None:
    side = str(order.value)
    if side not in _METERS:
        return None
    return _meter_off(s) if side == "off" else _measure(s, side)


def _measure(s: Session, side: str) -> Script:
    s.metering = True
    s.facts.forget(("mic_level",))
    reply = yield Ask(f"audiometer {side}", rf"^audiometer {side}\b", switches=True)
    if (end := unanswered(reply)) is not None:
        s.metering = False
        return end
    if (yield Until(lambda: s.facts.get("mic_level") is not None, NO_CALL_MS)).ok:
        yield Tell(Stage.DONE)
        yield Until(lambda: False, METER_MS)
    yield from _say_off(s)
    return End(Stage.FAILED, "no_effect")


def _meter_off(s: Session) -> Script:
    yield from _say_off(s)
    return End(Stage.DONE)


def _say_off(s: Session) -> Generator[Need, Reply, None]:
    s.metering = False
    yield METER_OFF
    s.facts.forget(("mic_level",))


_MAKERS: Final[dict[str, Callable[[Session, Order], Script | None]]] = {
    "codec.power": _power,
    "codec.mute": _mute,
    "codec.volume": _volume,
    "codec.autoanswer": _autoanswer,
    "codec.dial": _dial,
    "codec.hangup": _hangup,
    "codec.answer": _answer,
    "codec.audiometer": _meter,
    "codec.reboot": _reboot,
}
