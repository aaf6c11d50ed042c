"""The life of a port to a Cisco codec as one script: make contact, prepare, learn who it is, register, watch.

Law: pure; nothing here switches anything but one setting: `Conference MicUnmuteOnDisconnect` is set Off, because
its default opens the microphone at every hang-up, against the rule that it stays closed. Registrations come before
the first inquiries, so that no change falls between them; the first value is not sent at registration.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11), session, xFeedback, xStatus; public drivers.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Final

from hardware.contract import NEVER_MS
from hardware.protocols.cisco_camera import observe, settle
from hardware.protocols.cisco_login import LOOK_MS, PASSED_MS
from hardware.protocols.cisco_session import CiscoSession
from hardware.protocols.script import ANSWER_MS, Ask, Need, Reply, Script, Until

Part = Generator[Need, Reply, None]

QUIET_MS: Final = 500
"""After opening: what still comes in belongs to somebody else's session."""
EMPTY_MS: Final = 1_000
"""An open session answers an empty line with OK or with nothing; a login prompt comes back at once."""
KNOCK_MS: Final = 2_400
"""How long a device that was silent before is waited for."""
UNIDENTIFIED_MS: Final = 30_000
"""Flat wait before a device that did not say who it is is asked again."""
SETTLING_MS: Final = 5_000
"""While a call is neither up nor gone the list is asked for as well."""
PREPARE_MS: Final = 2_000
"""`echo` and `xPreferences` are answered with OK at once, or not at all."""
ANEW_EVERY: Final = 120
"""Cycles (an hour) after which what the device did not know is asked for once more: a bad line looks the same."""
IN_TURN: Final = 2
"""So many of nine things a cycle: each is asked again within two and a half minutes at rest."""
LIST_EVERY: Final = 3
"""Cycles between two looks at the registrations: 90 s, as in a public driver that had lost them in the field."""
FEEDBACK: Final = (
    "/Status/Call",
    "/Status/Audio/Microphones/Mute",
    "/Status/Audio/Volume",
    "/Status/Standby",
    "/Status/SystemUnit/State",
    "/Status/Provisioning/Software/UpgradeStatus",
    "/Status/RoomAnalytics/PeopleCount",
    "/Event/CallDisconnect",
)
"""Far below the limit of 38 a session; never all of /Status, which floods the line (API guides)."""
CAMERA_EVENTS: Final = ("/Event/CameraPresetActivated", "/Event/CameraPresetListUpdated")
"""With the head's position, where the camera hangs on the codec: what people do at its panel is told at once."""
EMPTY: Final = Ask("", "", limit_ms=EMPTY_MS, quiet=True)
ECHO_OFF: Final = Ask("echo off", "", limit_ms=PREPARE_MS, quiet=True)


def status(path: str) -> Ask:
    """A query of one status; its answer names the first word of the path."""
    return Ask(f"xStatus {path}", path.split()[0].lower())


def setting(path: str) -> Ask:
    """A query or, with a value behind a colon, a change of one setting."""
    return Ask(f"xConfiguration {path}", path.split()[0].lower())


AUTOANSWER: Final = "AutoAnswer Mode"
UPTIME: Final = status("SystemUnit Uptime")
CALLS: Final = status("Call")
MUTE: Final = status("Audio Microphones Mute")
VOLUME: Final = status("Audio Volume")
STANDBY: Final = status("Standby")
UPGRADE: Final = status("Provisioning Software UpgradeStatus Status")
PEOPLE: Final = status("RoomAnalytics PeopleCount Current")
TEAMS: Final = status("MicrosoftTeams Calling InCall")
SIP: Final = status("SIP Registration")
H323: Final = status("H323 Gatekeeper Status")
MODEL: Final = status("SystemUnit ProductId")
VERSION: Final = status("SystemUnit Software Version")
SERIAL: Final = status("SystemUnit Hardware Module SerialNumber")
TOLD: Final = (MUTE, STANDBY, UPGRADE)
"""Told by feedback at once."""
ESSENTIAL: Final = (MODEL, VERSION, SERIAL, CALLS, MUTE, VOLUME, STANDBY)
"""Every release has these: that one is answered with an error is a bent line, however often it happens."""
LIST: Final = Ask("xFeedback List", "")


def life(s: CiscoSession, mode: str, fresh: bool) -> Script:
    """All that is done without orders; `fresh`: the port has just been opened."""
    if fresh:
        yield Until(lambda: False, QUIET_MS)
        yield EMPTY
    while True:
        yield from _contact(s)
        yield ECHO_OFF
        yield Ask(f"xPreferences outputmode {mode}", "", limit_ms=PREPARE_MS, quiet=True)
        s.echoing = False
        if (yield from _identify(s)):
            yield from _register(s)
            yield from _survey(s)
            yield from _watch(s)
        else:
            yield Until(s.due, UNIDENTIFIED_MS)


def locked(s: CiscoSession, mode: str) -> Script:
    """The port asks for a login that we cannot give: look now and then whether somebody gave it. An empty line is
    no try; a prompt ends this script."""
    while True:
        yield Until(lambda: False, LOOK_MS)
        if (yield EMPTY).ok:
            s.login.assume()
            s.new_session()
            return (yield from life(s, mode, fresh=False))


def after_login(s: CiscoSession, mode: str) -> Script:
    """The password was typed: a greeting begins a new life, no new prompt for a while means the same."""
    yield Until(lambda: False, PASSED_MS)
    s.login.assume()
    return (yield from life(s, mode, fresh=False))


def knock(s: CiscoSession) -> Ask:
    """The inquiry that proves the device and tells whether it has restarted."""
    return replace(UPTIME, limit_ms=KNOCK_MS if s.lost or s.facts.get("answers") is False else ANSWER_MS)


def _contact(s: CiscoSession) -> Part:
    """Ask until the device answers, then see whether it has restarted since it last did."""
    while True:
        asked_ms = s.now_ms
        if (yield knock(s)).answered:
            break
        rest_ms = max(0, s.silent_ms() - (s.now_ms - asked_ms)) if s.lost else 0
        yield from _rest(s, asked_ms, rest_ms)
    if s.restart_seen:
        s.restarted()
    s.resync = False


def _rest(s: CiscoSession, asked_ms: int, rest_ms: int) -> Part:
    """Wait before the next inquiry of a silent device; anything that it says, or a quicker pace, ends it."""
    s.doubt = False
    yield Until(lambda: s.heard_ms > asked_ms or s.due(), rest_ms)
    s.recheck_ms = -NEVER_MS


def _identify(s: CiscoSession) -> Generator[Need, Reply, bool]:
    """Who is it? Nothing that switches is sent before this is answered."""
    s.model = s.software = ""
    for ask in (MODEL, VERSION, SERIAL):
        yield from _inquire(s, ask)
    if not s.model:
        return False
    s.identify()
    return True


def expressions(s: CiscoSession) -> tuple[str, ...]:
    """What is registered for; an instance's number is left out of a path."""
    head = f"/Status/{s.dialect.head}/Position".replace(" 1/", "/").replace(" ", "/")
    return FEEDBACK if s.camera is None else (*FEEDBACK, head, *CAMERA_EVENTS)


def _register(s: CiscoSession) -> Part:
    for path in expressions(s):
        if path not in s.registered and not s.doubt:
            reply = yield Ask(f"xFeedback Register {path}", "")
            # Refused or unknown is an answer, too: asking again and again would change nothing.
            s.registered |= {path} if reply.answered else set()


def _survey(s: CiscoSession) -> Part:
    for ask in (MUTE, VOLUME, CALLS, STANDBY, UPGRADE, SIP, H323, TEAMS):
        yield from _inquire(s, ask)
    yield from _inquire(s, setting(f"{s.dialect.conference} {AUTOANSWER}"))
    if s.dialect.counts_people:
        yield from _inquire(s, PEOPLE)
    yield from _commission(s)
    yield from _settings(s)
    yield from _look(s)
    s.round = True


def _commission(s: CiscoSession) -> Part:
    """A hang-up must not open the microphone."""
    path = f"{s.dialect.conference} MicUnmuteOnDisconnect Mode"
    s.unmutes = False
    yield from _inquire(s, setting(path))
    if s.unmutes:
        yield setting(f"{path}: Off")
        yield from _inquire(s, setting(path))


def _settings(s: CiscoSession) -> Part:
    """R14: what room.toml lists, at the beginning and every hour; not in a call, whose line has better to do."""
    if s.calls.connected or not s.settings.due(s.now_ms):
        return
    for name, path in s.settings:
        if s.doubt:
            return
        yield from learn_setting(s, name, path)
    s.settings.looked(s.now_ms)


def learn_setting(s: CiscoSession, name: str, path: str) -> Part:
    """`xConfiguration <path>`; whatever else lies under that path is not meant."""
    yield from s.settings.learn(name, setting(path), lambda _: s.settings.heard(path))


def _watch(s: CiscoSession) -> Part:
    """Status cycles until the device is lost (then this script is replaced)."""
    while True:
        yield Until(s.due, s.cycle_ms())
        while s.doubt:
            yield knock(s)
        yield from _cycle(s)


def _cycle(s: CiscoSession) -> Part:
    """Uptime and calls every time. In a call, for a reader in a hurry and after noise also all that feedback tells;
    else that is asked in turn, for a word of it that got lost."""
    s.recheck_ms = -NEVER_MS
    s.cycle_n += 1
    if s.cycle_n % ANEW_EVERY == 0:
        s.absent.clear()
    if s.echoing:
        s.echoing = False
        yield ECHO_OFF
    yield knock(s)
    for ask in (CALLS, *_due(s)):
        yield from _inquire(s, ask)
    if s.calls.connected:
        yield from _inquire(s, status(s.dialect.quality))
    if s.cycle_n % LIST_EVERY == 0:
        yield from _check_registrations(s)
    yield from _settings(s)
    yield from _look(s)
    s.round = True
    if s.calls.settling:
        s.recheck(SETTLING_MS)


def _due(s: CiscoSession) -> tuple[Ask, ...]:
    """What is asked in this cycle beside uptime and calls."""
    slow = (VOLUME, setting(f"{s.dialect.conference} {AUTOANSWER}"), TEAMS, SIP, H323)
    people = (PEOPLE,) if s.dialect.counts_people else ()
    if s.at_rest():
        turn = [ask for ask in (*TOLD, *slow, *people) if not s.lacks(ask.text) or ask in ESSENTIAL]
        first = s.cycle_n * IN_TURN
        return tuple(turn[n % len(turn)] for n in range(first, first + IN_TURN))
    return (*TOLD, *(slow[2:] if s.cycle_n % 2 else slow[:2]), *people)


def _check_registrations(s: CiscoSession) -> Part:
    """What the device no longer has is registered again; a list that cannot be read says nothing."""
    s.listed.clear()
    reply = yield LIST
    if reply.ok and not s.lacks("feedback"):
        gone = {path for path in s.registered if path.lower() not in s.listed}
        s.absent["feedback"] = s.absent.get("feedback", 0) + 1 if gone and not s.listed else 0
        s.registered -= gone
        yield from _register(s)


def _inquire(s: CiscoSession, ask: Ask) -> Part:
    """One inquiry, unless the device does not know it or has just fallen silent."""
    if not s.doubt and (not s.lacks(ask.text) or ask in ESSENTIAL):
        yield ask


def _look(s: CiscoSession) -> Part:
    """Where is the camera's head? A sleeping codec turns it aside: that is no place to remember."""
    camera = s.camera
    if camera is None or camera.owned or s.asleep is not False or s.turned_aside or s.doubt:
        return
    if not camera.unsettled:
        yield from observe(s)
        if camera.facts.get("moving"):
            s.look_soon()
        return
    yield from settle(s, camera)
    if not camera.owned:
        camera.arrive()
