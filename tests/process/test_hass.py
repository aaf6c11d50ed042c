"""A real Home Assistant at the shipped broker, with the account made for it, and a real room: it finds the room as
one device, shows what it says, and its buttons switch it. Nothing here knows how a discovery message looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.demo import hass
from controller.link import messages
from controller.provision.authority import CERTIFICATE
from controller.provision.broker_files import HOME
from tests.process.clocked import CLOCK
from tests.process.house import SLUG, House, calendar, topic
from tests.process.watch import LOADS, soon, until
from tests.services.centre import Centre
from tests.services.hass import ANSWER_S, Hass
from tests.services.shipped import Office, Shipped

pytestmark = [
    pytest.mark.soak,
    pytest.mark.process,
    pytest.mark.services,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(hass.lacks()), reason=hass.lacks() or "-"),
]
NAME = "Phòng 1"
BUTTONS = {f"button.phong_1_{name}" for name in ("power_on", "power_by_schedule", "check_now")}
ENTITIES = {
    *BUTTONS,
    *(f"sensor.phong_1_{name}" for name in ("phase", "health", "power_source", "next_meeting")),
    *(f"sensor.phong_1_{name}_room" for name in ("temperature", "humidity")),
    *(f"binary_sensor.phong_1_{name}" for name in ("in_a_call", "help_called", *LOADS)),
    "update.phong_1_firmware",
}
UPDATE = ("installed_version", "latest_version", "in_progress", "update_percentage")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def broker(tmp_path: Path, office: Office) -> Iterator[Shipped]:
    with Shipped(tmp_path, office, home=True) as made:
        yield made


@pytest.fixture
def house(broker: Shipped, office: Office) -> Iterator[House]:
    tls, _ = office.room(SLUG)
    files = {"ca_file": str(tls.ca), "cert_file": str(tls.cert), "key_file": str(tls.key)}
    link = {
        "main": {"host": "127.0.0.1", "port": broker.port, **files},
        "keepalive_s": 5,
        "discovery_buttons": True,
    }
    with House(broker.port, mqtt=link, climate={"room": {"sensor": "sht3x", "period_s": 5}}) as made:
        sensor = made.folder / "root/sys/class/hwmon/hwmon0"
        sensor.mkdir(parents=True)
        for name, text in (("name", "sht3x"), ("temp1_input", "23125"), ("humidity1_input", "61250")):
            (sensor / name).write_text(text)
        made.start_keeper()
        yield made


@pytest.fixture
def home(tmp_path: Path, broker: Shipped, office: Office) -> Iterator[Hass]:
    """It finds fault with nothing that a room says."""
    with Hass(tmp_path / "hass") as made:
        made.at_broker(broker.centre_port, HOME, broker.password(HOME), office.folder / "ca" / CERTIFICATE)
        yield made
        assert made.complaints() == []


def entities(home: Hass) -> set[str]:
    """Those of the room's device that can be used: a press on one that is not available goes nowhere."""
    states = home.states()
    return {one for one in home.device(NAME).get("entities", ()) if states.get(one) not in (None, "unavailable")}


def has(home: Hass, wanted: set[str]) -> None:
    soon(lambda: entities(home) == wanted, ANSWER_S)
    assert entities(home) == wanted


def nothing_works(home: Hass) -> None:
    """Of a room that was cut off the broker says so after 20 s only: it may have been a flicker of the line."""
    until(lambda: {home.states().get(one) for one in ENTITIES} == {"unavailable"}, "all unavailable", ANSWER_S)


def answer(home: Hass, centre: Centre, button: str) -> tuple[str, str]:
    """Press it; stage and code of the room's answer."""
    home.press(f"button.phong_1_{button}")
    heard = centre.topic(topic("reply")).json
    return heard["stage"], heard["code"]


def test_a_room_is_one_device_that_shows_what_the_room_says(house: House, broker: Shipped, home: Hass) -> None:
    house.trusted()
    house.start(CLOCK)
    has(home, ENTITIES)
    device = home.device(NAME)
    assert (device["maker"], device["area"]) == ("Diemcau", NAME)
    assert device["identifiers"] == [["mqtt", f"diemcau-{SLUG}"]]
    home.shows(
        sensor__phong_1_phase="off",
        sensor__phong_1_power_source="mains",
        sensor__phong_1_next_meeting="unknown",
        sensor__phong_1_temperature_room="23.125",
        sensor__phong_1_humidity_room="61.25",
        binary_sensor__phong_1_in_a_call="unknown",
        binary_sensor__phong_1_help_called="off",
        binary_sensor__phong_1_light="off",
        update__phong_1_firmware="off",
    )
    for kind, unit in (("temperature", "°C"), ("humidity", "%")):
        found = home.attributes(f"sensor.phong_1_{kind}_room")
        assert (found["device_class"], found["unit_of_measurement"]) == (kind, unit)
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=20)
    with broker.centre() as centre:
        centre.send(topic("calendar"), calendar(start), retain=True, UserProperty=("version", "7"))
        centre.send(topic("update"), messages.update("1.0", "1.1", percentage=40), retain=True)
    home.shows(sensor__phong_1_next_meeting=start.isoformat(), update__phong_1_firmware="on")
    update = home.attributes("update.phong_1_firmware")
    assert [update[name] for name in UPDATE] == ["1.0", "1.1", True, 40]


def test_a_room_that_is_cut_off_is_unavailable_and_a_restart_brings_all_back(
    house: House, broker: Shipped, home: Hass
) -> None:
    house.trusted()
    house.start(CLOCK)
    has(home, ENTITIES)
    home.shows(sensor__phong_1_phase="off")
    assert house.process is not None
    house.process.kill()
    house.process.wait()
    nothing_works(home)
    house.start(CLOCK)
    home.shows(sensor__phong_1_phase="off", binary_sensor__phong_1_light="off")
    home.stop()
    with broker.centre() as centre:
        centre.send(f"homeassistant/device/{SLUG}/config", b"", retain=True)
    home.start()
    has(home, ENTITIES)
    home.shows(sensor__phong_1_phase="off", binary_sensor__phong_1_light="off")


def test_its_buttons_switch_the_room_in_each_of_its_lives(house: House, broker: Shipped, home: Hass) -> None:
    house.trusted()
    with broker.centre() as centre:
        house.start(CLOCK)
        has(home, ENTITIES)
        assert answer(home, centre, "power_on") == ("accepted", "")
        home.shows(
            sensor__phong_1_phase="ready",
            **{f"binary_sensor__phong_1_{name}": "on" for name in LOADS},
        )
        assert answer(home, centre, "check_now") == ("accepted", "")
        assert answer(home, centre, "power_by_schedule") == ("accepted", "")
        home.shows(sensor__phong_1_power_source="mains")
        assert house.end() == 0
        nothing_works(home)
        house.reboot("another-boot")
        house.start(CLOCK)
        has(home, ENTITIES)
        # Until Home Assistant has taken the new buttons in, a press is for the boot before and refused.
        until(lambda: answer(home, centre, "power_on") == ("accepted", ""), "taken by the new boot", ANSWER_S)
        home.shows(sensor__phong_1_phase="ready")


def test_buttons_go_with_the_trust_in_the_clock_and_the_room_with_the_discovery(house: House, home: Hass) -> None:
    house.start(CLOCK)
    has(home, ENTITIES - BUTTONS)
    house.trusted()
    has(home, ENTITIES)
    assert house.end() == 0
    (house.folder / "root/run/systemd/timesync/synchronized").unlink()
    house.reboot("another-boot")
    house.start(CLOCK)
    has(home, ENTITIES - BUTTONS)
    assert house.end() == 0
    text = house.room.read_text(encoding="utf-8")
    house.room.write_text(text.replace("discovery_buttons = true", "discovery = false"), encoding="utf-8")
    house.start(CLOCK)
    until(lambda: not home.device(NAME) and not ENTITIES & home.states().keys(), "no device", ANSWER_S)


def test_it_says_which_message_it_refuses(tmp_path: Path, broker: Shipped, office: Office) -> None:
    """The control: else it could be that a fault of ours is never seen."""
    with Hass(tmp_path / "hass") as home, broker.centre() as centre:
        home.at_broker(broker.centre_port, HOME, broker.password(HOME), office.folder / "ca" / CERTIFICATE)
        centre.send(f"homeassistant/device/{SLUG}/config", b'{"v": 1, "device": {"identifiers": "x"}}', retain=True)
        until(lambda: "extra keys not allowed" in str(home.complaints()), "a complaint", ANSWER_S)
