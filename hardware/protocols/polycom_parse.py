"""What one line of a Polycom HDX or RealPresence Group control port says.

Law: pure; a line is judged by its content alone, never by its place in the stream, because real firmware
answers late, out of turn and with whole blocks in between (seen on a Group 700, software 6.2.1). A line that
says nothing known is None; the caller counts it. Nothing here raises on any input.
Sources: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series (command chapters);
forms marked "seen" come from public control drivers for these devices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from hardware.protocols.codec_camera import Position, Preset
from hardware.protocols.polycom_heard import (
    Banner,
    CallSeen,
    Fact,
    Heard,
    LoginFailed,
    Quality,
    Refusal,
    Ringing,
    Roll,
    Status,
    bounded,
)

STATES: Final[Mapping[str, str]] = {
    "opened": "ringing",
    "allocated": "ringing",
    "ringing": "ringing",
    "bonding": "connecting",
    "connecting": "connecting",
    # A connected channel is not yet a call: only `active:`, the notification and callinfo prove one.
    "complete": "connecting",
    "connected": "connected",
    "disconnecting": "ending",
    "disconnected": "ended",
    "inactive": "ended",
}
_WAYS: Final = {"outgoing": "out", "incoming": "in"}
_CALL_ID: Final = re.compile(r"^(?:active|cleared|ended): call\[(\w{1,16})\]")
_CS: Final = re.compile(r"^cs: call\[(\w{1,16})\](.*)$")
_BRACKET: Final = re.compile(r"(\w+)\[([^\]]*)\]")
_NUMBER: Final = re.compile(r"^-?\d{1,9}(?:\.\d{1,6})?$")
_METER: Final = re.compile(r"^audiometer \w+ (?:level peak: ?|level: ?)?(-?\d{1,6}(?:\.\d{1,6})?)$")
_POSITION: Final = re.compile(r'^camera near (?:get)?position "?(-?\d{1,6})"? "?(-?\d{1,6})"? "?(-?\d{1,6})"?$')
_PRESET: Final = re.compile(r"^preset near (go|set) (\d{1,2})$")
_PAIR: Final = re.compile(r"(\S+?):(\S*)")
_SPAN: Final = re.compile(r"(\d{1,6}) (Day|Hour|Minute)s?\b")
_SPAN_MIN: Final = {"Day": 1440, "Hour": 60, "Minute": 1}
_SETTING: Final = re.compile(r'^systemsetting model "?([^"]+)"?$')


def _mute(line: str) -> Heard | None:
    word = {"mute near on": "muted", "mute near off": "open"}.get(line)
    return Fact("mute", word) if word else None


def _volume(line: str) -> Heard | None:
    digits = line.removeprefix("volume ")
    return Fact("volume", int(digits)) if digits.isdecimal() and len(digits) < 4 and int(digits) <= 50 else None


def _autoanswer(line: str) -> Heard | None:
    word = line.removeprefix("autoanswer ")
    return Fact("autoanswer", word == "yes") if word in ("yes", "no", "donotdisturb") else None


def _listen(line: str) -> Heard | None:
    if line in ("listen video ringing", "listen phone ringing"):
        return Ringing()
    asleep = {"listen going to sleep": True, "listen waking up": False, "listen wake up": False}.get(line)
    return None if asleep is None else Fact("asleep", asleep)


def _number(parts: list[str]) -> str:
    """The number out of `name:number`, where the name may be missing and the number may hold colons."""
    named = len(parts) > 1 and parts[0].lower() not in ("sip", "sips", "h323", "tel")
    return bounded(":".join(parts[1:] if named else parts))


def _callinfo(line: str) -> Heard | None:
    """`callinfo:<id>:<name>:<number>:<speed>:<state>:<mute>:<way>:<kind>`, read from the right: the name may
    be empty or missing and the number may hold colons. The mute word is the far connection's, not ours."""
    if line in ("callinfo begin", "callinfo end"):
        return Roll(line.split()[1])
    parts = line.split(":")
    if len(parts) < 8 or parts[0] != "callinfo" or parts[-2] not in _WAYS:
        return None
    state = STATES.get(parts[-4].lower(), "")
    return CallSeen(parts[1][:16], state, _WAYS[parts[-2]], _number(parts[2:-5]), bounded(parts[-1]), event=False)


def _channel(line: str) -> Heard | None:
    """`cs: call[34] chan[0] dialstr[…] state[RINGING]`: progress of one channel (or one line of getcallstate)."""
    match = _CS.match(line)
    if not match:
        return None
    told = dict(_BRACKET.findall(match[2]))
    state = STATES.get(told.get("state", "").lower(), "")
    if "chan" in told and state == "connected":
        state = "connecting"
    # `inactive` in getcallstate names an empty slot, and one channel's end is not the call's end.
    if state in ("", "ended", "ending"):
        return None
    number = told.get("dialstr") or told.get("dialstring") or ""
    return CallSeen(match[1], state, number=bounded(number.removeprefix("IP:").split(" NAME:")[0]))


def _call_word(state: str) -> Callable[[str], Heard | None]:
    def read(line: str) -> Heard | None:
        match = _CALL_ID.match(line)
        return CallSeen(match[1], state) if match else None

    return read


def _notification(line: str) -> Heard | None:
    parts = [part.strip() for part in line.split(":")]
    if parts[1:2] == ["mutestatus"] and len(parts) > 3 and parts[2] == "near":
        word = {"muted": "muted", "notmuted": "open"}.get(parts[-1])
        return Fact("mute", word) if word else None
    if parts[1:2] == ["callstatus"] and len(parts) >= 9 and parts[2] in _WAYS:
        return _callstatus(parts)
    return None


def _callstatus(parts: list[str]) -> Heard | None:
    """`notification:callstatus:<way>:<id>:<name>:<number>:<state>:<speed>:<cause>:<kind>`: the state is the
    fourth from the right, name and number may be empty (`null 1` is seen), the number may hold colons."""
    state = STATES.get(parts[-4].lower(), "")
    if not state or not parts[3]:
        return None
    return CallSeen(parts[3][:16], state, _WAYS[parts[2]], _number(parts[4:-4]), bounded(parts[-1]))


def _netstats(line: str) -> Heard | None:
    told = dict(_PAIR.findall(line))
    if "rxrate" not in told and "%pktloss" not in told:
        return None
    rate = told.get("rxrate", "").rstrip("kK")
    loss = told.get("%pktloss", "").rstrip("%")
    return Quality(int(float(rate)) if _NUMBER.match(rate) else None, float(loss) if _NUMBER.match(loss) else None)


def _popup(line: str) -> Heard | None:
    if line.startswith("popupinfo: question: "):
        return Fact("popup", bounded(line[21:]))
    return Fact("popup", "") if line.startswith("popupinfo: answered") else None


def _refusal(line: str) -> Heard | None:
    word, _, text = line.partition(":")
    return Refusal(word.lower(), bounded(text), text.strip() == "command not found")


def _meter(line: str) -> Heard | None:
    match = _METER.match(line)
    return Fact("mic_level", float(match[1])) if match else None


def _camera(line: str) -> Heard | None:
    match = _POSITION.match(line)
    return Position(int(match[1]), int(match[2]), int(match[3])) if match else None


def _preset(line: str) -> Heard | None:
    match = _PRESET.match(line)
    return Preset(match[1], int(match[2])) if match else None


def _system(line: str) -> Heard | None:
    if line == "system is not in a call":
        return Roll("empty")
    return None


def _setting(line: str) -> Heard | None:
    match = _SETTING.match(line)
    return Fact("model", bounded(match[1])) if match else None


def _after(name: str) -> Callable[[str], Heard | None]:
    def read(line: str) -> Heard | None:
        text = line.partition(" ")[2].strip(' "')
        return Fact(name, bounded(text)) if text else None

    return read


def _banner(name: str) -> Callable[[str], Heard | None]:
    def read(line: str) -> Heard | None:
        if not _BANNER_LINE.match(line):
            return None
        value = bounded(line.partition(":")[2])
        return Banner(fact=Fact(name, value) if value else None)

    return read


def _login_failed(line: str) -> Heard | None:
    return LoginFailed() if "login failed" in line else None


_BANNER_LINE: Final = re.compile(
    r"^(?:Model|Serial Number|Software Version|Build Information|Contact Number|Total Time In Calls|Total Calls"
    r"|SNTP Time Service|Local Time is|IP Video Number|(?:MP|H323|FTP|HTTP|SNMP|ISDN) Enabled)\s*:"
)
_STATUS_LINE: Final = re.compile(
    r"^(inacall|autoanswerp2p|remotecontrol|microphones|visualboard|globaldirectory|ipnetwork|gatekeeper"
    r"|sipserver|logthreshold|meetingpassword|rpms|status) (.{0,80})$"
)

_READERS: Final[Mapping[str, Callable[[str], Heard | None]]] = {
    "mute": _mute,
    "volume": _volume,
    "autoanswer": _autoanswer,
    "listen": _listen,
    "callinfo": _callinfo,
    "cs": _channel,
    "active": _call_word("connected"),
    "cleared": _call_word("ending"),
    "ended": _call_word("ended"),
    "notification": _notification,
    "call": _netstats,
    "popupinfo": _popup,
    "error": _refusal,
    "Error": _refusal,
    "info": _refusal,
    "Info": _refusal,
    "audiometer": _meter,
    "camera": _camera,
    "preset": _preset,
    "system": _system,
    "systemsetting": _setting,
    "serialnum": _after("serial"),
    "version": _after("software"),
    "--": _login_failed,
    "Model": _banner("model"),
    "Serial": _banner("serial"),
    "Software": _banner("software"),
}


def _uptime(line: str) -> Heard | None:
    """`2 Days, 1 Hour, 0 Minutes`: no keyword in front (seen)."""
    spans = _SPAN.findall(line)
    if not spans or not line[0].isdigit():
        return None
    return Fact("uptime_min", sum(int(count) * _SPAN_MIN[unit] for count, unit in spans))


def _other(line: str) -> Heard | None:
    """Lines that are known by more than their first word."""
    if status := _STATUS_LINE.match(line):
        return Status(status[1], bounded(status[2]))
    if line.startswith("Hi, my name is"):
        return Banner(start=True)
    return Banner() if _BANNER_LINE.match(line) else _uptime(line)


def parse(line: str) -> Heard | None:
    """What `line` (without its end) says, or None for an answer without content or something unknown.

    `status end` is Status("status", "end")."""
    reader = _READERS.get(line.split(" ", 1)[0].split(":", 1)[0])
    return reader(line) if reader is not None else _other(line)
