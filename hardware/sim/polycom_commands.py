"""The commands of a simulated Polycom codec: one line in, lines out.

Law: written from the manual; shares no code with our side. A handler returns the lines of the reply; what
comes by itself (events) goes through the unit. Unknown words are answered as the device answers them.
Source: Polycom Integrator's Reference Manual for HDX and for RealPresence Group Series.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from hardware.sim.polycom_call_commands import CALL_HANDLERS
from hardware.sim.polycom_plain_commands import PLAIN_HANDLERS

if TYPE_CHECKING:
    from hardware.sim.polycom_unit import Unit

Lines = list[str]
NOT_FOUND = "error: command not found"
ILLEGAL = "error: command has illegal parameters"
MORE = "error: command needs more parameters to execute successfully"
NOTIFY = "callstatus captions linestatus mutestatus screenchanges sysstatus sysalerts vidsourcechanges"
REGISTERS = ("callstate", "camera", "mute", "popupinfo", "preset", "vcbutton", "volume", "sleep")
METERS = "micleft micright lineinleft lineinright lineoutleft lineoutright farendleft farendright"
WAKERS = ("camera near source", "camera near tracking get", "vcbutton source get")
"""Queries that wake a sleeping system."""


def words_of(text: str) -> list[str]:
    """Words of a command; quoted ones without their quotes."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', text)]


def answer(unit: Unit, text: str) -> Lines:
    """The reply to one command."""
    words = words_of(text)
    if not words:
        return []
    if text in WAKERS and unit.asleep:
        unit.woken_by_query += 1
        unit.set_asleep(False)
    if len(words) == 2 and words[1] in ("register", "unregister"):
        return _register(unit, words[0], words[1])
    handler = _HANDLERS.get(words[0])
    return handler(unit, words) if handler else [NOT_FOUND]


def _register(unit: Unit, what: str, verb: str) -> Lines:
    if what == "all" and verb == "register":
        unit.registered.update(REGISTERS)
        return [f"{name} registered" for name in REGISTERS]
    if what not in REGISTERS:
        return [NOT_FOUND]
    known = what in unit.registered
    (unit.registered.add if verb == "register" else unit.registered.discard)(what)
    if verb == "register" and (known and unit.faults.already_active):
        return [f"info: event/notification already active:{what}"]
    return [f"{what} {verb}ed"]


def _notify(unit: Unit, words: list[str]) -> Lines:
    kinds = [name.split(":")[1] for name in sorted(unit.registered) if name.startswith("notify:")]
    if len(words) == 1:
        return [f"registered for {len(kinds)} notifications:{':'.join(kinds)}"]
    if words[1] not in NOTIFY.split():
        return [ILLEGAL]
    if words[1] in kinds or unit.faults.already_active:
        unit.registered.add(f"notify:{words[1]}")
        return [f"info: event/notification already active:{words[1]}"]
    unit.registered.add(f"notify:{words[1]}")
    return [f"notify {words[1]} success"]


def _listen(unit: Unit, words: list[str]) -> Lines:
    if words[1:] != ["video"]:
        return [ILLEGAL]
    unit.registered.add("listen")
    return ["listen video registered"]


def _echo(_unit: Unit, words: list[str]) -> Lines:
    return [f'echo "{words[1]}"'] if len(words) == 2 else [MORE]


def _wake(unit: Unit, _words: list[str]) -> Lines:
    if not unit.faults.deaf:
        unit.later(1_500, lambda: unit.set_asleep(False))
    return ["wake"]


def _sleep(unit: Unit, words: list[str]) -> Lines:
    if len(words) > 1:
        return ["sleep mute off"] if words[1] == "mute" else [ILLEGAL]
    if not unit.faults.deaf:
        unit.later(400, lambda: unit.set_asleep(True))
    return ["sleep"]


def _mute(unit: Unit, words: list[str]) -> Lines:
    if words[1:] == ["far", "get"]:
        return ["mute far off" if unit.calls.connected else "mute far no call connected"]
    if len(words) != 3 or words[1] != "near":
        return [MORE]
    wanted = {"on": True, "off": False, "toggle": not unit.muted, "get": unit.muted}.get(words[2])
    if wanted is None:
        return [ILLEGAL]
    if not unit.faults.deaf and wanted != unit.muted:
        unit.set_muted(wanted, told=False)
    return [f"mute near {'on' if wanted else 'off'}"]


def _volume(unit: Unit, words: list[str]) -> Lines:
    match words[1:]:
        case ["get"]:
            wanted = unit.volume
        case ["up"] | ["down"]:
            wanted = unit.volume + (1 if words[1] == "up" else -1)
        case ["set", level] if level.isdecimal() and int(level) <= 50:
            wanted = int(level)
        case _:
            return [ILLEGAL]
    wanted = max(0, min(50, wanted))
    unit.volume = unit.volume if unit.faults.deaf else wanted
    return [f"volume {wanted}"]


def _autoanswer(unit: Unit, words: list[str]) -> Lines:
    if words[1:] in (["yes"], ["no"], ["donotdisturb"]):
        unit.autoanswer = unit.autoanswer if unit.faults.deaf else words[1]
        return [f"autoanswer {words[1]}"]
    if words[1:] != ["get"]:
        return [ILLEGAL]
    return [f"autoanswer {unit.autoanswer}"]


def _muteautoanswer(unit: Unit, words: list[str]) -> Lines:
    if words[1:] in (["yes"], ["no"]):
        unit.mute_autoanswer = words[1] == "yes"
    return [f"muteautoanswercalls {'yes' if unit.mute_autoanswer else 'no'}"]


def _sleeptime(unit: Unit, words: list[str]) -> Lines:
    """Minutes until it sleeps by itself, 0 = never."""
    if len(words) == 2 and words[1] in ["0", "1", "3", "15", "30", "60", "120", "240", "480"]:
        unit.sleeptime = unit.sleeptime if unit.faults.deaf else words[1]
        return [f"sleeptime {words[1]}"]
    return [f"sleeptime {unit.sleeptime}"] if words[1:] == ["get"] else [ILLEGAL]


def _meter(unit: Unit, words: list[str]) -> Lines:
    if len(words) != 2 or words[1] not in (*METERS.split(), "off"):
        return [ILLEGAL]
    unit.metering = "" if words[1] == "off" else words[1]
    if unit.metering and not unit.faults.deaf:
        unit.meter()
    return [f"audiometer {words[1]}"]


def _status(unit: Unit, _words: list[str]) -> Lines:
    call = "online" if unit.calls.connected else "offline"
    server = "online" if unit.registered_there else "offline"
    steady = "remotecontrol online,microphones online,visualboard offline,globaldirectory offline,ipnetwork online"
    return [
        f"inacall {call}",
        "autoanswerp2p offline",
        *steady.split(","),
        f"gatekeeper {server}",
        "sipserver offline",
        "logthreshold offline",
        "meetingpassword offline",
        "rpms offline",
        "status end",
    ]


def _whoami(unit: Unit, _words: list[str]) -> Lines:
    return unit.banner()


def _uptime(unit: Unit, _words: list[str]) -> Lines:
    minutes = unit.up_ms() // 60_000
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    spans = [(days, "Day"), (hours, "Hour"), (rest, "Minute")] if days else [(hours, "Hour"), (rest, "Minute")]
    return [", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in spans)]


def _setting(unit: Unit, words: list[str]) -> Lines:
    if words[1:] == ["get", "model"]:
        return [f'systemsetting model "{unit.model}"']
    return [ILLEGAL]


def _preset(unit: Unit, words: list[str]) -> Lines:
    match words[1:]:
        case ["near", "go" | "set" as verb, number] if number.isdecimal() and int(number) < 100:
            if not unit.faults.deaf:
                unit.preset(verb, int(number))
            return [f"preset near {verb} {number}"]
        case _:
            return [ILLEGAL]


def _camera(unit: Unit, words: list[str]) -> Lines:
    match words[1:]:
        case ["near", "getposition"]:
            pan, tilt, zoom = unit.head.place(unit.now_ms)
            return [f'camera near position "{pan:.0f}" "{tilt:.0f}" "{zoom:.0f}"']
        case ["near", "move", word]:
            return _moved(unit, word)
        case ["near", "stop"]:
            return _moved(unit, "stop")
        case ["near", "source"]:
            return ["camera near source 1"]
        case ["near", "tracking", "get"]:
            return ["camera near tracking off"]
        case _:
            return [ILLEGAL]


def _moved(unit: Unit, word: str) -> Lines:
    if not unit.faults.deaf:
        unit.head.move(word, unit.now_ms)
    text = "camera near stop" if word == "stop" else f"camera near move {word}"
    return [] if unit.faults.quiet_moves else [text]


def _vcbutton(_unit: Unit, words: list[str]) -> Lines:
    if words[1:] == ["source", "get"]:
        return ["vcbutton source get none", "vcbutton source get succeeded"]
    return ["vcbutton stop", "vcbutton get succeeded"]


def _reboot(unit: Unit, words: list[str]) -> Lines:
    if words[1:] in (["yes"], ["now"]):
        unit.wants_reboot = True
        return []
    return ["are you sure? (y/n)"]


_HANDLERS: dict[str, Callable[[Unit, list[str]], Lines]] = {
    "notify": _notify,
    "listen": _listen,
    "echo": _echo,
    "wake": _wake,
    "sleep": _sleep,
    "mute": _mute,
    "volume": _volume,
    **CALL_HANDLERS,
    **PLAIN_HANDLERS,
    "autoanswer": _autoanswer,
    "muteautoanswer": _muteautoanswer,
    "sleeptime": _sleeptime,
    "audiometer": _meter,
    "status": _status,
    "whoami": _whoami,
    "uptime": _uptime,
    "systemsetting": _setting,
    "preset": _preset,
    "camera": _camera,
    "vcbutton": _vcbutton,
    "reboot": _reboot,
    "serialnum": lambda unit, _words: [f"serialnum {unit.serial}"],
    "version": lambda unit, _words: [f"version {unit.software}"],
}
