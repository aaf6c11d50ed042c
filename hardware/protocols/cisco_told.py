"""What one value of a Cisco codec changes in what we know of it.

Law: pure; a value of the wrong form changes nothing. Paths are in lower case.
Sources: Cisco API reference guides (TC, CE9, RoomOS 11), xStatus, xConfiguration; real sessions for RoomAnalytics
and MicrosoftTeams; CameraPresetActivated and CameraPresetListUpdated as public macros and drivers read them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hardware.protocols.cisco_parse import Told
from hardware.protocols.codec_camera import Preset

if TYPE_CHECKING:
    from hardware.protocols.cisco_session import CiscoSession

VOLUME_STEP: Final = 2
"""The contract's scale is 0-50, this device's 0-100."""
_ASLEEP: Final = {"standby": True, "halfwake": True, "off": False}
"""Halfwake is neither: nobody sees a picture, and a meeting needs it woken. On the way there nothing is sure."""
_HUNG_UP: Final = {"localdisconnect": "near", "remotedisconnect": "far"}
_AXES: Final = ("pan", "tilt", "zoom")
_STEPS: Final = re.compile(r"^-?\d{1,6}$", re.ASCII)


def apply(s: CiscoSession, told: Told) -> None:
    """Take it over."""
    path, value = told.path, told.value
    if told.kind == "r" and path[-1:] == ("callid",):
        s.placed = value
    if told.kind == "c":
        s.settings.hear(" ".join(path), value)
        _setting(s, path, value)
    if told.kind == "e" and path:
        _event(s, path, value)
    if told.kind != "s" or not path:
        return
    match path[0]:
        case "call":
            s.calls.hear(told)
            s.calls_changed()
        case "mediachannels" | "diagnostics":
            s.media.hear(told)
        case "systemunit":
            _unit(s, path[1:], value)
        case _ if not told.ghost:
            _status(s, path, value)
        case _:
            pass


def _event(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    if path[0] == "calldisconnect":
        _ended(s, path[1:], value)
    else:
        _camera(s, path, value)


def _ended(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    """How a call ended, in any order of its fields. Only who hung up is taken from it: what a codec says of a call
    that its line has ended was not seen, and another's refused call says nothing of ours."""
    if path not in (("causetype",), ("callid",)):
        return
    s.ending[path[0]] = value
    if len(s.ending) == 2:
        told, s.ending = s.ending, {}
        if s.calls.was_up(told["callid"]):
            s.facts.put("ended", _HUNG_UP.get(told["causetype"].lower()))


def _camera(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    """Somebody at the panel, or we ourselves, recalled or stored a frame."""
    camera = s.camera
    if camera is None:
        return
    if path == ("camerapresetactivated", "presetid") and value.isdecimal():
        if not (camera.owned and camera.pending in (None, int(value))):
            camera.hear(Preset("go", int(value)))
            s.look_soon()
    elif path[0] == "camerapresetlistupdated" and not s.storing():
        camera.stored_anew()


def _setting(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    on = value.lower() == "on"
    if path[-1:] != ("mode",):
        return
    if "autoanswer" in path:
        s.facts.put("autoanswer", on)
    elif "micunmuteondisconnect" in path:
        s.unmutes = on


def _status(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    match path:
        case ("audio", "microphones", "mute") if value in ("On", "Off"):
            s.facts.put("mute", "muted" if value == "On" else "open")
        case ("audio", "volume") if value.isdecimal() and int(value) <= 100:
            s.facts.put("volume", int(value) // VOLUME_STEP)
        case ("standby", "state"):
            s.turned_aside = value.lower() != "off"
            s.set_asleep(_ASLEEP.get(value.lower(), s.asleep))
        case ("standby", "active"):
            s.turned_aside = value.lower() == "on"
            s.set_asleep({"on": True, "off": False}.get(value.lower(), s.asleep))
        case ("provisioning", "software", "upgradestatus", "status"):
            s.upgrading = value.lower() == "inprogress"
            s.tell_updating()
        case ("roomanalytics", "peoplecount", "current"):
            # -1 while it does not count.
            s.facts.put("people", int(value) if value.isdecimal() else None)
        case ("microsoftteams", "calling", "incall"):
            # Such meetings are not in the list of calls (seen on RoomOS 11).
            s.teams = value.lower() == "true"
            s.calls_changed()
        case _:
            _rest(s, path, value)


def _rest(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    if path[-1] == "status" and path[:2] in (("sip", "registration"), ("h323", "gatekeeper")):
        s.registrars[path] = value.lower() == "registered"
        s.facts.put("registered", any(s.registrars.values()))
    elif path[-3:-1] == ("1", "position") and path[-1] in _AXES and _STEPS.match(value):
        s.place[path[-1]] = int(value)
        if s.camera is not None and s.camera.strays(path[-1], int(value)):
            s.look_soon()


def _unit(s: CiscoSession, path: tuple[str, ...], value: str) -> None:
    match path:
        case ("uptime",) if value.isdecimal():
            s.set_uptime(int(value) * 1_000)
        case ("productid",):
            s.model = value
        case ("hardware", "module", "serialnumber"):
            s.serial = value.strip()
        case ("software", "version"):
            s.software = value
            s.facts.put("software", value)
        case _:
            pass
