"""A replaced Pi with an identity of its own, as a real process on a real broker over TLS: its evidence follows
the old Pi's, it shows its certificate, takes the next one, and is still itself after a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.before import NAME, Before, dumps
from controller.link.settings import RENEWED
from controller.provision import certificates
from controller.runtime.renewal import REQUEST
from tests.process.house import SLUG, House, birth, record, topic
from tests.services.shipped import Office, Shipped

pytestmark = [pytest.mark.process, pytest.mark.services]
OLD = Before(SLUG, 812, "cd" * 32)


def test_a_replaced_pi_goes_on_with_evidence_and_identity(tmp_path: Path) -> None:
    office = Office(tmp_path)
    tls, key = office.room(SLUG, datetime.now(UTC) - timedelta(days=365 * 4))
    assert tls.cert is not None
    asked = certificates.request(key, SLUG).public_bytes(Encoding.PEM)
    (tls.cert.parent / REQUEST).write_bytes(asked)
    files = {"ca_file": str(tls.ca), "cert_file": str(tls.cert), "key_file": str(tls.key)}
    with Shipped(tmp_path, office) as broker:
        main = {"host": "127.0.0.1", "port": broker.port, **files}
        with House(broker.port, mqtt={"main": main, "keepalive_s": 5}) as house, broker.centre() as centre:
            (house.journal.parent / NAME).write_bytes(dumps(OLD))
            house.start_keeper()
            house.start()
            birth(centre)
            shown = centre.topic(topic("detail/identity")).json
            assert (shown["name"], shown["csr"]) == (SLUG, asked.decode())
            first = centre.until(record("journal")).json
            assert (first["seq"], first["body"]["follows"], first["body"]["follows_hash"]) == (1, OLD.seq, OLD.hash)
            new = office.open().renew(asked, SLUG).public_bytes(Encoding.PEM)
            centre.send(topic("certificate"), new, retain=True)
            told = centre.until(record("identity")).json
            assert told["body"]["serial"] != shown["serial"]
            assert centre.topic(topic("detail/identity")).json["serial"] == told["body"]["serial"]
            assert (house.journal.parent / RENEWED).read_bytes() == new
            assert house.end() == 0
            house.start()
            assert centre.topic(topic("detail/identity")).json["serial"] == told["body"]["serial"]
            assert house.end() == 0
