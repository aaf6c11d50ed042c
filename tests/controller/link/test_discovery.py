"""Home Assistant's device discovery: long names, unique ids, only looking."""

from __future__ import annotations

import json
from typing import Any

from controller.link import discovery
from controller.link.discovery import Device
from controller.link.topics import Topics

TOPICS = Topics("phong-1")


def payload() -> dict[str, Any]:
    device = Device("Phòng họp số 1", "Kim Sơn", "0.1.0", ("tv", "codec"), ("room",))
    found = json.loads(discovery.payload(TOPICS, device))
    assert isinstance(found, dict)
    return found


def test_the_device_uses_the_long_names() -> None:
    found = payload()
    assert {"device", "origin", "components"} <= found.keys()
    assert found["device"]["name"] == "Phòng họp số 1"
    assert found["availability"] == [{"topic": "diemcau/1/phong-1/status"}]


def test_every_component_can_be_found_and_none_can_switch() -> None:
    components = payload()["components"]
    assert {"phase", "load_tv", "load_codec", "temperature_room", "humidity_room", "update"} <= components.keys()
    assert len({c["unique_id"] for c in components.values()}) == len(components)
    assert all({"platform", "name", "state_topic"} <= c.keys() for c in components.values())
    assert not any("command_topic" in c for c in components.values())


def test_templates_are_closed() -> None:
    templates = [c["value_template"] for c in payload()["components"].values() if "value_template" in c]
    assert all(t.startswith("{{ ") and t.endswith(" }}") and t.count("{") == 2 for t in templates)


def test_a_room_without_loads_is_still_a_device() -> None:
    found = json.loads(discovery.payload(TOPICS, Device("A", "B", "0.1.0")))
    assert not [name for name in found["components"] if name.startswith(("load_", "temperature_"))]
