"""Renewal by the room's own key: who is answered and who is not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller import identity
from controller.provision import certificates
from controller.provision.authority import CERTIFICATE, Authority
from controller.provision.certificates import Key, Kind
from controller.provision.renewal import renew
from controller.texts import ReadableError
from tests.controller.provision.kit import NOW, SLUG, WORD, authority


def given(office: Authority, room: str = SLUG) -> Key:
    key = certificates.new_key()
    office.sign(Kind.ROOM, room, key.public_key())
    return key


def csr(key: Key, name: str = SLUG) -> bytes:
    return certificates.request(key, name).public_bytes(Encoding.PEM)


def refusal(office: Authority, request: bytes, room: str = SLUG) -> str:
    with pytest.raises(ReadableError) as error:
        office.renew(request, room)
    return error.value.code


def test_a_key_that_was_never_given_is_a_stranger(tmp_path: Path) -> None:
    office = authority(tmp_path)
    given(office)
    assert refusal(office, csr(certificates.new_key())) == "ca.stranger"


def test_another_rooms_key_opens_nothing(tmp_path: Path) -> None:
    office = authority(tmp_path)
    other = given(office, "other")
    given(office)
    assert refusal(office, csr(other)) == "ca.stranger"
    assert refusal(office, csr(other, "other")) == "ca.request"


def test_a_withdrawn_room_is_not_renewed(tmp_path: Path) -> None:
    office = authority(tmp_path)
    key = given(office)
    office.revoke(SLUG)
    assert refusal(office, csr(key)) == "ca.withdrawn"


def test_a_request_must_be_signed_by_the_key_that_it_is_for(tmp_path: Path) -> None:
    office = authority(tmp_path)
    der = bytearray(certificates.request(given(office), SLUG).public_bytes(Encoding.DER))
    der[-1] ^= 1
    spoiled = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)
    assert refusal(office, spoiled) == "ca.request"


@pytest.mark.parametrize("request_", [b"", b"x", b"-----BEGIN CERTIFICATE REQUEST-----\nMA==\n"])
def test_what_is_no_request_is_said(tmp_path: Path, request_: bytes) -> None:
    assert refusal(authority(tmp_path), request_) == "ca.request"


def test_the_next_certificate_fits_the_key_that_the_room_has(tmp_path: Path) -> None:
    key = given(authority(tmp_path))
    later = Authority.open(tmp_path / "ca", WORD, NOW + timedelta(days=1500))
    made = later.renew(csr(key), SLUG)
    ca = (tmp_path / "ca" / CERTIFICATE).read_bytes()
    told = identity.check(ca, made.public_bytes(Encoding.PEM), certificates.key_pem(key))
    assert told.name == SLUG
    assert made.not_valid_after_utc == NOW + timedelta(days=1500 + 5 * 365)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"v":2,"requests":[]}', '{"v":1,"requests":[{"room":"a"}]}'])
def test_a_file_that_holds_no_requests_is_said(tmp_path: Path, text: str) -> None:
    office = authority(tmp_path)
    (tmp_path / "requests.json").write_text(text)
    with pytest.raises(ReadableError) as error:
        renew(office, tmp_path / "requests.json", tmp_path / "answers.json")
    assert error.value.code == "ca.requests"
    assert not (tmp_path / "answers.json").exists()


def test_one_that_is_refused_keeps_no_other_from_its_answer(tmp_path: Path) -> None:
    office = authority(tmp_path)
    rows = [("stranger", csr(certificates.new_key(), "stranger")), (SLUG, csr(given(office)))]
    plain = {"v": 1, "requests": [{"room": room, "csr": text.decode()} for room, text in rows]}
    (tmp_path / "requests.json").write_text(json.dumps(plain))
    answered, refused = renew(office, tmp_path / "requests.json", tmp_path / "answers.json")
    assert (answered, [error.code for error in refused]) == (1, ["ca.stranger"])
    answers = json.loads((tmp_path / "answers.json").read_text())["answers"]
    assert [row["room"] for row in answers] == [SLUG]
    x509.load_pem_x509_certificate(answers[0]["certificate"].encode())
