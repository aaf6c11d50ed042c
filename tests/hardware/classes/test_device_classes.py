"""What a camera, a UPS, a display, a climate sensor and the relays must do behind the contract, whoever carries the
words. The same cases run over far ends and, with `--hardware room.toml`, over every device that the file names."""

from __future__ import annotations

import pytest

from hardware.contract import Stage, Value
from tests.hardware.classes.bench import Device, broken_words, last

MEET_MS = 130_000
"""A head initialises for a minute, a wrong speed costs another."""


# A camera


def test_a_camera_says_who_it_is_and_comes_to_be_ready(camera: Device) -> None:
    assert camera.shows(MEET_MS, "power", answers=True, ready=True)
    assert str(last(camera)["identity"]).count(":") == 2
    assert broken_words(camera) == []


def test_a_camera_goes_home_and_says_where_that_is(camera: Device) -> None:
    assert camera.shows(MEET_MS, answers=True, ready=True)
    assert camera.do("park", "home")[0] is Stage.DONE
    assert camera.shows(30_000, parked=True, moving=False)
    assert isinstance(last(camera)["pan"], int)
    assert broken_words(camera) == []


@pytest.mark.parametrize(("verb", "value"), [("preset", 999), ("preset", "two"), ("park", "x"), ("paint", "red")])
def test_what_is_no_order_to_a_camera(camera: Device, verb: str, value: Value) -> None:
    assert camera.shows(MEET_MS, answers=True)
    assert camera.do(verb, value)[0] is Stage.REFUSED


# A UPS


def test_a_ups_says_what_feeds_the_room(ups: Device) -> None:
    assert ups.shows(60_000, "charge_pct", "model", link="ok", source="mains")
    assert broken_words(ups) == []
    charge = last(ups)["charge_pct"]
    assert charge is None or (isinstance(charge, int | float) and 0 <= charge <= 100)
    assert last(ups)["testing"] is False


@pytest.mark.parametrize(("verb", "value"), [("test", "deep"), ("load", "off"), ("shutdown", True)])
def test_what_is_no_order_to_a_ups(ups: Device, verb: str, value: Value) -> None:
    assert ups.shows(60_000, link="ok")
    assert ups.do(verb, value) == (Stage.REFUSED, "unsupported")


# A display


def test_a_display_says_what_it_does(display: Device) -> None:
    assert display.shows(60_000, "power", answers=True)
    assert last(display).get("login", "ok") == "ok"  # RS-232 asks for none
    assert broken_words(display) == []


def test_a_display_that_is_so_already_says_that_it_is_done(display: Device) -> None:
    assert display.shows(60_000, "power", answers=True)
    power = last(display)["power"]
    value = "on" if power in ("on", "warming") else "standby"
    assert display.do("power", value, 180_000)[0] is Stage.DONE
    assert display.shows(10_000, power=value)


@pytest.mark.parametrize("value", ["off", True, 1, None])
def test_what_is_no_order_to_a_display(display: Device, value: Value) -> None:
    assert display.shows(60_000, answers=True)
    assert display.do("power", value)[0] is Stage.REFUSED


# A climate sensor


def test_a_climate_sensor_measures_a_room(climate: Device) -> None:
    assert climate.shows(120_000, "temp_c", error="")
    temp, humidity = last(climate)["temp_c"], last(climate).get("humidity_pct")
    assert isinstance(temp, float)
    assert -40 <= temp <= 85
    assert humidity is None or (isinstance(humidity, float) and 0 <= humidity <= 100)
    assert broken_words(climate) == []


# Relays


def _told(relay: Device) -> bool:
    """Is there a word on at least one load?"""
    relay.shows(15_000, "no such load")
    return bool(last(relay))


def test_relays_say_how_they_stand(relay: Device) -> None:
    """Nothing is switched: what hangs on a bench's relays is nobody's to know here."""
    assert _told(relay)
    assert broken_words(relay) == []


def test_what_is_no_load_is_refused(relay: Device) -> None:
    assert _told(relay)
    assert relay.do("no-such-load", "on")[0] is Stage.REFUSED
