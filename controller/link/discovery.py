"""The room as one device of Home Assistant: its discovery payload, with the long names.

Pure. Values are read from the retained summary `state` (phase health power loads call help meeting) and from
`detail/climate`; a key that is missing, or that the room does not know, shows as unknown and never as off.

Buttons, where room.toml allows them, are set-points that a stray tap may give: on, by schedule, a check. Off is not
among them, nor anything of microphone, call or camera. A command names the room's boot and a deadline in its
monotonic time: Home Assistant reckons it when the button is pressed, from what stands here (`Aim`). Where the room
does not know the time of day, and where buttons are not allowed, each is sent as a platform alone, which takes it
away.

Source: Home Assistant, MQTT device discovery (2024.11 and later), MQTT button.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controller.core.instant import Instant, Trust
from controller.link.messages import VERSION, Tree
from controller.link.topics import Topics
from controller.texts import said

REMOVAL = b""
"""Published, retained, on the discovery topic it makes Home Assistant forget a decommissioned room."""
_START = "(value_json.meeting.start | as_datetime) if value_json.meeting else none"
_KNOWN = ("installed_version", "latest_version", "in_progress", "update_percentage")
_UPDATE = "{{ {" + ", ".join(f"'{key}': value_json.{key} | default(none)" for key in _KNOWN) + "} | tojson }}"
"""What Home Assistant's update entity knows, and nothing beside it: ours says more."""
PRESS_S = 15
"""So long a press is good: the broker hands it on in a second, and the two clocks may differ by some."""
_BUTTONS: Mapping[str, tuple[str, dict[str, Tree]]] = {
    "power_on": ("power", {"value": "on"}),
    "power_auto": ("power", {"value": "auto"}),
    "check": ("check", {}),
}
"""Name → command and its arguments: what the broker lets Home Assistant's account write, and no more."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is told of the room: its name for people, software version, loads and climate places; the sentences
    `home.` and `thing.` in its language."""

    name: str
    area: str
    fw: str
    loads: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    language: str = "en"
    sayings: Mapping[str, str] = field(default_factory=dict)

    def say(self, code: str, *args: str) -> str:
        """What an entity is called."""
        return said(self.sayings, f"home.{code}", self.language, args)


@dataclass(frozen=True, slots=True)
class Aim:
    """By what a press reaches this life of the room and no other: its boot, and how far the time of day is ahead of
    its monotonic time."""

    boot: str
    ahead_ms: int


def aim(boot: str, now: Instant) -> Aim | None:
    """None: the room does not know the time of day, so that nobody can reckon a deadline from it."""
    return Aim(boot, now.wall_ms - now.mono_ms) if now.trust >= Trust.RTC else None


def payload(topics: Topics, device: Device, aim: Aim | None = None) -> bytes:
    """The retained message for `topics.discovery`; `aim` None: without buttons. Home Assistant's reader refuses the
    whole of a message with a key that it does not know: this one has no `v`."""
    entities: dict[str, Tree] = {name: _entity(topics, name, parts) for name, parts in _components(topics, device)}
    tree: dict[str, Tree] = {
        "device": {
            "identifiers": [f"diemcau-{topics.room}"],
            "name": device.name,
            "manufacturer": "Diemcau",
            "model": "điểm cầu",
            "sw_version": device.fw,
            "suggested_area": device.area,
        },
        "origin": {"name": "diemcau", "sw_version": device.fw},
        "availability": [{"topic": topics.of("status")}],
        "qos": 1,
        "components": entities | {name: _button(topics, device, name, aim) for name in _BUTTONS},
    }
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def _entity(topics: Topics, name: str, parts: dict[str, Tree]) -> Tree:
    basis: dict[str, Tree] = {"unique_id": f"diemcau-{topics.room}-{name}", "state_topic": topics.of("state")}
    return basis | parts


def _components(topics: Topics, device: Device) -> Iterable[tuple[str, dict[str, Tree]]]:
    say = device.say
    yield "phase", _sensor(say("phase"), "value_json.phase")
    yield "health", _sensor(say("health"), "value_json.health")
    yield "power", _sensor(say("power"), "value_json.power")
    yield "next", _sensor(say("next"), _START) | {"device_class": "timestamp"}
    yield "in_call", _binary(say("in_call"), "value_json.call", {True: "ON", False: "OFF"})
    help_called: dict[str, Tree] = _sensor(say("help"), "('ON' if value_json.help else 'OFF')")
    yield "help", help_called | {"platform": "binary_sensor", "device_class": "problem"}
    yield "update", {"platform": "update", "name": say("update"), "state_topic": topics.of("update"),
                     "value_template": _UPDATE}  # fmt: skip
    for load in device.loads:
        letters = _binary(say("load", f"load.{load}"), f"value_json.loads['{load}']", {"1": "ON", "0": "OFF"})
        yield f"load_{load}", letters | {"device_class": "power"}
    for place in device.places:
        for key, kind, unit in (("temp_c", "temperature", "°C"), ("humidity_pct", "humidity", "%")):
            climate = _climate(say(kind, place), f"{place}.{key}", kind, unit)
            yield f"{kind}_{place}", climate | {"state_topic": topics.detail("climate")}


def _button(topics: Topics, device: Device, name: str, aim: Aim | None) -> dict[str, Tree]:
    """Its quality of service is its own: not every release inherits the device's, and at 0 a press may be lost."""
    if aim is None:
        return {"platform": "button"}
    verb, args = _BUTTONS[name]
    return {
        "platform": "button",
        "unique_id": f"diemcau-{topics.room}-{name}",
        "name": device.say(name),
        "command_topic": topics.of(f"do/{verb}"),
        "command_template": _press(name, args, aim),
        "qos": 1,
    }


def _press(name: str, args: dict[str, Tree], aim: Aim) -> str:
    """The command as a template: Home Assistant puts in the moment of the press, as number and as deadline."""
    body = {"v": VERSION, "by": "home-assistant", "boot": aim.boot, "args": args}
    id_ = f"ha-{name}-{{{{ (now().timestamp() * 1000) | int }}}}"
    until = f"{{{{ (now().timestamp() - {aim.ahead_ms / 1000 - PRESS_S}) | round(3) }}}}"
    return f'{json.dumps(body)[:-1]}, "id": "{id_}", "until_mono_s": {until}}}'


def _sensor(name: str, value: str) -> dict[str, Tree]:
    return {"platform": "sensor", "name": name, "value_template": f"{{{{ {value} | default(none) }}}}"}


def _binary(name: str, value: str, words: Mapping[bool | str, str]) -> dict[str, Tree]:
    """`words`: what is ON and what is OFF; anything else (ordered, failed, not known) is `None`, unknown."""
    known = ", ".join(f"{_word(word)}: '{said}'" for word, said in words.items())
    template = f"{{{{ {{{known}}}.get({value} | default(none)) }}}}"
    return {"platform": "binary_sensor", "name": name, "value_template": template}


def _word(word: bool | str) -> str:
    return f"'{word}'" if isinstance(word, str) else str(word).lower()


def _climate(name: str, key: str, kind: str, unit: str) -> dict[str, Tree]:
    # A value that is not good comes as an object with its quality: no number then.
    value = f"value_json['{key}']"
    sensor = _sensor(name, f"{value} if {value} is number else none")
    return sensor | {"device_class": kind, "unit_of_measurement": unit, "state_class": "measurement"}
