"""The shipped broker files on a real mosquitto: whom it lets in, what they may say and hear. Refusals first.

mosquitto grants every SUBSCRIBE and filters at delivery, so that delivery is what is tested.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.link import messages
from controller.link.notices import Ack, Down, Online
from controller.link.topics import CENTRE_STATUS, Topics
from controller.provision import certificates
from controller.provision.broker_files import BRIDGE, BRIDGE_CONF, CENTRE, CENTRE_PORT, FOLDER
from tests.controller.link.rooms import ROOM, Room, settings
from tests.services.centre import WAIT_S
from tests.services.guest import NOT_AUTHORISED, REFUSED, Guest
from tests.services.shipped import Office, Shipped, trusting

pytestmark = pytest.mark.services

OTHER = "phong-2"
TOPICS, THEIRS = Topics(ROOM), Topics(OTHER)
LONG_AGO = datetime(2020, 2, 1, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def broker(tmp_path: Path, office: Office) -> Iterator[Shipped]:
    with Shipped(tmp_path, office) as service:
        yield service


def admitted(broker: Shipped, tls: ssl.SSLContext, user: str = "", password: str = "", port: int = 0) -> bool:
    with Guest(port or broker.port, tls, user=user, password=password) as guest:
        return guest.admitted()


def test_who_has_no_certificate_stays_outside(broker: Shipped, office: Office) -> None:
    assert not admitted(broker, trusting(office))
    assert not admitted(broker, trusting(office), CENTRE, broker.password()), "not even with a password"


def test_a_certificate_of_another_authority_opens_nothing(broker: Shipped, office: Office, tmp_path: Path) -> None:
    stranger = Office(tmp_path / "stranger")
    stranger.folder.mkdir()
    theirs, _ = stranger.room(ROOM)
    assert not admitted(broker, trusting(office, theirs))
    with Room(settings(broker.port, tls=theirs)) as room:
        assert room.until(Down).code == "tls", "nor does the room believe this broker"


def test_an_expired_certificate_opens_nothing(broker: Shipped, office: Office) -> None:
    expired, key = office.room(ROOM, LONG_AGO, years=1)
    assert not admitted(broker, trusting(office, expired))
    # Renewed by the key that the room has, it opens again.
    request = certificates.request(key, ROOM).public_bytes(Encoding.PEM)
    assert expired.cert is not None
    expired.cert.write_bytes(office.open().renew(request, ROOM).public_bytes(Encoding.PEM))
    assert admitted(broker, trusting(office, expired))


def test_a_withdrawn_certificate_opens_nothing_once_the_list_is_reloaded(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    theirs, _ = office.room(OTHER)
    assert admitted(broker, trusting(office, mine))
    office.open().revoke(ROOM)
    broker.take_revocations()
    broker.reload()
    with broker.centre():
        pass  # the signal is handled before the next connection is
    assert not admitted(broker, trusting(office, mine))
    assert admitted(broker, trusting(office, theirs)), "the others are not locked out"
    again, _ = office.room(ROOM)
    assert admitted(broker, trusting(office, again)), "a new bundle brings the room back"


def test_tls_before_1_3_is_refused(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    for port in (broker.port, broker.centre_port):
        for most, works in ((ssl.TLSVersion.TLSv1_3, True), (ssl.TLSVersion.TLSv1_2, False)):
            assert shakes(port, trusting(office, mine), most) is works


def shakes(port: int, context: ssl.SSLContext, most: ssl.TLSVersion) -> bool:
    context.maximum_version = most
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as wire:
        try:
            context.wrap_socket(wire, server_hostname="127.0.0.1").close()
        except ssl.SSLError:
            return False
    return True


def test_the_listener_of_accounts_wants_the_password_and_takes_no_certificate(
    broker: Shipped, office: Office
) -> None:
    mine, _ = office.room(ROOM)
    port, good = broker.centre_port, broker.password()
    assert not admitted(broker, trusting(office), port=port)
    assert not admitted(broker, trusting(office, mine), port=port)
    assert not admitted(broker, trusting(office), CENTRE, good + "x", port)
    assert not admitted(broker, trusting(office), ROOM, good, port)
    assert not admitted(broker, trusting(office), BRIDGE, good, port)
    assert admitted(broker, trusting(office), CENTRE, good, port)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to pretend another date with")
@pytest.mark.parametrize(("date", "believes"), [("2019-12-31", False), ("2020-06-15", True), ("2039-01-01", False)])
def test_a_pi_without_a_clock_believes_the_broker(
    broker: Shipped, office: Office, date: str, believes: bool
) -> None:
    """OpenSSL's own client judges by the date that it is told: the first after a Pi's clock was lost, too."""
    mine, _ = office.room(ROOM)
    at = str(int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()))
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{broker.port}", "-verify_return_error", "-attime", at]
    words += ["-CAfile", str(mine.ca), "-cert", str(mine.cert), "-key", str(mine.key), "-tls1_3"]
    done = subprocess.run(words, input="", capture_output=True, text=True, check=False)
    assert ("Verify return code: 0 (ok)" in done.stdout) is believes, done.stderr


def test_a_room_says_and_hears_what_is_its_own(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    with broker.centre() as centre, Room(settings(broker.port, tls=mine)) as room:
        assert centre.topic(TOPICS.of("birth")).json["fw"] == "0.1.0"
        room.until(Online)
        centre.send(TOPICS.of("ack"), messages.pack({"boot": "boot-a", "seq": 7}))
        assert room.until(Ack).seq == 7
        assert not [event for event in room.seen if isinstance(event, Down)]


def test_a_room_cannot_speak_as_another(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    with broker.centre() as centre, Guest(broker.port, trusting(office, mine)) as guest:
        assert guest.admitted()
        for topic in (
            THEIRS.of("state"),
            THEIRS.of("do/power"),
            CENTRE_STATUS,
            "homeassistant/device/phong-2/config",
            "x",
        ):
            assert guest.say(topic, b"forged", retain=True) == NOT_AUTHORISED, topic
        assert guest.say(TOPICS.of("state"), b"mine") == 0
        assert centre.until(lambda m: m.payload in (b"mine", b"forged")).payload == b"mine"


def test_a_room_hears_nothing_of_another(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    with broker.centre() as centre, Guest(broker.port, trusting(office, mine)) as guest:
        assert guest.admitted()
        guest.hear("#", THEIRS.commands, THEIRS.of("state"), "diemcau/1/+/do/#", f"$share/x/{THEIRS.of('record')}")
        for topic in (THEIRS.of("do/power"), THEIRS.of("state"), THEIRS.of("record"), THEIRS.of("certificate")):
            centre.send(topic, b"secret", retain=True)
        for topic in (TOPICS.of("do/power"), TOPICS.of("certificate"), CENTRE_STATUS):
            centre.send(topic, b"for all")
        found = [guest.heard.get(timeout=WAIT_S) for _ in range(3)]
        assert {payload for _, payload in found} == {b"for all"}


def test_a_room_cannot_throw_another_out_by_its_client_id(broker: Shipped, office: Office) -> None:
    mine, _ = office.room(ROOM)
    theirs, _ = office.room(OTHER)
    with Guest(broker.port, trusting(office, theirs), OTHER) as victim:
        assert victim.admitted()
        with Guest(broker.port, trusting(office, mine), OTHER) as guest:
            assert guest.admitted()
            assert guest.say(TOPICS.of("state"), b"x") < REFUSED
        assert victim.say(THEIRS.of("state"), b"x") < REFUSED
        assert victim.lost.empty()


def test_a_centre_that_comes_hears_everything_that_is_retained(broker: Shipped) -> None:
    """The default of 1,000 queued messages would silently drop the rest."""
    count = 1_500
    with broker.centre() as first:
        for n in range(count):
            first.send(f"diemcau/1/r-{n}/state", b"{}", retain=True)
    with broker.centre() as centre:
        for _ in range(count):
            centre.until(lambda m: m.retained)
    assert len({m.topic for m in centre.heard}) >= count


@pytest.fixture
def area(tmp_path: Path, office: Office, broker: Shipped) -> Iterator[Shipped]:
    """An area's broker with the shipped bridge to the province's, which is `broker`."""
    place = tmp_path / "area"
    place.mkdir()
    with Shipped(place, office) as made:
        made.stop()
        text = (made.files / BRIDGE_CONF).read_text().replace(FOLDER, str(made.files))
        text = text.replace(f"mqtt.province.example:{CENTRE_PORT}", f"127.0.0.1:{broker.centre_port}")
        made.add(text.replace("CHANGE-ME", broker.password(BRIDGE)))
        made.start()
        yield made


def test_a_room_at_an_areas_broker_is_heard_and_told_from_the_province(
    area: Shipped, broker: Shipped, office: Office
) -> None:
    mine, _ = office.room(ROOM)
    with broker.centre() as centre, Room(settings(area.port, tls=mine), discovery=b"{}") as room:
        assert centre.topic(TOPICS.of("birth")).json["fw"] == "0.1.0"
        assert centre.topic(TOPICS.discovery).payload == b"{}"
        room.until(Online)
        room.link.record(messages.pack({"seq": 1}))
        assert centre.topic(TOPICS.of("record")).json["seq"] == 1
        centre.send(TOPICS.of("ack"), messages.pack({"boot": "boot-a", "seq": 1}))
        assert room.until(Ack).seq == 1
        centre.send("homeassistant/status", b"online")
        assert centre.topic(TOPICS.discovery).payload == b"{}", "said anew, for Home Assistant at the province"
