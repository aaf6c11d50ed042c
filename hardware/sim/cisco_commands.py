"""The xCommands of a simulated Cisco codec: words in, result out.

Law: written from the API guides; shares no code with our side. A handler gives the fields of its result or raises
`Refused`. What a deaf codec would do is left out by the handlers, not its verdict.
Source: Cisco API reference guides (TC 5-7, CE9, RoomOS 11), xCommand; names of results as printed there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from hardware.sim.codec_parts import LIMITS

if TYPE_CHECKING:
    from hardware.sim.cisco_unit import CiscoUnit

Arguments = Mapping[str, str]
Fields = dict[str, str]
_ARGUMENT = re.compile(r'(\w+): ?("(?:[^"\\]|\\.)*"|\S+)')
_NUMBER = re.compile(r"^-?\d{1,9}$", re.ASCII)


class Refused(Exception):
    """The command is known and was not carried out: `status`, and why."""

    def __init__(self, reason: str, status: str = "Error") -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


class Command(NamedTuple):
    """`result`: the name of its result, which is not its path."""

    result: str
    run: Callable[[CiscoUnit, Arguments], Fields]


def split(text: str) -> tuple[str, Arguments]:
    """The path of a command in lower case, and its arguments by name in lower case."""
    first = _ARGUMENT.search(text)
    path = text[: first.start()] if first else text
    found = {name.lower(): value.strip('"') for name, value in _ARGUMENT.findall(text)}
    return " ".join(path.lower().replace("/", " ").split()), found


def _number(arguments: Arguments, name: str, low: int, high: int) -> int:
    text = arguments.get(name, "")
    if not _NUMBER.match(text) or not low <= int(text) <= high:
        raise Refused(name, "ParameterError")
    return int(text)


def _dial(unit: CiscoUnit, arguments: Arguments) -> Fields:
    number = arguments.get("number")
    if not number:
        raise Refused("number", "ParameterError")
    kbps = _number({"callrate": "1920", **arguments}, "callrate", 64, 6_000)
    if unit.faults.deaf:
        return {"CallId": "99", "ConferenceId": "1"}
    call = unit.calls.dial(number, kbps)
    return {"CallId": str(call.id), "ConferenceId": "1"}


def _calls(unit: CiscoUnit, arguments: Arguments) -> list[int]:
    if "callid" not in arguments:
        return list(unit.calls.table)
    call_id = _number(arguments, "callid", 0, 1 << 31)
    if call_id not in unit.calls.table:
        raise Refused("No such call")
    return [call_id]


def _disconnect(unit: CiscoUnit, arguments: Arguments) -> Fields:
    for call_id in _calls(unit, arguments):
        if not unit.faults.deaf:
            unit.calls.end(call_id)
    return {}


def _accept(unit: CiscoUnit, arguments: Arguments) -> Fields:
    calls = [unit.calls.table[call_id] for call_id in _calls(unit, arguments)]
    ringing = [call for call in calls if call.way == "Incoming" and call.state == "ringing"]
    if not ringing:
        raise Refused("No incoming call")
    for call in ringing:
        if not unit.faults.deaf:
            unit.calls.connect(call.id)
    return {}


def _activate(unit: CiscoUnit, _arguments: Arguments) -> Fields:
    if unit.calls.table:
        raise Refused("Not possible in a call")
    if not unit.faults.deaf:
        unit.fall_asleep()
    return {}


def _standby(state: str, after_ms: int) -> Callable[[CiscoUnit, Arguments], Fields]:
    def run(unit: CiscoUnit, _arguments: Arguments) -> Fields:
        if not unit.faults.deaf:
            unit.stay_awake(int(unit.settings.get("Standby", "Delay")))
            unit.later(after_ms, lambda: unit.set_standby(state))
        return {}

    return run


def _reset_timer(unit: CiscoUnit, arguments: Arguments) -> Fields:
    unit.stay_awake(_number(arguments, "delay", 1, 480))
    return {}


def _muted(wanted: bool) -> Callable[[CiscoUnit, Arguments], Fields]:
    def run(unit: CiscoUnit, _arguments: Arguments) -> Fields:
        if not unit.faults.deaf:
            unit.set_muted(wanted)
        return {}

    return run


def _volume(unit: CiscoUnit, arguments: Arguments) -> Fields:
    level = _number(arguments, "level", 0, 100)
    if not unit.faults.deaf:
        unit.volume = level
        unit.changed()
    return {}


def _preset_activate(unit: CiscoUnit, arguments: Arguments) -> Fields:
    number = _number(arguments, "presetid", 1, 35)
    if number not in unit.head.presets:
        raise Refused("Preset is not defined")
    if not unit.faults.deaf:
        unit.recall(number)
    return {}


def _preset_store(unit: CiscoUnit, arguments: Arguments) -> Fields:
    _number(arguments, "cameraid", 1, 7)
    number = _number(arguments, "presetid", 1, 35)
    if not unit.faults.deaf:
        unit.store(number)
    return {"PresetId": str(number)}


def _preset_list(unit: CiscoUnit, _arguments: Arguments) -> Fields:
    return {f"Preset {n} PresetId": str(number) for n, number in enumerate(sorted(unit.head.presets), 1)}


def _ramp(unit: CiscoUnit, arguments: Arguments) -> Fields:
    sides = (("pan", "left", "right"), ("tilt", "down", "up"), ("zoom", "out", "in"))
    to = list(unit.head.place(unit.now_ms))
    for axis, (name, low, high) in enumerate(sides):
        word = arguments.get(name, "stop").lower()
        if word not in (low, high, "stop"):
            raise Refused(name, "ParameterError")
        if word != "stop":
            to[axis] = LIMITS[axis][word == high]
    if not unit.faults.deaf:
        unit.turn((to[0], to[1], to[2]))
    return {}


def _position_set(unit: CiscoUnit, arguments: Arguments) -> Fields:
    pan, tilt, zoom = (_number(arguments, name, -65_535, 65_535) for name in ("pan", "tilt", "zoom"))
    if not unit.faults.deaf:
        unit.turn((pan, tilt, zoom))
    return {}


def _position_reset(unit: CiscoUnit, _arguments: Arguments) -> Fields:
    if not unit.faults.deaf:
        unit.turn((0.0, 0.0, 0.0))
    return {}


def _boot(unit: CiscoUnit, _arguments: Arguments) -> Fields:
    unit.wants_reboot = True
    return {}


COMMANDS: Mapping[str, Command] = {
    "dial": Command("DialResult", _dial),
    "call accept": Command("CallAcceptResult", _accept),
    "call reject": Command("CallRejectResult", _disconnect),
    "call disconnect": Command("CallDisconnectResult", _disconnect),
    "call disconnectall": Command("DisconnectAllResult", _disconnect),
    "standby activate": Command("ActivateResult", _activate),
    "standby deactivate": Command("DeactivateResult", _standby("Off", 800)),
    "standby halfwake": Command("HalfwakeResult", _standby("Halfwake", 300)),
    "standby resettimer": Command("ResetTimerResult", _reset_timer),
    "audio microphones mute": Command("MicrophonesMuteResult", _muted(True)),
    "audio microphones unmute": Command("MicrophonesUnmuteResult", _muted(False)),
    "audio volume set": Command("VolumeSetResult", _volume),
    "camera preset activate": Command("CameraPresetActivateResult", _preset_activate),
    "camera preset store": Command("CameraPresetStoreResult", _preset_store),
    "camera preset list": Command("CameraPresetListResult", _preset_list),
    "camera ramp": Command("RampResult", _ramp),
    "camera positionset": Command("PositionSetResult", _position_set),
    "camera positionreset": Command("PositionResetResult", _position_reset),
    "systemunit boot": Command("SystemUnitBootResult", _boot),
    "boot": Command("BootResult", _boot),
    "userinterface message alert display": Command("AlertDisplayResult", lambda _unit, _arguments: {}),
}
NEEDS_TC = ("call disconnectall", "boot")
"""Words that only the old software has."""
