"""The authority on its own disk: a folder that is opened with a passphrase, best on a machine without network.

    ca.key       EC P-256, encrypted with the passphrase      ca.crt   for rooms, brokers, centre
    issued.json  every certificate ever given, and when it was withdrawn
    crl.pem      what brokers refuse: written anew at each withdrawal

One name has one good certificate: giving another withdraws nothing by itself, because a room that is renewed must
connect with the old one until the new one has come. Every error is a ReadableError whose sentence says what to do.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from controller import durable
from controller.link.topics import is_slug
from controller.provision import certificates
from controller.provision.certificates import Key, Kind
from controller.texts import ReadableError

KEY, CERTIFICATE, ISSUED, CRL, LOCK = "ca.key", "ca.crt", "issued.json", "crl.pem", "ca.lock"
AUTHORITY_YEARS, LEAF_YEARS = 30, 5
PASSPHRASE_LEAST = 8


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate that was given. `serial` in hex; times RFC 3339; `revoked` '' while it is good."""

    serial: str
    kind: str
    name: str
    key: str
    until: str
    made: str
    revoked: str = ""


class Authority:
    """Opened with `create` or `open`. `now` is aware; it stamps what is written and counts the years."""

    def __init__(self, folder: Path, key: Key, certificate: x509.Certificate, now: datetime) -> None:
        self.folder, self._key, self.certificate, self._now = folder, key, certificate, now

    @property
    def issued(self) -> tuple[Issued, ...]:
        """Everything ever given, oldest first."""
        return issued(self.folder)

    @classmethod
    def create(cls, folder: Path, name: str, passphrase: str, now: datetime) -> Authority:
        """A new one. Raises ReadableError where one is already, or where the passphrase is too short."""
        if len(passphrase) < PASSPHRASE_LEAST:
            raise ReadableError("ca.short", PASSPHRASE_LEAST)
        if any((folder / file).exists() for file in (KEY, CERTIFICATE, ISSUED)):
            raise ReadableError("ca.there", folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = certificates.new_key()
        certificate = certificates.root(key, name, now + timedelta(days=365 * AUTHORITY_YEARS))
        locked = BestAvailableEncryption(passphrase.encode())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
        durable.write(folder / KEY, pem, 0o600)
        durable.write(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM))
        _write(folder / ISSUED, ())
        made = cls(folder, key, certificate, now)
        made._publish()
        return made

    @classmethod
    def open(cls, folder: Path, passphrase: str, now: datetime) -> Authority:
        """Raises ReadableError when the folder holds none, or the passphrase does not open it."""
        try:
            certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
            key = load_pem_private_key((folder / KEY).read_bytes(), passphrase.encode())
        except FileNotFoundError as error:
            raise ReadableError("ca.none", folder) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ReadableError("ca.closed", folder) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ReadableError("ca.closed", folder)
        return cls(folder, key, certificate, now)

    def sign(
        self,
        kind: Kind,
        name: str,
        public: ec.EllipticCurvePublicKey,
        hosts: Sequence[str] = (),
        years: int = LEAF_YEARS,
    ) -> x509.Certificate:
        """A certificate for `public`; written down before it is given. Raises ReadableError for a name that cannot
        be one, or a broker without hosts."""
        if kind is Kind.ROOM and not is_slug(name):
            raise ReadableError("ca.slug", name)
        if kind is Kind.BROKER and not hosts:
            raise ReadableError("ca.hosts", name)
        pair = (self._key, self.certificate)
        until = self._now + timedelta(days=365 * years)
        try:
            made = certificates.leaf(pair, kind, name, public, until, hosts)
        except ValueError as error:
            raise ReadableError("ca.name", name, error) from error
        row = Issued(
            serial=f"{made.serial_number:x}",
            kind=kind.value,
            name=name,
            key=certificates.public_hex(public),
            until=made.not_valid_after_utc.isoformat(),
            made=self._now.isoformat(),
        )
        self._change(lambda rows: (*rows, row))
        return made

    def renew(self, request: bytes, room: str) -> x509.Certificate:
        """The next certificate for the key that `room` has already. Raises ReadableError when the request is not of
        that room, not signed by its key, or when that key was never given, or was withdrawn."""
        try:
            asked = x509.load_pem_x509_csr(request)
            good = asked.is_signature_valid
            public = asked.public_key()
            key = certificates.public_hex(public)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise ReadableError("ca.request", room) from error
        if not good or certificates.common_name(asked.subject) != room:
            raise ReadableError("ca.request", room)
        mine = [row for row in self.issued if (row.kind, row.name, row.key) == (Kind.ROOM, room, key)]
        if not mine or not isinstance(public, ec.EllipticCurvePublicKey):
            raise ReadableError("ca.stranger", room)
        if any(row.revoked for row in mine):
            raise ReadableError("ca.withdrawn", room)
        return self.sign(Kind.ROOM, room, public)

    def revoke(self, name: str) -> int:
        """Withdraw every certificate of `name`, or the one with that serial; how many. The list for the brokers is
        written anew. Raises ReadableError when there is none."""
        wanted = [row for row in self.issued if name in (row.name, row.serial)]
        if not wanted:
            raise ReadableError("ca.unknown", name)
        at, gone = self._now.isoformat(), {row.serial for row in wanted if not row.revoked}
        self._change(lambda rows: [replace(r, revoked=at) if r.serial in gone else r for r in rows])
        self._publish()
        return len(gone)

    def _change(self, change: Callable[[tuple[Issued, ...]], Sequence[Issued]]) -> None:
        """Several at once may provision rooms: none loses what another wrote down."""
        with (self.folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _write(self.folder / ISSUED, change(self.issued))

    def _publish(self) -> None:
        revoked = [(int(row.serial, 16), _time(row.revoked)) for row in self.issued if row.revoked]
        made = certificates.revocations((self._key, self.certificate), len(revoked) + 1, revoked)
        durable.write(self.folder / CRL, made.public_bytes(Encoding.PEM))


def issued(folder: Path) -> tuple[Issued, ...]:
    """Everything that the authority in `folder` ever gave, oldest first. Raises ReadableError (`ca.book`)."""
    return _read(folder / ISSUED)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _read(path: Path) -> tuple[Issued, ...]:
    """Raises ReadableError when the book of what was given is lost: without it withdrawals would be forgotten."""
    try:
        return tuple(Issued(**row) for row in json.loads(path.read_bytes())["issued"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ReadableError("ca.book", path) from error


def _write(path: Path, rows: Sequence[Issued]) -> None:
    plain = {"v": 1, "issued": [asdict(row) for row in rows]}
    durable.write(path, json.dumps(plain, indent=0, ensure_ascii=False).encode(), 0o600)
