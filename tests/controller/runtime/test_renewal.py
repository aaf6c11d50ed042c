"""The room's certificate over its life: what is not taken and why, what is, and what the next connection shows."""

from __future__ import annotations

import os
import queue
import ssl
import stat
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.link import secure
from controller.link.messages import Tree
from controller.link.notices import Renewed
from controller.link.settings import Broker, Settings, Tls
from controller.link.topics import IDENTITY
from controller.provision import certificates
from controller.provision.services import give
from controller.runtime.renewal import REQUEST, Renewal
from tests.services.shipped import Office

ROOM = "phong-1"
NOW = datetime.now(UTC).replace(microsecond=0)
WAIT_S = 15.0


class Around:
    """A room's renewal with its certificate of five years from `NOW`, and everything that it says."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder)
        tls, self.key = self.office.room(ROOM, NOW)
        self.state = folder / "state"
        self.state.mkdir()
        self.tls = replace(tls, renewed=self.state / "room.crt")
        assert self.tls.cert is not None
        (self.tls.cert.parent / REQUEST).write_bytes(self.request)
        self.shown: list[Mapping[str, Tree]] = []
        self.events: list[Renewed] = []
        self.notes: list[tuple[str, tuple[object, ...]]] = []
        self.renewal = self.of(self.tls)

    @property
    def request(self) -> bytes:
        return certificates.request(self.key, ROOM).public_bytes(Encoding.PEM)

    def of(self, tls: Tls | None) -> Renewal:
        settings = Settings(ROOM, "boot-a", Broker("localhost", tls=tls))
        return Renewal(settings, self, self.events.append, lambda code, args: self.notes.append((code, args)))

    def detail(self, part: str, view: Mapping[str, Tree]) -> bool:
        assert part == IDENTITY
        self.shown.append(view)
        return True

    def next(self, days: int = 30) -> str:
        """What the office answers so many days later."""
        office = self.office.open(NOW + timedelta(days=days))
        return office.renew(self.request, ROOM).public_bytes(Encoding.PEM).decode()

    def kept(self) -> bool:
        return self.tls.renewed is not None and self.tls.renewed.exists()


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(tmp_path)


def test_what_is_no_certificate_or_anothers_is_not_taken(around: Around, tmp_path: Path) -> None:
    stranger = Office(tmp_path / "stranger")
    stranger.folder.mkdir()
    public = around.key.public_key()
    until = NOW + timedelta(days=9000)
    of_another_authority = stranger.open().sign(certificates.Kind.ROOM, ROOM, public)
    for_another_room = around.office.open(until).sign(certificates.Kind.ROOM, "phong-2", public)
    other_key = certificates.new_key().public_key()
    for_another_key = around.office.open(until).sign(certificates.Kind.ROOM, ROOM, other_key)
    signed = (of_another_authority, for_another_room, for_another_key)
    made = [one.public_bytes(Encoding.PEM).decode() for one in signed]
    for text in ("", "x", "-----BEGIN CERTIFICATE-----\n", *made):
        around.renewal.judge(text)
        assert around.notes.pop()[0] == "link.not_renewed", text
    assert not around.kept()
    assert around.events == []


def test_one_that_ends_no_later_is_not_taken(around: Around) -> None:
    """A certificate of earlier that is sent again takes nothing from the room."""
    around.renewal.judge(around.next(-30))
    assert not around.kept()
    assert around.notes[0][0] == "link.not_renewed"


def test_a_state_folder_that_cannot_be_written_is_said(around: Around) -> None:
    gone = replace(around.tls, renewed=around.state / "no" / "room.crt")
    around.of(gone).judge(around.next())
    assert around.notes[0][0] == "link.not_renewed"
    assert around.events == []


def test_a_room_without_a_certificate_says_and_takes_nothing(around: Around) -> None:
    for renewal in (around.of(None), around.of(Tls(around.tls.ca)), Renewal(None, None, print, print)):
        renewal.show()
        renewal.judge(around.next())
    assert (around.shown, around.notes) == ([], [])


def test_an_identity_made_by_hand_asks_for_nothing(around: Around) -> None:
    assert around.tls.cert is not None
    (around.tls.cert.parent / REQUEST).unlink()
    around.renewal.show()
    assert around.shown[0]["csr"] is None


def test_the_room_shows_until_when_and_asks(around: Around) -> None:
    around.renewal.show()
    until = NOW + timedelta(days=5 * 365)
    shown = around.shown[0]
    assert shown["name"] == ROOM
    assert datetime.fromisoformat(str(shown["until"])) == until
    assert around.office.open().renew(str(shown["csr"]).encode(), ROOM)


def test_the_next_certificate_is_kept_told_and_used(around: Around) -> None:
    around.renewal.judge(around.next())
    assert around.notes == []
    assert around.tls.renewed is not None
    assert stat.S_IMODE(around.tls.renewed.stat().st_mode) == 0o640
    until = NOW + timedelta(days=30 + 5 * 365)
    assert around.events == [Renewed(str(around.shown[0]["serial"]), int(until.timestamp()))]
    around.renewal.judge(around.tls.renewed.read_text())
    assert (around.notes, len(around.events)) == ([], 1), "told again at the next connection, it is known"
    assert used(around.office, around.tls) == around.events[0].serial


def test_a_flood_of_useless_ones_has_one_thread_and_one_note(around: Around) -> None:
    before, heard, notes = threading.active_count(), queue.SimpleQueue[Renewed](), list[str]()
    settings = Settings(ROOM, "boot-a", Broker("localhost", tls=around.tls))
    renewal = Renewal(settings, around, heard.put, lambda code, _: notes.append(code))
    for _ in range(500):
        renewal.take("x")
    assert threading.active_count() <= before + 1
    renewal.take(around.next())
    assert heard.get(timeout=WAIT_S)
    assert notes in (["link.not_renewed"], []), "what waits is replaced by what follows"


def test_a_new_bundle_with_a_new_key_makes_an_old_renewal_useless(around: Around) -> None:
    around.renewal.judge(around.next())
    fresh, _ = around.office.room(ROOM, NOW)
    tls = replace(fresh, renewed=around.tls.renewed)
    around.of(tls).show()
    assert used(around.office, tls) == around.shown[-1]["serial"] != around.events[0].serial


def test_a_renewal_that_was_torn_leaves_the_first_certificate(around: Around) -> None:
    assert around.tls.renewed is not None
    around.tls.renewed.write_bytes(os.urandom(100))
    around.renewal.show()
    assert used(around.office, around.tls) == around.shown[0]["serial"]


def used(office: Office, tls: Tls) -> str:
    """The serial number of the certificate that a connection of the link shows a broker."""
    give(office.open(), "broker", ["localhost"], office.folder)
    broker = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    broker.load_cert_chain(office.folder / "broker.crt", office.folder / "broker.key")
    broker.load_verify_locations(tls.ca)
    broker.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = broker.wrap_bio(up, down, server_side=True)
    client = secure.context(tls).wrap_bio(down, up, server_hostname="localhost")
    for end in (client, server) * 3:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    return str((server.getpeercert() or {})["serialNumber"]).lower()
