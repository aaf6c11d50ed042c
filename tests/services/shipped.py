"""A real mosquitto with the very files that `diemcau broker-files` writes, an authority, and rooms with identities.

Only places, ports and the interface are changed: everything else is what an office installs.
"""

from __future__ import annotations

import shutil
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from controller import bundle
from controller.link.settings import Tls
from controller.provision import broker_files, certificates
from controller.provision.authority import CERTIFICATE, CRL, LEAF_YEARS, Authority
from controller.provision.broker_files import CENTRE, CENTRE_PORT, CONF, FOLDER, ROOM_PORT
from controller.provision.certificates import Key, Kind
from controller.provision.services import give
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

WORD = "passphrase of a test"


@dataclass(frozen=True)
class Office:
    """An authority, and the folder in which it makes identities."""

    folder: Path

    def open(self, now: datetime | None = None) -> Authority:
        """As of `now`, else of this moment; made when it is not there."""
        moment = now or datetime.now(UTC)
        place = self.folder / "ca"
        if not place.exists():
            return Authority.create(place, "Authority of a test", WORD, moment)
        return Authority.open(place, WORD, moment)

    def room(self, slug: str, now: datetime | None = None, years: int = LEAF_YEARS) -> tuple[Tls, Key]:
        """A room's files as `adopt` lays them, and its key."""
        key = certificates.new_key()
        made = self.open(now).sign(Kind.ROOM, slug, key.public_key(), years=years)
        place = self.folder / f"room-{slug}-{made.serial_number:x}"
        place.mkdir()
        (place / bundle.KEY).write_bytes(certificates.key_pem(key))
        (place / bundle.CERTIFICATE).write_bytes(made.public_bytes(Encoding.PEM))
        (place / bundle.AUTHORITY).write_bytes((self.folder / "ca" / CERTIFICATE).read_bytes())
        return Tls(place / bundle.AUTHORITY, place / bundle.CERTIFICATE, place / bundle.KEY), key


class Shipped(Mosquitto):
    """`port` for rooms, `centre_port` for accounts; `home`: Home Assistant has one too."""

    def __init__(self, folder: Path, office: Office, *, home: bool = False) -> None:
        super().__init__(folder)
        self.files, self._office, self._more = folder / "files", office, ""
        self.centre_port = free_port()
        broker_files.write(self.files, home=home)
        give(office.open(), "broker", ["localhost", "127.0.0.1"], self.files)
        self.take_revocations()

    def take_revocations(self) -> None:
        """The clerk copies the list of the authority."""
        shutil.copy(self._office.folder / "ca" / CRL, self.files / CRL)

    def add(self, more: str) -> None:
        """Lines behind the shipped ones, from the next start on."""
        self._more += more

    def password(self, account: str = CENTRE) -> str:
        return (self.files / f"{account.strip('_')}.password").read_text().strip()

    def centre(self) -> Centre:
        """A centre with its account at its listener."""
        return Centre(self.centre_port, user=CENTRE, password=self.password(), tls=trusting(self._office))

    def _ports(self) -> tuple[int, ...]:
        return (self.port, self.centre_port)

    def _settings(self) -> str:
        """As Debian's own mosquitto.conf includes it: what both say must not be an error."""
        text = (self.files / CONF).read_text().replace(FOLDER, str(self.files))
        for was, now in ((ROOM_PORT, self.port), (CENTRE_PORT, self.centre_port)):
            text = text.replace(f"listener {was}\n", f"listener {now} 127.0.0.1\n")
        included = self._folder / "conf.d"
        included.mkdir(exist_ok=True)
        (included / CONF).write_text(text + self._more)
        return f"persistence true\npersistence_location {self._folder}/\ninclude_dir {included}\n"


def trusting(office: Office, own: Tls | None = None) -> ssl.SSLContext:
    """What a client brings that trusts this office, with a certificate of its own or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(office.folder / "ca" / CERTIFICATE)
    if own is not None and own.cert is not None:
        context.load_cert_chain(own.cert, own.key)
    return context
