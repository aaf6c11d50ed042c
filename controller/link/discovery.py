"""The room as one device of Home Assistant: its discovery payload, with the long names.

Pure. Everything is for looking, nothing for switching: a command must name the room's boot and a deadline in
its monotonic time, which no Home Assistant entity can. Values are read from the retained summary `state`
(phase health power loads call help meeting) and from `detail/climate`; a key that is missing shows as unknown.

Source: Home Assistant, MQTT device discovery (2024.11 and later).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.link.messages import Tree, pack
from controller.link.topics import Topics

REMOVAL = b""
"""Published, retained, on the discovery topic it makes Home Assistant forget a decommissioned room."""
_START = "(value_json.meeting.start | as_datetime) if value_json.meeting else none"


@dataclass(frozen=True, slots=True)
class Device:
    """What is told of the room: its name for people, software version, loads and climate places."""

    name: str
    area: str
    fw: str
    loads: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def payload(topics: Topics, device: Device) -> bytes:
    """The retained message for `topics.discovery`."""
    return pack(
        {
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
    )


def _entity(topics: Topics, name: str, parts: dict[str, Tree]) -> Tree:
    basis: dict[str, Tree] = {"unique_id": f"diemcau-{topics.room}-{name}", "state_topic": topics.of("state")}
    return basis | parts


def _components(topics: Topics, device: Device) -> Iterable[tuple[str, dict[str, Tree]]]:
    yield "phase", _sensor("Phase", "value_json.phase")
    yield "health", _sensor("Health", "value_json.health")
    yield "power", _sensor("Power source", "value_json.power")
    yield "next", _sensor("Next meeting", _START) | {"device_class": "timestamp"}
    yield "in_call", _binary("In a call", "value_json.call")
    yield "help", _binary("Help called", "value_json.help") | {"device_class": "problem"}
    yield "update", {"platform": "update", "name": "Firmware", "state_topic": topics.of("update")}
    for load in device.loads:
        yield f"load_{load}", _binary(load, f"value_json.loads['{load}'] == '1'") | {"device_class": "power"}
    for place in device.places:
        for field, kind, unit in (("temp_c", "temperature", "°C"), ("humidity_pct", "humidity", "%")):
            yield f"{kind}_{place}", _climate(topics, place, field, kind, unit)


def _sensor(name: str, value: str) -> dict[str, Tree]:
    return {"platform": "sensor", "name": name, "value_template": f"{{{{ {value} | default(none) }}}}"}


def _binary(name: str, test: str) -> dict[str, Tree]:
    return {"platform": "binary_sensor", "name": name, "value_template": f"{{{{ 'ON' if {test} else 'OFF' }}}}"}


def _climate(topics: Topics, place: str, field: str, kind: str, unit: str) -> dict[str, Tree]:
    # A value that is not good comes as an object with its quality: no number then.
    value = f"value_json['{place}.{field}']"
    sensor = _sensor(f"{place} {kind}", f"{value} if {value} is number else none")
    shown: dict[str, Tree] = {"device_class": kind, "unit_of_measurement": unit, "state_class": "measurement"}
    return sensor | shown | {"state_topic": topics.detail("climate")}
