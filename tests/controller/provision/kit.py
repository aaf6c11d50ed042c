"""An authority, a room's bundle and a Pi's disk for tests, all in one folder; real keys, real files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from controller import bundle
from controller.config import example
from controller.core.chain import Head
from controller.provision.authority import Authority
from controller.provision.bundles import Parts, provision

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
WORD = "một câu dài hơn"
SLUG = "tttgdtx-lac-thuy"
"""The room of the shipped example."""


def authority(folder: Path, now: datetime = NOW) -> Authority:
    return Authority.create(folder / "ca", "Authority of a test", WORD, now)


def room_toml(folder: Path, slug: str = SLUG) -> Path:
    """The shipped example as the room.toml of `slug`."""
    path = folder / f"{slug}.toml"
    path.write_text(example().replace(SLUG, slug), encoding="utf-8")
    return path


def made(folder: Path, slug: str = SLUG, head: Head | None = None, office: Authority | None = None) -> Path:
    """A bundle of `slug` on disk."""
    office = office or authority(folder)
    out = folder / f"{slug}.diemcau"
    provision(office, slug, Parts(room_toml(folder, slug), head=head or Head()), out, NOW)
    return out


@dataclass(frozen=True)
class Pi:
    """The root of a Pi's file system with our group in it."""

    root: Path

    @property
    def etc(self) -> Path:
        return self.root / "etc/diemcau"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/diemcau"

    def installed(self) -> Pi:
        (self.root / "etc").mkdir(parents=True)
        (self.root / "etc/group").write_text(f"root:x:0:\ndiemcau:x:{os.getgid()}:\n")
        self.state.mkdir(parents=True)
        return self

    def files(self) -> dict[str, bytes]:
        """Everything that lies on it, links by where they lead."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if path.is_symlink():
                found[name] = os.readlink(path).encode()
            elif path.is_file():
                found[name] = path.read_bytes()
        return found


@cache
def sample(folder: Path) -> bytes:
    """The bytes of one good bundle, made once."""
    return made(folder).read_bytes()


def members(data: bytes) -> dict[str, bytes]:
    """What is in a good bundle, without the manifest."""
    return {**dict(bundle.read(data).files)}
