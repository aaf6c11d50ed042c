"""Home Assistant's account at the shipped broker: not there by itself, sees what its entities show, gives two
commands. Refusals first; delivery is what is tested, as in test_broker_tls.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.link.topics import HOME_STATUS, Topics
from controller.provision import broker_files
from controller.provision.broker_files import HOME
from tests.services.centre import WAIT_S
from tests.services.guest import NOT_AUTHORISED, REFUSED, Guest
from tests.services.shipped import Office, Shipped, trusting

pytestmark = pytest.mark.services

TOPICS = Topics("phong-1")
SEEN = (*map(TOPICS.of, ("status", "state", "detail/climate", "update")), TOPICS.discovery)
UNSEEN = tuple(map(TOPICS.of, ("birth", "detail/codec", "record", "gasp", "reply", "ack", "calendar", "do/power")))
FORBIDDEN = ("mute", "call", "floor", "seat", "load", "restart", "rule", "power/x", "")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def broker(tmp_path: Path, office: Office) -> Iterator[Shipped]:
    with Shipped(tmp_path, office, home=True) as made:
        yield made


def at(broker: Shipped, office: Office, password: str = "") -> Guest:
    word = password or broker.password(HOME)
    return Guest(broker.centre_port, trusting(office), user=HOME, password=word)


def test_without_being_asked_for_there_is_no_account(tmp_path: Path, office: Office) -> None:
    with Shipped(tmp_path, office) as plain:
        assert not (plain.files / "home-assistant.password").exists()
        with at(plain, office, plain.password()) as guest:
            assert not guest.admitted()


def test_it_stays_until_its_password_is_deleted(broker: Shipped, office: Office) -> None:
    broker_files.write(broker.files)
    broker.reload()
    word = broker.password(HOME)
    with at(broker, office, word) as guest:
        assert guest.admitted()
    (broker.files / "home-assistant.password").unlink()
    broker_files.write(broker.files)
    broker.reload()
    with broker.centre():
        pass  # the signal is handled before the next connection is
    with at(broker, office, word) as guest:
        assert not guest.admitted()


def test_it_gives_two_commands_and_says_nothing_else(broker: Shipped, office: Office) -> None:
    with broker.centre() as centre, at(broker, office) as home:
        assert home.admitted()
        do = [TOPICS.of(f"do/{verb}") for verb in FORBIDDEN]
        for topic in (*do, *SEEN, *(one for one in UNSEEN if "/do/" not in one), "homeassistant/x", "x"):
            assert home.say(topic, b"forged", retain=True) == NOT_AUTHORISED, topic
        for topic in (TOPICS.of("do/power"), TOPICS.of("do/check"), HOME_STATUS):
            assert home.say(topic, b"allowed") < REFUSED, topic
        heard = [centre.until(lambda m: m.payload in (b"forged", b"allowed")) for _ in range(3)]
        assert {message.payload for message in heard} == {b"allowed"}


def test_it_sees_what_its_entities_show_and_nothing_else(broker: Shipped, office: Office) -> None:
    with broker.centre() as centre, at(broker, office) as home:
        assert home.admitted()
        home.hear("#", "diemcau/1/+/#", *UNSEEN)
        for topic in UNSEEN:
            centre.send(topic, b"secret")
        for topic in SEEN:
            centre.send(topic, b"shown")
        found = [home.heard.get(timeout=WAIT_S) for _ in SEEN]
        assert {payload for _, payload in found} == {b"shown"}
