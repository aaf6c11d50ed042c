"""The room as one device of Home Assistant: its discovery payload, with the long names.

Pure. Everything is for looking, nothing for pressing: a command must name the room's boot and a deadline in its
monotonic time, and only the centre's account may write one, so that broker or room would refuse a button here.
Values are read from the retained summary `state` (phase health power loads call help meeting) and from
`detail/climate`; a key that is missing, or that the room does not know, shows as unknown and never as off.

Source: Home Assistant, MQTT device discovery (2024.11 and later).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.link.messages import Tree
from controller.link.topics import Topics

REMOVAL = b""
"""Published, retained, on the discovery topic it makes Home Assistant forget a decommissioned room."""
_START = "(value_json.meeting.start | as_datetime) if value_json.meeting else none"
_KNOWN = ("installed_version", "latest_version", "in_progress", "update_percentage")
_UPDATE = "{{ {" + ", ".join(f"'{key}': value_json.{key} | default(none)" for key in _KNOWN) + "} | tojson }}"
"""What Home Assistant's update entity knows, and nothing beside it: ours says more."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is told of the room: its name for people, software version, loads and climate places."""

    name: str
    area: str
    fw: str
    loads: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def payload(topics: Topics, device: Device) -> bytes:
    """The retained message for `topics.discovery`. Home Assistant's reader refuses the whole of a message with a
    key that it does not know: this one has no `v`."""
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
        "components": {name: _entity(topics, name, parts) for name, parts in _components(topics, device)},
    }
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def _entity(topics: Topics, name: str, parts: dict[str, Tree]) -> Tree:
    basis: dict[str, Tree] = {"unique_id": f"diemcau-{topics.room}-{name}", "state_topic": topics.of("state")}
    return basis | parts


def _components(topics: Topics, device: Device) -> Iterable[tuple[str, dict[str, Tree]]]:
    yield "phase", _sensor("Phase", "value_json.phase")
    yield "health", _sensor("Health", "value_json.health")
    yield "power", _sensor("Power source", "value_json.power")
    yield "next", _sensor("Next meeting", _START) | {"device_class": "timestamp"}
    yield "in_call", _binary("In a call", "value_json.call", {True: "ON", False: "OFF"})
    help_called: dict[str, Tree] = _sensor("Help called", "('ON' if value_json.help else 'OFF')")
    yield "help", help_called | {"platform": "binary_sensor", "device_class": "problem"}
    yield "update", {"platform": "update", "name": "Firmware", "state_topic": topics.of("update"),
                     "value_template": _UPDATE}  # fmt: skip
    for load in device.loads:
        letters = _binary(load, f"value_json.loads['{load}']", {"1": "ON", "0": "OFF"})
        yield f"load_{load}", letters | {"device_class": "power"}
    for place in device.places:
        for field, kind, unit in (("temp_c", "temperature", "°C"), ("humidity_pct", "humidity", "%")):
            yield f"{kind}_{place}", _climate(topics, place, field, kind, unit)


def _sensor(name: str, value: str) -> dict[str, Tree]:
    return {"platform": "sensor", "name": name, "value_template": f"{{{{ {value} | default(none) }}}}"}


def _binary(name: str, value: str, words: Mapping[bool | str, str]) -> dict[str, Tree]:
    """`words`: what is ON and what is OFF; anything else (ordered, failed, not known) is `None`, unknown."""
    known = ", ".join(f"{_word(word)}: '{said}'" for word, said in words.items())
    template = f"{{{{ {{{known}}}.get({value} | default(none)) }}}}"
    return {"platform": "binary_sensor", "name": name, "value_template": template}


def _word(word: bool | str) -> str:
    return f"'{word}'" if isinstance(word, str) else str(word).lower()


def _climate(topics: Topics, place: str, field: str, kind: str, unit: str) -> dict[str, Tree]:
    # A value that is not good comes as an object with its quality: no number then.
    value = f"value_json['{place}.{field}']"
    sensor = _sensor(f"{place} {kind}", f"{value} if {value} is number else none")
    shown: dict[str, Tree] = {"device_class": kind, "unit_of_measurement": unit, "state_class": "measurement"}
    return sensor | shown | {"state_topic": topics.detail("climate")}
