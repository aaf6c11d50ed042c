"""`diemcau provision ROOM`: everything that makes a new Pi the room, in one file for a USB stick.

The key is made here and kept nowhere: the bundle is the only copy until the room has adopted it, and a lost one is
answered by making another. A bundle is a secret; it is written for its owner alone.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from controller import before, bundle, config, durable
from controller.adopt_tar import FILE_MOST, NAME
from controller.config_devices import keeper_table
from controller.config_model import RoomConfig
from controller.core.chain import START, Head
from controller.provision import certificates
from controller.provision.authority import CERTIFICATE, LEAF_YEARS, Authority
from controller.provision.certificates import Kind
from controller.texts import ReadableError
from hardware.keeper_table import dumps

IDENTITY, SECRETS = "/etc/diemcau/identity", "/etc/diemcau/secrets"
PATHS = {"ca_file": bundle.AUTHORITY, "cert_file": bundle.CERTIFICATE, "key_file": bundle.KEY}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a bundle is made of. `room`: the room.toml; `contacts`: a TOML file with `[contacts.…]` to add to it;
    `secrets`: a folder with
    the password files that it names; `root`: the TUF root; `head`: where the evidence of the Pi before ended, seq
    0 = there was none."""

    room: Path
    contacts: Path | None = None
    secrets: Path | None = None
    root: Path | None = None
    head: Head = START
    years: int = LEAF_YEARS


def provision(authority: Authority, slug: str, parts: Parts, out: Path, now: datetime) -> bundle.Bundle:
    """Make and write the bundle of room `slug`; nothing is signed before the configuration is whole. Raises
    ReadableError: ConfigError, `provision.slug` for another room's file, `provision.paths` when its broker's files
    are not where adopt puts them, `ca.…`; OSError."""
    files = _configuration(slug, parts)
    if parts.root is not None:
        files[bundle.ROOT] = _small(parts.root)
    if parts.head.seq:
        files[bundle.HEAD] = before.dumps(before.Before(slug, parts.head.seq, parts.head.hash))
    key = certificates.new_key()
    signed = authority.sign(Kind.ROOM, slug, key.public_key(), years=parts.years)
    files[bundle.KEY] = certificates.key_pem(key)
    files[bundle.CERTIFICATE] = signed.public_bytes(Encoding.PEM)
    files[bundle.REQUEST] = certificates.request(key, slug).public_bytes(Encoding.PEM)
    files[bundle.AUTHORITY] = (authority.folder / CERTIFICATE).read_bytes()
    found = bundle.check(slug, files)
    durable.write(out, pack(slug, now.isoformat(), files), 0o600)
    return found


def pack(slug: str, made: str, files: dict[str, bytes]) -> bytes:
    """The file itself: the manifest first. The same parts give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in {bundle.MANIFEST: bundle.manifest(slug, made, files), **files}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _configuration(slug: str, parts: Parts) -> dict[str, bytes]:
    text = _small(parts.room)
    if parts.contacts is not None:
        text = text.rstrip() + b"\n\n" + _small(parts.contacts)
    cfg, packs = _checked(slug, text, parts.room)
    secrets = _secrets(tomllib.loads(text.decode("utf-8-sig")), parts.secrets) if parts.secrets is not None else {}
    return {bundle.ROOM: text, bundle.KEEPER: (dumps(keeper_table(cfg)) + "\n").encode(), **packs, **secrets}


def passwords(tree: Mapping[str, Any]) -> list[str]:
    """The password files that a configuration names."""
    found = {str(row) for key, row in tree.items() if key == "password_file"}
    return sorted(found.union(*(passwords(row) for row in tree.values() if isinstance(row, dict))))


def _secrets(tree: Mapping[str, Any], folder: Path) -> dict[str, bytes]:
    """Raises ReadableError (`provision.secret`) for one that is missing in the folder, or that the room looks for
    where no bundle may write."""
    found = {}
    for path in map(Path, passwords(tree)):
        file = folder / path.name
        if str(path.parent) != SECRETS or not NAME.fullmatch(bundle.SECRET + path.name) or not file.is_file():
            raise ReadableError("provision.secret", path, folder, f"{SECRETS}/{path.name}")
        found[bundle.SECRET + path.name] = _small(file)
    return found


def _checked(slug: str, text: bytes, path: Path) -> tuple[RoomConfig, dict[str, bytes]]:
    """The configuration as the room will read it, and the rule packs beside it."""
    cfg = _load(text, path)
    if cfg.room.slug != slug:
        raise ReadableError("provision.slug", path, cfg.room.slug, slug)
    for broker in (cfg.mqtt.main, cfg.mqtt.backup) if cfg.mqtt else ():
        for name, file in PATHS.items() if broker is not None else ():
            if str(getattr(broker, name)) != f"{IDENTITY}/{file}":
                raise ReadableError("provision.paths", path, name, f"{IDENTITY}/{file}")
    return cfg, {name: _small(path.parent / name) for name in cfg.room.rule_packs}


def _load(text: bytes, path: Path) -> RoomConfig:
    """Where nothing was added, the file itself is read, so that an error names it."""
    if text == path.read_bytes():
        return config.load(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for pack in path.parent.glob("*.toml"):
            (folder / pack.name).symlink_to(pack.resolve())
        whole = folder / bundle.ROOM
        whole.unlink(missing_ok=True)
        whole.write_bytes(text)
        return config.load(whole)


def _small(path: Path) -> bytes:
    """Raises ReadableError for a file that no bundle can hold."""
    with path.open("rb") as file:
        data = file.read(FILE_MOST + 1)
    if len(data) > FILE_MOST:
        raise ReadableError("provision.big", path, FILE_MOST >> 10)
    return data
