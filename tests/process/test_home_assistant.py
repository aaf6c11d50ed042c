"""A real controller, a real broker, and buttons that Home Assistant finds there: pressed in time, too late, by a
clock that is wrong, for another boot; without a trusted clock, after a step of it, and switched off again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.core.report import LETTERS
from controller.link.arrivals import FAR_S
from controller.link.discovery import PRESS_S
from tests.process.house import SLUG, House, state, topic
from tests.process.watch import LOADS, until
from tests.services.centre import Centre, Heard
from tests.services.home_assistant import press
from tests.services.mosquitto import Mosquitto

pytestmark = [pytest.mark.process, pytest.mark.services]

GONE = {"platform": "button"}
BUTTONS = ("power_on", "power_auto", "check")
CLOCK = """
import os, sys, time
from pathlib import Path
from gpiozero.pins.mock import MockFactory
from controller import config
from controller.plan_make import plan_of
from controller.runtime.clock import Sources
from controller.runtime.station import Setting, Station

root = Path(sys.argv[2])

def wall_ns():
    ahead = root / "ahead_s"
    return time.time_ns() + (int(ahead.read_text()) * 10**9 if ahead.exists() else 0)

clock = Sources(root=root, wall_ns=wall_ns, disciplined=lambda: False)
plan = plan_of(config.load(Path(sys.argv[1])))
sys.exit(Station(plan, Setting(os.environ, os.getpid(), MockFactory, root / "sys", clock)).run())
"""
"""The controller on a machine whose clock is trusted when timesyncd says so, whatever this one's kernel says, and
`ahead_s` seconds ahead of the true time."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as made:
        yield made


@pytest.fixture
def house(broker: Mosquitto) -> Iterator[House]:
    link = {"main": {"host": "127.0.0.1", "port": broker.port, "tls": False}, "keepalive_s": 5}
    with House(broker.port, mqtt={**link, "discovery_buttons": True}) as made:
        made.start_keeper()
        yield made


def buttons(centre: Centre, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
    """The room's buttons as they were announced next, once they are `wanted`."""

    def heard(message: Heard) -> bool:
        return message.topic == f"homeassistant/device/{SLUG}/config" and wanted(_buttons(message))

    return _buttons(centre.until(heard))


def _buttons(message: Heard) -> dict[str, Any]:
    components = message.json["components"]
    return {name: components[name] for name in BUTTONS}


def there(found: dict[str, Any]) -> bool:
    return GONE not in found.values()


def pressed(centre: Centre, button: dict[str, Any], at_s: float | None = None) -> tuple[str, str]:
    """Press it; stage and code of the room's answer. The command has no response topic and no expiry."""
    sent = press(button, at_s)
    centre.send(button["command_topic"], sent)
    answer = centre.until(lambda m: m.topic == topic("reply") and m.json["id"].encode() in sent).json
    return answer["stage"], answer["code"]


def test_a_press_switches_the_room_on_and_one_that_is_late_or_of_a_wrong_clock_does_not(
    house: House, broker: Mosquitto
) -> None:
    assert house.watcher is not None
    house.trusted()
    with Centre(broker.port) as centre:
        house.start(CLOCK)
        found = buttons(centre)
        assert there(found)
        assert [found[name]["name"] for name in BUTTONS] == ["Power on", "Power by schedule", "Check now"]
        on = found["power_on"]
        assert pressed(centre, on, time.time() - PRESS_S - 1) == ("refused", "expired")
        assert pressed(centre, on, time.time() + FAR_S) == ("refused", "far_deadline")
        assert house.watcher.moves() == []
        assert pressed(centre, on) == ("accepted", "")
        until(lambda: house.watcher is not None and house.watcher.on(*LOADS), "all loads on")
        ready = centre.until(state(phase="ready")).json
        assert {ready["loads"][name] for name in LOADS} == {LETTERS["proven"]}
        assert pressed(centre, found["check"]) == ("accepted", "")
        assert pressed(centre, found["power_auto"]) == ("accepted", "")


def test_a_button_of_an_earlier_boot_does_nothing_and_the_new_one_does(house: House, broker: Mosquitto) -> None:
    assert house.watcher is not None
    house.trusted()
    with Centre(broker.port) as centre:
        house.start(CLOCK)
        old = buttons(centre)["power_on"]
        assert house.end() == 0
        house.reboot("another-boot")
        house.start(CLOCK)
        new = buttons(centre)["power_on"]
        assert pressed(centre, old) == ("refused", "other_boot")
        assert house.watcher.moves() == []
        assert pressed(centre, new) == ("accepted", "")


def test_buttons_come_with_the_trust_in_the_clock_and_follow_its_steps(house: House, broker: Mosquitto) -> None:
    with Centre(broker.port) as centre:
        house.start(CLOCK)
        assert set(map(str, buttons(centre).values())) == {str(GONE)}
        house.trusted()
        before = buttons(centre, there)
        (house.folder / "root/ahead_s").write_text("3600")
        after = buttons(centre, lambda found: found != before)
        assert pressed(centre, before["power_on"], time.time() + 3600) == ("refused", "far_deadline")
        assert pressed(centre, after["power_on"]) == ("refused", "expired")
        assert pressed(centre, after["power_on"], time.time() + 3600) == ("accepted", "")


def test_buttons_that_are_switched_off_are_taken_away_and_the_room_stays(house: House, broker: Mosquitto) -> None:
    house.trusted()
    with Centre(broker.port) as centre:
        house.start(CLOCK)
        assert there(buttons(centre))
        assert house.end() == 0
        house.room.write_text(house.room.read_text().replace("discovery_buttons = true", ""))
        house.start(CLOCK)
        assert set(map(str, buttons(centre).values())) == {str(GONE)}
