"""Key and certificate of a broker, as files that it reads. Rooms get a bundle instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from controller import durable
from controller.provision import certificates
from controller.provision.authority import CERTIFICATE, Authority
from controller.provision.certificates import Kind


def give(authority: Authority, name: str, hosts: Sequence[str], out: Path) -> tuple[Path, ...]:
    """Write NAME.key, NAME.crt and the authority's certificate to `out`. Without other hosts it answers by its
    name. Raises ReadableError (`ca.…`), OSError."""
    key = certificates.new_key()
    signed = authority.sign(Kind.BROKER, name, key.public_key(), hosts or (name,))
    out.mkdir(parents=True, exist_ok=True)
    files = {
        out / f"{name}.key": (certificates.key_pem(key), 0o600),
        out / f"{name}.crt": (signed.public_bytes(Encoding.PEM), 0o644),
        out / CERTIFICATE: ((authority.folder / CERTIFICATE).read_bytes(), 0o644),
    }
    for path, (data, mode) in files.items():
        durable.write(path, data, mode)
    return tuple(files)
