"""A room's certificate is renewed over MQTT by an authority that has no network: real broker, database, files.

room ──detail/identity──▶ broker ──▶ centre ──requests.json──▶ authority ──answers.json──▶ centre ──▶ broker ──▶
room
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.cli import main
from controller.dashboard.recorder.hear import Part, hear
from controller.dashboard.store.open import create, engine
from controller.dashboard.store.tables import LAST
from controller.link.notices import CertificateText, Renewed
from controller.link.settings import Tls
from controller.link.topics import Topics
from controller.provision import certificates
from controller.runtime.renewal import REQUEST, Renewal
from tests.controller.link.rooms import ROOM, Room, settings
from tests.services.shipped import WORD, Office, Shipped

pytestmark = pytest.mark.services
DETAIL = Topics(ROOM).detail("identity")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def room_that_ends_in(office: Office, days: int) -> Tls:
    """A room's files as adopted years ago."""
    years = 5
    tls, key = office.room(ROOM, datetime.now(UTC) - timedelta(days=365 * years - days), years)
    assert tls.cert is not None
    (tls.cert.parent / REQUEST).write_bytes(certificates.request(key, ROOM).public_bytes(Encoding.PEM))
    return replace(tls, renewed=tls.cert.parent / "renewed.crt")


def centre_toml(folder: Path, broker: Shipped) -> Path:
    (folder / "password").write_text(broker.password())
    file = folder / "centre.toml"
    file.write_text(
        f'database = "sqlite+aiosqlite:///{folder}/centre.db"\n[broker]\nhost = "localhost"\n'
        f'port = {broker.centre_port}\nuser = "_centre"\npassword_file = "{folder}/password"\n'
        f'ca = "{folder}/ca/ca.crt"\n'
    )
    return file


def recorded(folder: Path, payload: bytes) -> None:
    """As the recorder stores what the room said."""
    heard = hear(DETAIL, payload)
    assert isinstance(heard, Part)

    async def store() -> None:
        made = engine(f"sqlite+aiosqlite:///{folder}/centre.db")
        await create(made)
        async with made.begin() as connection:
            row = {"room": heard.room, "part": heard.part, "body": dict(heard.body), "received_ms": 1}
            await connection.execute(LAST.insert().values(**row))
        await made.dispose()

    asyncio.run(store())


@pytest.mark.parametrize(
    "text", ["", "[]", '{"v":1,"answers":[{"room":"#","certificate":"x"}]}', '{"v":2,"answers":[]}']
)
def test_a_file_that_holds_no_answers_reaches_no_room(tmp_path: Path, text: str) -> None:
    (tmp_path / "answers.json").write_text(text)
    (tmp_path / "centre.toml").write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/centre.db"\n')
    assert (
        main(["centre", "answers", str(tmp_path / "answers.json"), "--centre", str(tmp_path / "centre.toml")]) == 78
    )


def test_what_a_room_says_of_its_end_may_be_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded(tmp_path, b'{"v":1,"until":{"a":[]},"csr":7}')
    (tmp_path / "centre.toml").write_text(f'database = "sqlite+aiosqlite:///{tmp_path}/centre.db"\n')
    out = tmp_path / "requests.json"
    assert main(["centre", "requests", str(out), "--centre", str(tmp_path / "centre.toml"), "--lang", "en"]) == 0
    assert f"{ROOM}: its certificate ends" in capsys.readouterr().out
    assert json.loads(out.read_text())["requests"] == []


def test_a_certificate_that_ends_is_renewed_and_the_room_connects_with_it(tmp_path: Path, office: Office) -> None:
    tls = room_that_ends_in(office, days=60)
    (tmp_path / "word").write_text(WORD)
    ca, requests, answers = (str(tmp_path / name) for name in ("ca", "requests.json", "answers.json"))
    with Shipped(tmp_path, office) as broker:
        toml = str(centre_toml(tmp_path, broker))
        with broker.centre() as centre, Room(settings(broker.port, tls=tls)) as room:
            renewal = Renewal(settings(broker.port, tls=tls), room.link, room.events.put, print)
            renewal.show()
            recorded(tmp_path, centre.topic(DETAIL).payload)
            assert main(["centre", "requests", requests, "--centre", toml, "--within", "59"]) == 0
            assert json.loads(Path(requests).read_text())["requests"] == []
            assert main(["centre", "requests", requests, "--centre", toml]) == 0
            assert (
                main(["ca", "renew", ca, requests, "--out", answers, "--passphrase", str(tmp_path / "word")]) == 0
            )
            assert main(["centre", "answers", answers, "--centre", toml]) == 0
            renewal.take(room.until(CertificateText).text)
            renewed = room.until(Renewed)
            assert centre.topic(DETAIL).json["serial"] == renewed.serial
        assert datetime.fromtimestamp(renewed.until, UTC) > datetime.now(UTC) + timedelta(days=1700)
        assert tls.cert is not None
        tls.cert.write_text("the first one has ended")
        with Room(settings(broker.port, tls=tls)) as room:
            assert room.until(CertificateText), "it is retained: a room that was off hears it, too"
