"""The life of a port to a Polycom codec as one script: make contact, learn who it is, register, watch.

Law: pure; nothing here switches anything. Registrations come before the first inquiries, so that no change
falls between them. What would wake a sleeping codec (`camera near source`, `camera near tracking get`,
`vcbutton source get`: Integrator's Reference Manual) is not asked at all.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from hardware.contract import NEVER_MS
from hardware.protocols.desk import pattern
from hardware.protocols.polycom_camera import observe, settle
from hardware.protocols.polycom_heard import bounded
from hardware.protocols.polycom_login import AGAIN_MS, PASSED_MS
from hardware.protocols.polycom_session import COLD_GAP_MS, REBOOT_GAP_MS, SILENT_MS, Session
from hardware.protocols.script import Ask, Need, Reply, Script, Until

Part = Generator[Need, Reply, None]

QUIET_MS: Final = 500
"""After opening: what still comes in belongs to somebody else's session."""
KNOCK_MS: Final = 2_400
"""Shorter than the desk's nudge, which would only be a second knock."""
QUIET_LIMIT_MS: Final = 3_000
"""A device that never falls quiet (a left-on audio meter) is spoken to all the same."""
SOUGHT_MS: Final = 10_000
"""A device that was there all the time answers sooner. One that has never answered before may have been switched on
while we listened at another speed: its banner was lost, and only its uptime tells that it is awake."""
UNIDENTIFIED_MS: Final = 30_000
"""Flat wait before a device that did not say who it is is asked again."""
SETTLING_MS: Final = 5_000
"""While a call is neither up nor gone, firmware without events shows its progress in the list only."""
ANEW_EVERY: Final = 60
"""Cycles (half an hour) after which what the device did not know is asked for anew: a bad line looks the same."""
REGISTRATIONS: Final = (
    "callstate register",
    "mute register",
    "volume register",
    "vcbutton register",
    "sleep register",
    "popupinfo register",
    "notify callstatus",
    "notify mutestatus",
    "notify sysstatus",
    "notify sysalerts",
    "listen video",
)
_BANNER: Final = r"^(?:Hi, my|Here is|Model|Serial|Software|Build|Contact|Total|SNTP|Local Time|IP Video|MP |H323)"
MODEL: Final = Ask("systemsetting get model", r"^systemsetting model ")
WHOAMI: Final = Ask("whoami", r"^SNMP Enabled\s*:", part=_BANNER)
SERIAL: Final = Ask("serialnum", r"^serialnum ")
VERSION: Final = Ask("version", r"^version ")
UPTIME: Final = Ask("uptime get", r"^\d+ (?:Day|Hour|Minute)s?\b")
MUTE: Final = Ask("mute near get", r"^mute near (?:on|off)$")
VOLUME: Final = Ask("volume get", r"^volume \d+$")
AUTOANSWER: Final = Ask("autoanswer get", r"^autoanswer (?:yes|no|donotdisturb)$")
CALLS: Final = Ask("callinfo all", r"^callinfo end$|^system is not in a call$")
LISTING: Final = ("callinfo all", "hangup all", "netstats")
"""Commands that may be answered with `system is not in a call`."""
NETSTATS: Final = Ask("netstats", r"^call:\d|^system is not in a call$")
METER_OFF: Final = Ask("audiometer off", r"^audiometer off\b", limit_ms=1_000, switches=True, quiet=True)
"""How `off` is answered is not documented: silence is as good."""
STATUS: Final = Ask("status", r"^status end$")


def life(s: Session, fresh: bool) -> Script:
    """All that is done without orders; `fresh`: the port has just been opened."""
    if fresh:
        yield from _quiet(s)
    while True:
        yield from _contact(s)
        if (yield from _identify(s)):
            yield from _register(s)
            yield from _survey(s)
            yield from _watch(s)
        else:
            yield Until(s.due, UNIDENTIFIED_MS)


def _quiet(s: Session) -> Part:
    while s.now_ms - s.opened_ms < QUIET_LIMIT_MS:
        heard_ms = s.heard_ms
        yield Until(lambda: False, QUIET_MS)
        if s.heard_ms == heard_ms:
            return


def locked(s: Session) -> Script:
    """The port asks for a login that we cannot give: wait, and knock again after a long flat time."""
    while True:
        yield Until(lambda: False, AGAIN_MS)
        s.login.again()
        # An empty line brings the prompt back; a prompt ends this script, silence three times says "silent".
        for _ in range(3):
            reply = yield Ask("", r"(?!)", limit_ms=SILENT_MS)
            if reply.answered:
                # There is no prompt any more: somebody else has logged in.
                return (yield from life(s, fresh=False))


def after_login(s: Session) -> Script:
    """The password was typed. A banner would begin a new life; no new prompt for a while means the same."""
    yield Until(lambda: False, PASSED_MS)
    s.login.assume()
    return (yield from life(s, fresh=False))


def knock(s: Session) -> Ask:
    """An inquiry whose answer cannot be somebody else's; where `echo` is unknown or unanswered, the model.

    Any of our nonces proves that the device is there: on firmware that answers one exchange late it is the
    one before. A device known to be silent at any speed is not waited for long: what comes later is heard."""
    limit_ms = KNOCK_MS if s.lost or s.facts.get("answers") is False else SILENT_MS
    if s.lacks("echo") or s.silent_n % 2:
        return Ask(MODEL.text, MODEL.answer, limit_ms=limit_ms)
    return Ask(f'echo "{s.nonce()}"', r"\bsync\d+\b", limit_ms=limit_ms)


def _contact(s: Session) -> Part:
    """Ask until the device answers, then find out whether it has restarted since it last did."""
    before_ms = s.answered_ms
    while True:
        asked_ms = s.now_ms
        reply = yield knock(s)
        if reply.answered:
            break
        rest_ms = max(0, s.silent_ms() - (s.now_ms - asked_ms)) if s.lost else 0
        yield from _rest(s, asked_ms, rest_ms)
    yield from _ask_restarted(s, before_ms)


def _rest(s: Session, asked_ms: int, rest_ms: int) -> Part:
    """Wait before the next inquiry of a silent device; anything that it says, or a quicker pace, ends it."""
    s.doubt = False
    yield Until(lambda: s.heard_ms > asked_ms or s.due(), rest_ms)
    s.recheck_ms = -NEVER_MS


def _ask_restarted(s: Session, before_ms: int | None) -> Part:
    """A restart is a banner after silence, an uptime shorter than the silence, or (where neither can be had)
    a silence that was long enough for one. Silent for hours and then booting is being switched on."""
    gap_ms = NEVER_MS if before_ms is None else s.now_ms - before_ms
    doubtful = s.booted or REBOOT_GAP_MS <= gap_ms < NEVER_MS
    sought = before_ms is None and not doubtful and s.now_ms - s.sought_ms >= SOUGHT_MS
    if (doubtful or sought) and not s.lacks(UPTIME.text):
        s.uptime_min = None
        reply = yield UPTIME
        if reply.ok:
            # Whole minutes, rounded down by the device.
            silence_ms = s.now_ms - s.sought_ms if sought else gap_ms
            doubtful = (s.uptime_min or 0) * 60_000 < silence_ms
    if doubtful:
        s.restarted(counts=gap_ms < COLD_GAP_MS)
    elif before_ms is not None:
        s.returned()
    s.booted = False


def _identify(s: Session) -> Generator[Need, Reply, bool]:
    """Who is it? Nothing that switches is sent before this is answered."""
    s.whoami_ms, s.model = s.now_ms, ""
    yield WHOAMI
    if not s.model:
        yield MODEL
    if not s.software:
        yield from _inquire(s, VERSION)
    if not s.serial:
        yield from _inquire(s, SERIAL)
    if not s.model:
        return False
    s.identify()
    return True


def _register(s: Session) -> Part:
    """Once for each port: registrations are kept in the device's flash and survive its restart."""
    wanted = REGISTRATIONS if s.camera is None else (*REGISTRATIONS, "preset register")
    for text in wanted:
        if text not in s.registered:
            reply = yield Ask(text, _registered(text))
            # Refused or unknown is an answer, too: asking again and again would change nothing.
            s.registered |= {text} if reply.answered else set()


def _registered(text: str) -> str:
    if text.startswith("notify "):
        return rf"^{text} success$"
    return rf"^{text.removesuffix(' register')} registered$"


def _survey(s: Session) -> Part:
    for ask in (MUTE, VOLUME, CALLS, STATUS, AUTOANSWER):
        yield from _inquire(s, ask)
    yield from _settings(s)
    yield from _look(s)
    s.round = True


def _settings(s: Session) -> Part:
    """R14: what room.toml lists, at the beginning and every hour. Not in a call; nor of a sleeping codec: which
    inquiries wake it is documented of three only."""
    if s.calls.connected or s.asleep is True or not s.settings.due(s.now_ms):
        return
    for name, path in s.settings:
        if s.doubt:
            return
        yield from learn_setting(s, name, path)
    s.settings.looked(s.now_ms)


def learn_setting(s: Session, name: str, path: str) -> Part:
    """`<command> get`, or `systemsetting get <name>`; the answer repeats the words (of `muteautoanswer` a longer
    one) and then says the value."""
    command, _, rest = path.partition(" ")
    words = rf"^{command}\w*{' ' + rest if rest else ''} (?!get\b)(\S.*)$"
    ask = Ask(f"{command} get {rest}".rstrip(), words)

    def value(reply: Reply) -> str | None:
        match = pattern(words).match(reply.text)
        return None if match is None else bounded(match[1].strip('"'))

    yield from s.settings.learn(name, ask, value)


def _watch(s: Session) -> Part:
    """Status cycles until the device is lost (then this script is replaced)."""
    while True:
        yield Until(s.due, s.cycle_ms())
        while s.doubt:
            yield knock(s)
        yield from _cycle(s)


def _cycle(s: Session) -> Part:
    """The microphone and the calls every time, slower things in turn."""
    s.recheck_ms = -NEVER_MS
    s.cycle_n += 1
    if s.cycle_n % ANEW_EVERY == 0:
        s.absent.clear()
    for ask in (MUTE, CALLS, *((NETSTATS,) if s.calls.connected else ())):
        yield from _inquire(s, ask)
    if s.facts.get("mic_level") is not None and not s.metering:
        # Left on by somebody else, or by us before we were restarted: it would print for ever.
        yield METER_OFF
        s.facts.forget(("mic_level",))
    for ask in (STATUS,) if s.cycle_n % 2 else (AUTOANSWER, VOLUME):
        yield from _inquire(s, ask)
    yield from _settings(s)
    yield from _look(s)
    s.round = True
    if s.calls.settling:
        s.recheck(SETTLING_MS)


def _inquire(s: Session, ask: Ask) -> Part:
    """One inquiry, unless the device does not know it or has just fallen silent. Its calls are always asked for: a
    cycle without any question would never notice that nobody is there."""
    if not s.doubt and (ask is CALLS or not s.lacks(ask.text)):
        yield ask


def _look(s: Session) -> Part:
    """Where is the camera's head? Not of a sleeping codec: whether that wakes it is not documented."""
    camera = s.camera
    if camera is None or camera.owned or s.asleep is not False or s.doubt:
        return
    if not camera.unsettled:
        yield from observe(s)
        return
    # Somebody recalled it at the remote control.
    yield from settle(s, camera)
    if not camera.owned:
        camera.arrive()
