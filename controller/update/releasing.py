"""The office's side: keys, metadata and bundles for python-tuf, as a folder of static files.

    root      3 keys, 2 needed       kept off-line, each by another person
    targets   2 keys, 1 needed       signs rings.json and delegates to the rings
    ring-N    the targets' keys      one bundle each: `ring-N/diemcau.tar.zst`
    config    the targets' keys      `config/ROOM/room.toml`, `packs/ring/RING/NAME`, `packs/room/ROOM/NAME`
    snapshot, timestamp  one key     on the publishing server: can say what is newest, cannot make a release

Thresholds and keys are configured (`Shape`); what is shipped is above. Key files are PKCS#8, encrypted with a
passphrase. Raises OSError and ValueError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.exceptions import StorageError
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from controller.texts import ReadableError
from controller.update.client import BUNDLE, RINGS

ROOT_DAYS, TARGETS_DAYS, SNAPSHOT_DAYS, TIMESTAMP_DAYS = 3 * 365, 365, 60, 30
"""A district without the centre's line for a month still updates from its cache; a frozen source is noticed
then."""
CONFIG_PATHS = ["config/*/room.toml", "packs/*/*/*.toml"]
TOP = ("root", "targets", "snapshot", "timestamp")
UNREADABLE = (StorageError, RepositoryError)
"""What the library raises for a tree of which a file is missing or torn."""
_Signed = TypeVar("_Signed", Root, Targets, Snapshot, Timestamp)


class TooFewKeys(ReadableError, ValueError):
    """A role, how many keys it needs, and which it has."""

    def __init__(self, *told: object) -> None:
        super().__init__("release.few_keys", *told)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys sign what, and how many of them. Names are key files without `.pem`."""

    rings: tuple[str, ...] = ("ring-0", "ring-1", "ring-2")
    keys: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "root": ("root-1", "root-2", "root-3"),
            "targets": ("targets-1", "targets-2"),
            "snapshot": ("online",),
            "timestamp": ("online",),
        }
    )
    need: Mapping[str, int] = field(default_factory=lambda: {"root": 2})

    def threshold(self, role: str) -> int:
        return self.need.get(role, 1)

    def of(self, role: str) -> tuple[str, ...]:
        """Keys of a delegated role are the targets' own, unless it has some."""
        return self.keys.get(role) or self.keys["targets"]

    @property
    def delegated(self) -> tuple[str, ...]:
        return (*self.rings, "config")


Signers = Mapping[str, CryptoSigner]
Public = Mapping[str, Key]


def new_key(path: Path, passphrase: bytes | None) -> CryptoSigner:
    """A new Ed25519 key in a new file, mode 0600. None: the online key, whose server must sign unattended."""
    key = Ed25519PrivateKey.generate()
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
    path.touch(0o600, exist_ok=False)
    path.write_bytes(data)
    return CryptoSigner(key)


def load_key(path: Path, passphrase: bytes | None) -> CryptoSigner:
    """Raises ValueError for a wrong passphrase or another kind of key."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase)
    except TypeError as error:  # a passphrase is missing, or given for a key that has none
        raise ValueError(str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path}: not an Ed25519 key")
    return CryptoSigner(key)


class Repository:
    """The static tree `metadata/` and `targets/`. `now` aware, UTC."""

    def __init__(self, folder: Path, shape: Shape, signers: Signers, now: Callable[[], datetime]) -> None:
        self.folder, self.shape, self._signers, self._now = folder, shape, signers, now

    def create(self, public: Public) -> None:
        """First metadata of every role. `public`: every key of the shape by its name."""
        root = Root(consistent_snapshot=True)
        self._roles(root, public)
        self._write(root, ROOT_DAYS, "root")
        targets = Targets(delegations=self._delegations(public))
        self._write(targets, TARGETS_DAYS, "targets")
        for role in self.shape.delegated:
            self._write(Targets(), TARGETS_DAYS, role)
        self.publish()

    def rotate(self, shape: Shape, public: Public) -> None:
        """A new root with the keys of `shape`, signed by enough of the old and of the new; then every role anew
        where its keys have changed. This is also what ends a stolen key."""
        old, self.shape = self.shape, shape
        root = self.root()
        for role in TOP:
            root.roles[role] = Role([], shape.threshold(role))
        root.keys.clear()
        self._roles(root, public)
        self._write(root, ROOT_DAYS, "root", old.of("root"))
        targets = self._newest("targets", Targets)
        targets.delegations = self._delegations(public)
        self._write(targets, TARGETS_DAYS, "targets")
        for role in shape.delegated:
            known = role in old.delegated
            self._write(self._newest(role, Targets) if known else Targets(), TARGETS_DAYS, role)
        self.publish()

    def offer(self, ring: str, bundle: Path, custom: Mapping[str, object]) -> None:
        """A bundle is what this ring takes from now on; published by `publish`."""
        self._target(ring, f"{ring}/{BUNDLE}", bundle.read_bytes(), custom)

    def offered(self, ring: str) -> object:
        """The signed data of a ring's bundle; None = it has none."""
        found = self._newest(ring, Targets).targets.get(f"{ring}/{BUNDLE}")
        return found.custom if found is not None else None

    def rings(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Which rooms are in which ring (`plan.ring`)."""
        self._target("targets", RINGS, json.dumps([*rows], ensure_ascii=False).encode(), {})

    def configure(self, room: str, text: bytes) -> None:
        """A room's room.toml."""
        self._target("config", f"config/{room}/room.toml", text, {})

    def pack(self, whose: str, name: str, text: bytes) -> None:
        """A rule pack of `ring/RING` or `room/ROOM`. A tree that was made before there were any learns who signs
        them: that needs the targets' key."""
        targets = self._newest("targets", Targets)
        roles = targets.delegations.roles if targets.delegations is not None else None
        if roles is not None and roles["config"].paths != CONFIG_PATHS:
            roles["config"].paths = CONFIG_PATHS
            self._write(targets, TARGETS_DAYS, "targets")
        self._target("config", f"packs/{whose}/{name}", text, {})

    def packs(self) -> list[tuple[str, str]]:
        """Ring or room, and name, of every rule pack that is signed."""
        names = sorted(self._newest("config", Targets).targets)
        rows = [name.split("/") for name in names if name.startswith("packs/")]
        return [(whose, name) for _, _, whose, name in rows]

    def withdraw(self, ring: str) -> None:
        """Nothing is offered to this ring any more."""
        made = self._newest(ring, Targets)
        made.targets.clear()
        self._write(made, TARGETS_DAYS, ring)

    def publish(self) -> None:
        """Snapshot and timestamp over what there is: the online key's work, also by itself each week."""
        snapshot = self._newest("snapshot", Snapshot) if self._version("snapshot") else Snapshot()
        for role in ("targets", *self.shape.delegated):
            snapshot.meta[f"{role}.json"] = MetaFile(self._version(role))
        self._write(snapshot, SNAPSHOT_DAYS, "snapshot")
        timestamp = self._newest("timestamp", Timestamp) if self._version("timestamp") else Timestamp()
        timestamp.snapshot_meta = MetaFile(snapshot.version)
        self._write(timestamp, TIMESTAMP_DAYS, "timestamp")

    def root(self) -> Root:
        return self._newest("root", Root)

    def root_file(self, version: int = 1) -> bytes:
        """What a room is adopted with."""
        return (self.folder / "metadata" / f"{version}.root.json").read_bytes()

    def _roles(self, root: Root, public: Public) -> None:
        for role in TOP:
            root.roles[role].threshold = self.shape.threshold(role)
            for name in self.shape.of(role):
                root.add_key(public[name], role)

    def _delegations(self, public: Public) -> Delegations:
        roles: dict[str, DelegatedRole] = {}
        keys: dict[str, Key] = {}
        for role in self.shape.delegated:
            ours = [public[name] for name in self.shape.of(role)]
            keys |= {key.keyid: key for key in ours}
            paths = CONFIG_PATHS if role == "config" else [f"{role}/{BUNDLE}"]
            ids = [key.keyid for key in ours]
            roles[role] = DelegatedRole(role, ids, self.shape.threshold(role), terminating=True, paths=paths)
        return Delegations(keys, roles)

    def _target(self, role: str, name: str, data: bytes, custom: Mapping[str, object]) -> None:
        made = self._newest(role, Targets)
        info = TargetFile.from_data(name, data, ["sha256"])
        if custom:
            info.unrecognized_fields["custom"] = dict(custom)
        made.targets[name] = info
        folder, _, base = name.rpartition("/")
        place = self.folder / "targets" / folder / f"{info.hashes['sha256']}.{base}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        self._write(made, TARGETS_DAYS, role)

    def _write(self, signed: _Signed, days: int, role: str, more: Iterable[str] = ()) -> None:
        """Sign with every key of the role that is here; raises ValueError where these are too few."""
        metadata = self.folder / "metadata"
        metadata.mkdir(parents=True, exist_ok=True)
        before = self._version(role)
        signed.version = before + 1
        signed.expires = (self._now() + timedelta(days=days)).replace(microsecond=0)
        made = Metadata(signed)
        here = [name for name in dict.fromkeys((*self.shape.of(role), *more)) if name in self._signers]
        if sum(name in self.shape.of(role) for name in here) < self.shape.threshold(role):
            raise TooFewKeys(role, self.shape.threshold(role), ", ".join(self.shape.of(role)))
        for name in here:
            made.sign(self._signers[name], append=True)
        versioned = role != "timestamp"
        made.to_file(str(metadata / (f"{signed.version}.{role}.json" if versioned else f"{role}.json")))

    def _version(self, role: str) -> int:
        metadata = self.folder / "metadata"
        if role == "timestamp":
            path = metadata / "timestamp.json"
            return Metadata[Timestamp].from_file(str(path)).signed.version if path.is_file() else 0
        return max((int(one.name.partition(".")[0]) for one in metadata.glob(f"*.{role}.json")), default=0)

    def _newest(self, role: str, kind: type[_Signed]) -> _Signed:
        version = self._version(role)
        name = "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"
        signed = Metadata.from_file(str(self.folder / "metadata" / name)).signed
        if not isinstance(signed, kind):
            raise ValueError(f"{name}: not {kind.__name__}")
        return signed
