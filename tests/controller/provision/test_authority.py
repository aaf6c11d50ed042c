"""The authority: what it refuses, what it gives, what it remembers. Certificates are read back by OpenSSL through
`controller.identity`, which was not written with the library that made them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from controller import identity
from controller.provision import certificates
from controller.provision.authority import CERTIFICATE, CRL, ISSUED, KEY, Authority
from controller.provision.certificates import Kind
from controller.texts import ReadableError
from tests.controller.provision.kit import NOW, SLUG, WORD, authority


def code(error: pytest.ExceptionInfo[ReadableError]) -> str:
    return error.value.code


def test_a_short_passphrase_makes_no_authority(tmp_path: Path) -> None:
    with pytest.raises(ReadableError) as error:
        Authority.create(tmp_path / "ca", "x", "1234567", NOW)
    assert code(error) == "ca.short"
    assert not (tmp_path / "ca").exists()


def test_an_authority_is_never_made_over_another(tmp_path: Path) -> None:
    authority(tmp_path)
    before = (tmp_path / "ca" / KEY).read_bytes()
    with pytest.raises(ReadableError) as error:
        authority(tmp_path)
    assert code(error) == "ca.there"
    assert (tmp_path / "ca" / KEY).read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "expected"), [(KEY, "ca.closed"), (CERTIFICATE, "ca.closed"), (ISSUED, "ca.book")]
)
def test_a_damaged_file_is_said(tmp_path: Path, spoil: str, expected: str) -> None:
    authority(tmp_path)
    (tmp_path / "ca" / spoil).write_bytes(b"x")
    with pytest.raises(ReadableError) as error:
        Authority.open(tmp_path / "ca", WORD, NOW).sign(Kind.ROOM, SLUG, certificates.new_key().public_key())
    assert code(error) == expected


def test_the_wrong_passphrase_and_no_authority_are_told_apart(tmp_path: Path) -> None:
    authority(tmp_path)
    with pytest.raises(ReadableError) as error:
        Authority.open(tmp_path / "ca", WORD + "x", NOW)
    assert code(error) == "ca.closed"
    with pytest.raises(ReadableError) as error:
        Authority.open(tmp_path, WORD, NOW)
    assert code(error) == "ca.none"


def test_the_key_of_another_authority_is_noticed(tmp_path: Path) -> None:
    authority(tmp_path)
    authority(tmp_path / "other")
    (tmp_path / "ca" / KEY).write_bytes((tmp_path / "other" / "ca" / KEY).read_bytes())
    with pytest.raises(ReadableError) as error:
        Authority.open(tmp_path / "ca", WORD, NOW)
    assert code(error) == "ca.closed"


def test_the_key_lies_encrypted_and_for_its_owner_alone(tmp_path: Path) -> None:
    authority(tmp_path)
    key = tmp_path / "ca" / KEY
    assert b"ENCRYPTED" in key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ca").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["", "A", "a_b", "+", "#", "a" * 41, "-a", "_centre", "a/b"])
def test_a_room_has_the_name_of_a_room(tmp_path: Path, name: str) -> None:
    """Nobody gets a name that the broker's patterns or accounts could take for something else."""
    with pytest.raises(ReadableError) as error:
        authority(tmp_path).sign(Kind.ROOM, name, certificates.new_key().public_key())
    assert code(error) == "ca.slug"


def test_a_broker_needs_a_host(tmp_path: Path) -> None:
    with pytest.raises(ReadableError) as error:
        authority(tmp_path).sign(Kind.BROKER, "mqtt", certificates.new_key().public_key())
    assert code(error) == "ca.hosts"


def test_a_certificate_is_valid_from_2020_and_ends_with_the_authority(tmp_path: Path) -> None:
    office, key = authority(tmp_path), certificates.new_key()
    made = office.sign(Kind.ROOM, SLUG, key.public_key(), years=1000)
    assert made.not_valid_before_utc == datetime(2020, 1, 1, tzinfo=UTC)
    assert made.not_valid_after_utc == office.certificate.not_valid_after_utc
    ca = (tmp_path / "ca" / CERTIFICATE).read_bytes()
    told = identity.check(ca, made.public_bytes(Encoding.PEM), certificates.key_pem(key))
    assert (told.name, told.until) == (SLUG, int(made.not_valid_after_utc.timestamp()))


def test_an_identity_of_which_one_part_is_wrong_is_broken(tmp_path: Path) -> None:
    office, key = authority(tmp_path), certificates.new_key()
    other = authority(tmp_path / "other")
    ca = (tmp_path / "ca" / CERTIFICATE).read_bytes()
    made = office.sign(Kind.ROOM, SLUG, key.public_key()).public_bytes(Encoding.PEM)
    strange = other.sign(Kind.ROOM, SLUG, key.public_key()).public_bytes(Encoding.PEM)
    broker = office.sign(Kind.BROKER, "b", key.public_key(), ["b"]).public_bytes(Encoding.PEM)
    good, bad = certificates.key_pem(key), certificates.key_pem(certificates.new_key())
    for parts in ((ca, strange, good), (ca, broker, good), (ca, made, bad), (b"", made, good), (ca, b"", b"")):
        with pytest.raises(ReadableError) as error:
            identity.check(*parts)
        assert code(error) == "identity.broken"
    assert identity.check(ca, made, good).name == SLUG


def test_an_authority_of_ours_signs_no_authority(tmp_path: Path) -> None:
    """A leaf used as an authority convinces nobody."""
    office, key = authority(tmp_path), certificates.new_key()
    leaf = office.sign(Kind.ROOM, SLUG, key.public_key())
    forged_key = certificates.new_key()
    until = NOW + timedelta(days=1)
    forged = certificates.leaf((key, leaf), Kind.ROOM, "other-room", forged_key.public_key(), until)
    chain = forged.public_bytes(Encoding.PEM) + leaf.public_bytes(Encoding.PEM)
    with pytest.raises(ReadableError):
        identity.check((tmp_path / "ca" / CERTIFICATE).read_bytes(), chain, certificates.key_pem(forged_key))


def test_who_was_never_given_one_cannot_be_revoked(tmp_path: Path) -> None:
    with pytest.raises(ReadableError) as error:
        authority(tmp_path).revoke(SLUG)
    assert code(error) == "ca.unknown"


def test_revoking_names_every_certificate_of_the_room_and_is_remembered(tmp_path: Path) -> None:
    office = authority(tmp_path)
    mine = [office.sign(Kind.ROOM, SLUG, certificates.new_key().public_key()) for _ in range(2)]
    office.sign(Kind.ROOM, "another", certificates.new_key().public_key())
    assert office.revoke(SLUG) == 2
    assert office.revoke(SLUG) == 0
    crl = x509.load_pem_x509_crl((tmp_path / "ca" / CRL).read_bytes())
    assert {row.serial_number for row in crl} == {one.serial_number for one in mine}
    assert crl.next_update_utc == office.certificate.not_valid_after_utc
    public = office.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert crl.is_signature_valid(public)
    again = Authority.open(tmp_path / "ca", WORD, NOW)
    assert [bool(row.revoked) for row in again.issued] == [True, True, False]


def test_one_certificate_alone_is_revoked_by_its_serial(tmp_path: Path) -> None:
    """A dead Pi's, when the new one has its own already."""
    office = authority(tmp_path)
    old, new = (office.sign(Kind.ROOM, SLUG, certificates.new_key().public_key()) for _ in range(2))
    serial = next(row.serial for row in office.issued if int(row.serial, 16) == old.serial_number)
    assert (office.revoke(serial), office.revoke(serial)) == (1, 0)
    crl = x509.load_pem_x509_crl((tmp_path / "ca" / CRL).read_bytes())
    assert [row.serial_number for row in crl] == [old.serial_number]
    assert [row.revoked == "" for row in office.issued] == [False, True]
    with pytest.raises(ReadableError) as error:
        office.revoke(f"{new.serial_number + 1:x}")
    assert code(error) == "ca.unknown"
    assert office.revoke(SLUG) == 1, "the name takes what is left"


def test_two_that_sign_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    one = authority(tmp_path)
    two = Authority.open(tmp_path / "ca", WORD, NOW)
    one.sign(Kind.ROOM, "a", certificates.new_key().public_key())
    two.sign(Kind.ROOM, "b", certificates.new_key().public_key())
    plain = json.loads((tmp_path / "ca" / ISSUED).read_bytes())
    assert [row["name"] for row in plain["issued"]] == ["a", "b"]
