"""What our certificates hold: pure builders over `cryptography`, no files.

All are valid from 2020 on, so that a Pi whose clock was lost still connects. One key type, EC P-256: every TLS 1.3
stack has it. A room's certificate says its slug as common name and nothing else about the room.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey


class Kind(StrEnum):
    """Who a certificate is for: a room shows it to the broker, the broker to everybody. Centres have passwords: a
    certificate with another name than a room's would be one more that could speak as a room."""

    ROOM = "room"
    BROKER = "broker"


def new_key() -> Key:
    """A fresh private key."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> bytes:
    """A key as a service reads it: without a passphrase, for nobody is there to type one."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_hex(key: object) -> str:
    """SHA-256 of a public key, 64 hex digits: by it a renewal is told from a stranger's request. Raises ValueError
    for a key that is not ours to sign."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not an EC P-256 key")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def common_name(name: x509.Name) -> str:
    """The one common name, or '' when there is none or more beside it."""
    found = [str(part.value) for part in name if part.oid == NameOID.COMMON_NAME]
    return found[0] if len(found) == 1 == len(list(name)) else ""


def root(key: Key, name: str, until: datetime) -> x509.Certificate:
    """The authority's own certificate; it signs ends only, no further authorities."""
    usage = _usage(sign=True)
    built = (
        x509.CertificateBuilder(named(name), named(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return built.sign(key, hashes.SHA256())


def leaf(
    authority: tuple[Key, x509.Certificate],
    kind: Kind,
    name: str,
    public: ec.EllipticCurvePublicKey,
    until: datetime,
    hosts: Iterable[str] = (),
    since: datetime = VALID_FROM,
) -> x509.Certificate:
    """A certificate for `public`; a broker's names its `hosts`. It ends with the authority at the latest."""
    key, issuer = authority
    server = ExtendedKeyUsageOID.SERVER_AUTH if kind is Kind.BROKER else ExtendedKeyUsageOID.CLIENT_AUTH
    built = (
        x509.CertificateBuilder(issuer.subject, named(name), public, x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(min(until, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([server]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    names = [_host(host) for host in hosts]
    if names:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(key, hashes.SHA256())


def request(key: Key, name: str) -> x509.CertificateSigningRequest:
    """The wish for a certificate, signed by the key that it is for."""
    return x509.CertificateSigningRequestBuilder(named(name)).sign(key, hashes.SHA256())


def revocations(
    authority: tuple[Key, x509.Certificate], number: int, revoked: Iterable[tuple[int, datetime]]
) -> x509.CertificateRevocationList:
    """The list of what is no longer good, (serial, when). It ends only with the authority: a list that had to be
    made anew every month would one day be forgotten, and then the broker lets no room in."""
    key, issuer = authority
    built = x509.CertificateRevocationListBuilder(
        issuer.subject, last_update=VALID_FROM, next_update=issuer.not_valid_after_utc
    )
    for serial, at in revoked:
        built = built.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, at).build())
    sign = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    built = built.add_extension(sign, critical=False).add_extension(x509.CRLNumber(number), critical=False)
    return built.sign(key, hashes.SHA256())


def _usage(sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign,
        key_cert_sign=sign,
        crl_sign=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
