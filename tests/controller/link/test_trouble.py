"""The link in trouble, with real brokers: away, restarted, frozen, failed over, taken over, TLS."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.events import Command
from controller.link import messages
from controller.link.notices import Down, Online
from controller.link.settings import Tls
from controller.link.topics import Topics
from hardware.contract import Reading
from tests.controller.link.rooms import BOOT, QUICK, ROOM, Room, clock, settings
from tests.process.watch import until
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port
from tests.services.proxy import Proxy

pytestmark = pytest.mark.services
TOPICS = Topics(ROOM)
WINDOW = settings(1).window
REPO = Path(__file__).resolve().parents[3]
PATIENT = replace(QUICK, will_delay_s=20, session_s=30)
WATCHFUL = replace(QUICK, keepalive_s=1, connack_s=1.0)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


def check(id_: str, valid_s: float = 60.0) -> str:
    until = clock().mono_ms / 1000 + valid_s
    return json.dumps({"v": 1, "id": id_, "by": "desk", "boot": BOOT, "until_mono_s": until})


def obeys(room: Room, port: int, id_: str) -> None:
    """A command sent now arrives: the room listens."""
    with Centre(port) as centre:
        centre.send(TOPICS.of("do/check"), check(id_))
        room.until(Command, lambda c: c.id == id_)


def test_a_broker_that_comes_later_is_found(tmp_path: Path) -> None:
    port = free_port()
    with Room(settings(port)) as room:
        assert room.until(Down) == Down("main", "refused")
        with Mosquitto(tmp_path, port=port):
            room.until(Online)
            assert len([e for e in room.seen if isinstance(e, Down)]) == 1
            obeys(room, port, "c1")


def test_after_a_restart_of_the_broker_everything_is_there_again(tmp_path: Path) -> None:
    first = Mosquitto(tmp_path)
    with first, Room(settings(first.port)) as room:
        room.until(Online)
        first.stop()
        room.until(Reading, lambda r: r.values == (("desk", "down"), ("centre", None)))
        with Mosquitto(tmp_path, port=first.port) as second:
            room.until(Online)
            with Centre(second.port) as centre:
                leaves = {centre.until(lambda m: m.retained).topic for _ in range(4)}
                assert leaves == {TOPICS.of("status"), TOPICS.of("birth"), TOPICS.of("state"), TOPICS.detail("ups")}
            obeys(room, second.port, "c1")


def test_a_frozen_broker_is_noticed_and_found_again(broker: Mosquitto) -> None:
    with Room(settings(broker.port, times=WATCHFUL)) as room:
        room.until(Online)
        broker.pause()
        assert room.until(Down) == Down("main", "keepalive")
        assert room.until(Down).code == "timeout"
        broker.resume()
        room.until(Online)
        obeys(room, broker.port, "c1")


def test_records_that_a_line_does_not_take_are_counted_until_it_does(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Room(settings(broker.port)) as room:
        room.until(Online)
        broker.pause()
        for n in range(WINDOW + 10):
            assert room.link.record(json.dumps({"seq": n}).encode())
        until(lambda: room.link.records_waiting >= 10, "the window is full")
        broker.resume()
        told = [centre.topic(TOPICS.of("record")).json["seq"] for _ in range(WINDOW + 10)]
        assert told == [*range(WINDOW + 10)]
        assert room.link.records_waiting == 0


def test_stopping_does_not_wait_for_a_frozen_broker(broker: Mosquitto) -> None:
    with Room(settings(broker.port)) as room:
        room.until(Online)
        broker.pause()
    broker.resume()


def test_stopping_in_the_middle_of_an_attempt(broker: Mosquitto) -> None:
    broker.pause()
    with Room(settings(broker.port, times=WATCHFUL)) as room:
        room.until(Down)
    broker.resume()


def test_an_idle_connection_is_kept(broker: Mosquitto) -> None:
    # Without a ping the broker would end it after 3 s, before the refresh.
    times = replace(QUICK, keepalive_s=2, refresh_s=4.5)
    with Centre(broker.port) as centre, Room(settings(broker.port, times=times)) as room:
        room.until(Online)
        for _ in range(2):
            centre.topic(TOPICS.of("state"))
        assert not [e for e in room.seen if isinstance(e, Down)]
        assert room.events.empty()


def test_a_short_cut_neither_flaps_nor_loses_a_command(broker: Mosquitto) -> None:
    with (
        Centre(broker.port) as centre,
        Proxy(broker.port) as line,
        Room(settings(line.port, times=PATIENT)) as room,
    ):
        room.until(Online)
        line.cut()
        assert room.until(Down).code == "lost"
        centre.send(TOPICS.of("do/check"), check("while-cut"), MessageExpiryInterval=30)
        line.mend()
        assert room.until(Command).id == "while-cut"
        room.link.gasp(b"{}")
        centre.topic(TOPICS.of("gasp"))
        assert b"offline" not in [m.payload for m in centre.heard]


def test_what_was_queued_for_an_earlier_life_does_not_act_in_this_one(broker: Mosquitto) -> None:
    arguments = [sys.executable, "-m", "tests.controller.link.rooms", str(broker.port)]
    with Centre(broker.port) as centre:
        process = subprocess.Popen(arguments, cwd=REPO, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"online\n"
        finally:
            process.kill()
            process.communicate()
        centre.send(TOPICS.of("do/check"), check("old"))
        with Room(settings(broker.port)) as room:
            room.until(Online)
            centre.send(TOPICS.of("do/check"), check("new"))
            assert room.until(Command).id == "new"


def test_the_backup_takes_over_and_gives_back(tmp_path: Path) -> None:
    port = free_port()
    with Mosquitto(tmp_path) as backup, Centre(backup.port) as centre:
        with Room(settings(port, backup=backup.port)) as room:
            assert room.until(Online).via == "backup"
            assert _desk(room, "backup")
            assert centre.topic(TOPICS.of("birth")).json["via"] == "backup"
            obeys(room, backup.port, "c1")
            with Mosquitto(tmp_path, port=port):
                assert room.until(Online).via == "main"
                assert _desk(room, "up")
                centre.until(lambda m: m.topic == TOPICS.of("status") and m.payload == b"offline")
                obeys(room, port, "c2")
        assert not [e for e in room.seen if isinstance(e, Reading) and ("desk", "down") in e.values][1:]


def _desk(room: Room, word: str) -> bool:
    return any(("desk", word) in e.values for e in room.seen if isinstance(e, Reading))


def test_when_main_is_lost_the_backup_comes_in(tmp_path: Path) -> None:
    main = Mosquitto(tmp_path)
    with main, Mosquitto(tmp_path) as backup, Room(settings(main.port, backup=backup.port)) as room:
        assert room.until(Online).via == "main"
        main.stop()
        assert room.until(Online).via == "backup"
        obeys(room, backup.port, "c1")


def test_a_frozen_main_broker_does_not_disturb_the_backup(tmp_path: Path) -> None:
    quick = replace(QUICK, connack_s=0.3)
    with Mosquitto(tmp_path) as main, Mosquitto(tmp_path) as backup:
        main.pause()
        with Room(settings(main.port, backup=backup.port, times=quick)) as room, Centre(backup.port) as centre:
            assert room.until(Online).via == "backup"
            assert Down("main", "timeout") in room.seen
            for number in range(3):
                centre.send(TOPICS.of("do/check"), check(f"c{number}"))
                assert room.until(Command).id == f"c{number}"
            main.resume()
            assert room.until(Online).via == "main"


def test_two_rooms_of_one_name_say_so_and_live(broker: Mosquitto) -> None:
    with Room(settings(broker.port)) as room:
        room.until(Online)
        with Room(settings(broker.port)) as twin:
            twin.until(Online)
            # mosquitto 2.0.11 only hangs up; later ones say "session taken over".
            assert room.until(Down).code in {"kicked", "lost"}
        room.until(Online)
        obeys(room, broker.port, "c1")


def test_records_of_a_lost_connection_are_not_sent_on_the_next(broker: Mosquitto) -> None:
    with Centre(broker.port) as centre, Proxy(broker.port) as line, Room(settings(line.port)) as room:
        room.until(Online)
        line.cut()
        room.until(Down)
        room.link.record(messages.pack({"seq": 1}))
        line.mend()
        room.until(Online)
        room.link.record(messages.pack({"seq": 2}))
        assert centre.topic(TOPICS.of("record")).json["seq"] == 2


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make an authority with")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def authority(folder: Path) -> None:
    """An authority, a broker for `localhost` and a room named by its certificate."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority")
    for name, subject in (("broker", "localhost"), ("room", ROOM), ("centre", "centre")):
        (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        asked = f"{name}.csr"
        openssl(folder, "req", *key[:-2], "-keyout", f"{name}.key", "-out", asked, "-subj", f"/CN={subject}")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext")
        openssl(folder, "x509", "-req", "-in", asked, *signed, "-out", f"{name}.crt")


def secure(tmp_path: Path) -> Mosquitto:
    authority(tmp_path)
    acl = tmp_path / "acl"
    acl.write_text("user centre\ntopic read #\npattern readwrite diemcau/1/%u/#\n")
    lines = [f"{key} {tmp_path / name}\n" for key, name in (("cafile", "ca.crt"), ("certfile", "broker.crt"))]
    lines += [f"keyfile {tmp_path / 'broker.key'}\n", "require_certificate true\nuse_identity_as_username true\n"]
    return Mosquitto(tmp_path, "".join([*lines, "tls_version tlsv1.3\n", f"acl_file {acl}\n"]))


@needs_openssl
def test_tls_with_the_rooms_own_certificate(tmp_path: Path) -> None:
    tls = Tls(tmp_path / "ca.crt", tmp_path / "room.crt", tmp_path / "room.key")
    with secure(tmp_path) as broker:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(tmp_path / "ca.crt")
        context.load_cert_chain(tmp_path / "centre.crt", tmp_path / "centre.key")
        with Centre(broker.port, tls=context) as centre, Room(settings(broker.port, tls=tls)) as room:
            room.until(Online)
            assert centre.topic(TOPICS.of("birth")).json["address"] == "127.0.0.1"
            for seq in range(40):
                room.link.record(messages.pack({"seq": seq, "text": "x" * 900}))
            centre.until(lambda m: m.topic == TOPICS.of("record") and m.json["seq"] == 39)
    assert f"u'{ROOM}'" in broker.log.read_text()


@needs_openssl
def test_a_broker_that_another_authority_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    authority(other)
    with secure(tmp_path) as broker, Room(settings(broker.port, tls=Tls(other / "ca.crt"))) as room:
        assert room.until(Down) == Down("main", "tls")


def test_missing_certificates_are_said_as_what_they_are(tmp_path: Path) -> None:
    with Room(settings(free_port(), tls=Tls(tmp_path / "none"))) as room:
        assert room.until(Down) == Down("main", "files")
