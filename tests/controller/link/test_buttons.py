"""What Home Assistant sends when a button of the room is pressed, read by the room's own reader."""

from __future__ import annotations

import json

import pytest

from controller.core.events import Command, Rejected
from controller.core.instant import Instant, Trust
from controller.link import arrivals, discovery
from controller.link.arrivals import FAR_S, Arrival, Here
from controller.link.discovery import PRESS_S, Aim, Device
from controller.link.topics import Topics
from tests.services.home_assistant import press

TOPICS = Topics("phong-1")
WALL_MS, MONO_MS = 1_790_000_123_456, 987_654
NOW = Instant(MONO_MS, WALL_MS, Trust.NTP)
AIM = Aim("boot-a", WALL_MS - MONO_MS)
HERE = Here(TOPICS, "boot-a", MONO_MS)
BUTTONS = {"power_on": ("power", ("on",)), "power_auto": ("power", ("auto",)), "check": ("check", ())}


def pressed(name: str, wall_ms: int = WALL_MS, aim: Aim = AIM) -> Arrival:
    """The press as the broker brings it, where Home Assistant's clock says `wall_ms`."""
    button = json.loads(discovery.payload(TOPICS, Device("A", "B", "0.1.0"), aim))["components"][name]
    return Arrival(button["command_topic"], press(button, wall_ms / 1000))


def heard(arrival: Arrival, here: Here = HERE) -> Command | Rejected:
    found = arrivals.read(arrival, here)
    assert isinstance(found, Command | Rejected)
    return found


@pytest.mark.parametrize("name", BUTTONS)
def test_a_press_is_a_command_of_this_boot_for_a_quarter_of_a_minute(name: str) -> None:
    verb, args = BUTTONS[name]
    found = heard(pressed(name))
    assert isinstance(found, Command)
    assert (found.verb, found.args, found.by, found.force, found.hold_ms) == (verb, args, "home-assistant", None, 0)
    assert abs(found.until_ms - (MONO_MS + PRESS_S * 1000)) <= 1


def test_each_press_is_one_of_its_own() -> None:
    ids = [heard(pressed(name, WALL_MS + ms)).id for name in BUTTONS for ms in (0, 1, 1000)]
    assert len(set(ids)) == len(ids)
    assert all(ids)


@pytest.mark.parametrize(
    ("late_s", "code"),
    [(0, ""), (PRESS_S - 1, ""), (PRESS_S + 1, "expired"), (3600, "expired")],
)
def test_a_press_that_was_held_up_is_refused(late_s: int, code: str) -> None:
    found = heard(pressed("power_on"), Here(TOPICS, "boot-a", MONO_MS + late_s * 1000))
    assert (found.code if isinstance(found, Rejected) else "") == code


@pytest.mark.parametrize(
    ("fast_s", "code"),
    [(-3600, "expired"), (-PRESS_S - 1, "expired"), (-PRESS_S + 1, ""), (5, ""), (FAR_S - PRESS_S - 1, ""),
     (FAR_S - PRESS_S + 1, "far_deadline"), (3600, "far_deadline"), (86_400 * 365, "far_deadline")],
)  # fmt: skip
def test_a_clock_that_is_wrong_gives_no_press_a_long_life(fast_s: int, code: str) -> None:
    found = heard(pressed("power_on", WALL_MS + fast_s * 1000))
    assert (found.code if isinstance(found, Rejected) else "") == code


def test_a_button_of_another_boot_or_one_that_was_retained_does_nothing() -> None:
    arrival = pressed("power_on")
    other = heard(arrival, Here(TOPICS, "boot-b", MONO_MS))
    kept = heard(Arrival(arrival.topic, arrival.payload, retained=True))
    assert isinstance(other, Rejected)
    assert isinstance(kept, Rejected)
    assert (other.code, kept.code) == ("other_boot", "retained")


def test_only_a_room_that_knows_the_time_has_buttons() -> None:
    found = {trust: discovery.aim("boot-a", NOW._replace(trust=trust)) for trust in Trust}
    assert found == {Trust.UNKNOWN: None, Trust.HELD: None, Trust.RTC: AIM, Trust.NTP: AIM}


def test_a_wall_clock_behind_the_monotonic_one_is_reckoned_with() -> None:
    """A Pi's time of day cannot be so; a sign that is lost would show nowhere else."""
    aim, here = Aim("boot-a", -5_000), Here(TOPICS, "boot-a", 65_000)
    found = heard(pressed("check", 60_000, aim), here)
    assert isinstance(found, Command)
    assert found.until_ms == 65_000 + PRESS_S * 1000
