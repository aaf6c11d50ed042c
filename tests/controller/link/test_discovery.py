"""Home Assistant's device discovery: long names, unique ids, what is taken away; by the rules that its
documentation publishes for https://www.home-assistant.io/integrations/mqtt/ (device discovery, 2024.11 and later)
and https://www.home-assistant.io/integrations/button.mqtt/. What a press sends: test_buttons.py."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jinja2 import Environment

from controller.core.report import LETTERS
from controller.link import discovery, messages
from controller.link.discovery import Aim, Device
from controller.link.topics import Topics
from controller.texts import sentences

TOPICS = Topics("phong-1")
NAMES = re.compile(r"homeassistant/device/[a-zA-Z0-9_-]+/config")
"""A device's discovery topic without a node id: its object id takes these letters only."""
ROOT_KEYS = {"device": True, "origin": True, "components": True, "availability": False, "qos": False}
"""Key → whether it must be there. Of a device's message only shared options may stand beside these three."""
DEVICE_KEYS = {"identifiers", "connections", "manufacturer", "model", "name", "hw_version", "sw_version",
               "serial_number", "via_device", "suggested_area", "configuration_url"}  # fmt: skip
SHARED = {"platform", "unique_id", "name", "state_topic", "value_template", "device_class"}
KEYS = {
    "button": {
        "platform",
        "unique_id",
        "name",
        "command_topic",
        "command_template",
        "payload_press",
        "qos",
        "retain",
        "device_class",
    },
    "sensor": SHARED | {"unit_of_measurement", "state_class"},
    "binary_sensor": SHARED | {"payload_on", "payload_off"},
    "update": SHARED,
}
TOPIC = {"button": "command_topic"}
"""What an entity cannot do without, where that is not its state's topic."""
CLASSES: dict[str, dict[str, set[str | None]]] = {
    "sensor": {"temperature": {"°C", "°F", "K"}, "humidity": {"%"}, "timestamp": {None}},
    "binary_sensor": {"problem": {None}, "power": {None}},
    "update": {"firmware": {None}},
    "button": {"identify": {None}, "restart": {None}, "update": {None}},
}
"""Platform → device class → units that it takes, of those that a room uses."""
NO_STATE_CLASS = {"timestamp"}


AIM = Aim("boot-a", 1_790_000_000_000)


def a_device(language: str = "en") -> Device:
    words = sentences(language, ("home.", "thing."))
    return Device("Phòng họp số 1", "Kim Sơn", "0.1.0", ("tv", "codec"), ("room",), language, words)


def payload(aim: Aim | None = AIM, language: str = "en") -> dict[str, Any]:
    found = json.loads(discovery.payload(TOPICS, a_device(language), aim))
    assert isinstance(found, dict)
    return found


def faults(found: dict[str, Any]) -> list[str]:
    """What Home Assistant would refuse of a device's discovery message, or warn of."""
    said = [f"no {key}" for key, must in ROOT_KEYS.items() if must and key not in found]
    said += [f"unknown {key}" for key in found if key not in ROOT_KEYS]
    device, origin = found.get("device", {}), found.get("origin", {})
    if not (isinstance(device.get("identifiers"), list) and device["identifiers"]) and not device.get(
        "connections"
    ):
        said.append("device without identifiers")
    said += [f"unknown device.{key}" for key in device.keys() - DEVICE_KEYS]
    said += [] if isinstance(origin.get("name"), str) and origin["name"] else ["origin without a name"]
    said += [f"unknown origin.{key}" for key in origin.keys() - {"name", "sw_version", "support_url"}]
    said += ["qos"] if found.get("qos", 0) not in (0, 1, 2) else []
    said += ["availability"] if any("topic" not in one for one in found.get("availability", [])) else []
    for name, one in found.get("components", {}).items():
        said += [f"{name}: {fault}" for fault in component_faults(one)]
    ids = [one["unique_id"] for one in found.get("components", {}).values() if "unique_id" in one]
    return said + (["unique_id twice"] if len(set(ids)) < len(ids) else [])


def component_faults(one: dict[str, Any]) -> list[str]:
    platform = one.get("platform")
    if platform not in KEYS:
        return [f"platform {platform}"]
    if one.keys() == {"platform"}:
        return []  # that is how one entity of a device is taken away
    topic = TOPIC.get(platform, "state_topic")
    said = [f"no {key}" for key in ("unique_id", topic) if not isinstance(one.get(key), str) or not one[key]]
    said += [f"unknown {key}" for key in one.keys() - KEYS[platform]]
    if any(mark in one.get(topic, "") for mark in "+#"):
        said.append(f"{topic} with a wildcard is not one topic")
    said += ["qos"] if one.get("qos", 0) not in (0, 1, 2) else []
    said += ["retain"] if one.get("retain", False) not in (True, False) else []
    kind = one.get("device_class")
    if kind is not None and one.get("unit_of_measurement") not in CLASSES[platform].get(kind, set()):
        said.append(f"device_class {kind} with {one.get('unit_of_measurement')}")
    if "state_class" in one and (kind in NO_STATE_CLASS or "unit_of_measurement" not in one):
        said.append("state_class without a figure")
    return said


def test_the_message_keeps_the_published_rules() -> None:
    assert NAMES.fullmatch(TOPICS.discovery)
    assert faults(payload()) == []
    assert faults(payload(aim=None)) == []
    assert faults(json.loads(discovery.payload(TOPICS, Device("A", "B", "0.1.0")))) == []


@pytest.mark.parametrize(
    ("where", "key", "value", "said"),
    [
        ((), "components", None, "no components"),
        ((), "origin", None, "no origin"),
        (("device",), "identifiers", [], "device without identifiers"),
        (("device",), "colour", "blue", "unknown device.colour"),
        (("origin",), "name", "", "origin without a name"),
        ((), "qos", 3, "qos"),
        (("components", "phase"), "platform", "mqtt", "phase: platform mqtt"),
        (("components", "phase"), "unique_id", "", "phase: no unique_id"),
        (("components", "phase"), "state_topic", None, "phase: no state_topic"),
        (("components", "phase"), "unique_id", "diemcau-phong-1-health", "unique_id twice"),
        (("components", "phase"), "command_topic", "x", "phase: unknown command_topic"),
        (("components", "check"), "command_topic", None, "check: no command_topic"),
        (("components", "check"), "command_topic", "diemcau/1/+/do/check", "check: command_topic with a wildcard"),
        (("components", "check"), "unique_id", None, "check: no unique_id"),
        (("components", "check"), "state_topic", "x", "check: unknown state_topic"),
        (("components", "check"), "device_class", "power", "check: device_class power"),
        (("components", "check"), "qos", 3, "check: qos"),
        (("components", "check"), "retain", "no", "check: retain"),
        (("components", "next"), "state_class", "measurement", "next: state_class without a figure"),
        (
            ("components", "temperature_room"),
            "unit_of_measurement",
            "%",
            "temperature_room: device_class temperature",
        ),
    ],
)
def test_each_broken_rule_is_found(where: tuple[str, ...], key: str, value: object, said: str) -> None:
    found = payload()
    inside = found
    for name in where:
        inside = inside[name]
    if value is None:
        del inside[key]
    else:
        inside[key] = value
    assert any(fault.startswith(said) for fault in faults(found)), faults(found)


def test_the_device_uses_the_long_names() -> None:
    found = payload()
    assert {"device", "origin", "components"} <= found.keys()
    assert found["device"]["name"] == "Phòng họp số 1"
    assert found["availability"] == [{"topic": "diemcau/1/phong-1/status"}]


def test_every_component_can_be_found_and_three_can_be_pressed() -> None:
    components = payload()["components"]
    assert {"phase", "load_tv", "load_codec", "temperature_room", "humidity_room", "update"} <= components.keys()
    pressed = {name: c["command_topic"] for name, c in components.items() if "command_topic" in c}
    shown = [c for name, c in components.items() if name not in pressed]
    assert all({"platform", "name", "state_topic"} <= c.keys() for c in shown)
    assert not [key for c in shown for key in c if key.startswith("command")]
    do = {name: topic.removeprefix("diemcau/1/phong-1/do/") for name, topic in pressed.items()}
    assert do == {"power_on": "power", "power_auto": "power", "check": "check"}
    assert not any(components[name].get("retain") for name in pressed), "the room refuses what is retained"


def test_without_an_aim_every_button_is_taken_away_and_nothing_else() -> None:
    with_, without = payload()["components"], payload(aim=None)["components"]
    gone = {name for name, c in without.items() if c == {"platform": "button"}}
    assert gone == {name for name, c in with_.items() if c["platform"] == "button"}
    assert {name: c for name, c in with_.items() if name not in gone} == {
        name: c for name, c in without.items() if name not in gone
    }


def test_entities_are_called_in_the_rooms_language() -> None:
    vi, en = (
        {name: c["name"] for name, c in payload(language=lang)["components"].items()} for lang in ("vi", "en")
    )
    assert (vi["power_on"], en["power_on"]) == ("Bật phòng", "Power on")
    same = {name for name in vi if vi[name] == en[name]}
    assert same <= {name for name in vi if name.startswith("load_")}
    assert not [name for name in (*vi.values(), *en.values()) if name.startswith("home.")]


def shown(name: str, **state: Any) -> str:
    """What Home Assistant makes of a state: its templates are Jinja's."""
    template = payload()["components"][name]["value_template"]
    return str(Environment(autoescape=False).from_string(template).render(value_json=state))


@pytest.mark.parametrize(
    ("letter", "said"), [("1", "ON"), ("0", "OFF"), ("o", "None"), ("f", "None"), ("?", "None")]
)
def test_a_load_that_is_not_known_is_unknown_and_not_off(letter: str, said: str) -> None:
    assert letter in LETTERS.values()
    assert shown("load_tv", loads={"tv": letter}) == said
    assert shown("load_tv", loads={}) == "None"


def test_what_a_state_does_not_say_is_unknown() -> None:
    assert [shown("in_call", call=call) for call in (True, False, None)] == ["ON", "OFF", "None"]
    assert [shown("help", help=word) for word in ("called", None)] == ["ON", "OFF"]
    assert (shown("phase", phase="ready"), shown("phase")) == ("ready", "None")
    assert shown("temperature_room", **{"room.temp_c": 24.5}) == "24.5"
    assert shown("temperature_room", **{"room.temp_c": {"value": 24.5, "quality": "stale"}}) == "None"


def test_a_room_without_loads_is_still_a_device() -> None:
    found = json.loads(discovery.payload(TOPICS, Device("A", "B", "0.1.0")))
    assert not [name for name in found["components"] if name.startswith(("load_", "temperature_"))]


def test_the_update_entity_is_told_what_it_knows_and_nothing_beside_it() -> None:
    told = json.loads(messages.update("0.1.0", "0.2.0", percentage=40, why=("update.loading", ("x",))))
    said = json.loads(shown("update", **told))
    assert said == {"installed_version": "0.1.0", "latest_version": "0.2.0", "in_progress": True,
                    "update_percentage": 40}  # fmt: skip
