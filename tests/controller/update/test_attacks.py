"""Whoever holds the web server, the line, the online keys or one of the office's keys: what they can and cannot
do."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import zstandard
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Targets, Timestamp

from controller.update.client import Client
from controller.update.disk import Disk
from controller.update.fetch import Fetcher, Patience
from controller.update.kept import STATE
from controller.update.releasing import Repository, Shape
from controller.update.run import Run
from tests.controller.update.kit import (
    DAY,
    MEMBERS,
    NOW,
    FakePi,
    Office,
    Quiet,
    bundle,
    card,
    once,
    served,
    tar_zst,
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


@pytest.fixture
def pi(office: Office, tmp_path: Path) -> FakePi:
    return card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])


def updated(office: Office, pi: FakePi) -> Path:
    """The room has seen the newest; returns a copy of the tree as it was before."""
    office.release("0.2.0")
    old = office.folder / "old"
    shutil.copytree(office.folder / "www", old)
    office.release("0.3.0")
    assert once(pi).stage == "done"
    assert pi.running == "0.3.0"
    return old


def put_back(office: Office, old: Path) -> None:
    shutil.rmtree(office.folder / "www")
    shutil.copytree(old, office.folder / "www")


def test_rollback_of_the_whole_tree(office: Office, pi: FakePi) -> None:
    put_back(office, updated(office, pi))
    assert once(pi).code == "update.not_trusted"
    assert pi.running == "0.3.0"


def test_rollback_of_one_role(office: Office, pi: FakePi) -> None:
    """Mix and match: the newest timestamp and snapshot, an older ring."""
    old = updated(office, pi)
    office.repository.publish()
    newest = sorted(
        (office.folder / "www/metadata").glob("*.ring-0.json"), key=lambda one: int(one.name.split(".")[0])
    )[-1]
    before = sorted((old / "metadata").glob("*.ring-0.json"), key=lambda one: int(one.name.split(".")[0]))[-1]
    shutil.copy(before, newest)
    (pi.root / STATE / "metadata" / "ring-0.json").unlink()
    assert once(pi).code == "update.not_trusted"


def test_an_older_version_that_is_signed_anew_is_not_installed(office: Office, pi: FakePi) -> None:
    updated(office, pi)
    office.release("0.2.0")
    assert once(pi).code == "update.older"


def test_freeze(office: Office, tmp_path: Path) -> None:
    """A source that stands still is noticed when its timestamp ends, and so is a clock that is far ahead."""
    office.now = NOW - 31 * DAY
    office.repository.publish()
    pi = card(tmp_path / "r", "0.1.0", office.repository.root_file(), [office.url])
    assert once(pi).code == "update.expired"


def test_a_clock_in_2000_and_one_in_2100(office: Office, pi: FakePi) -> None:
    """tuf reads the machine's clock; in a tree of its own time only the floor of ours is left to be tested here:
    the past. In 2100 all metadata is over, as in `test_freeze`, and nothing is remembered of that year."""
    office.release("0.2.0")
    pi.wall = 946_684_800.0
    assert once(pi).code == "update.clock"
    assert not (pi.root / STATE / "clock.json").exists()


def test_an_arbitrary_file_in_place_of_the_bundle(office: Office, pi: FakePi) -> None:
    office.release("0.2.0")
    stored = next((office.folder / "www/targets/ring-0").iterdir())
    data = stored.read_bytes()
    stored.write_bytes(bytes(len(data)))
    assert once(pi).code == "update.not_trusted"
    stored.write_bytes(data[:-1])
    assert once(pi).code == "update.not_trusted"
    assert pi.running == "0.1.0"


class Endless(Quiet):
    """Never stops sending."""

    def do_GET(self) -> None:
        if "targets/ring-0" not in self.path and "timestamp" not in self.path:
            super().do_GET()
            return
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            self.close_connection = True


def test_endless_data(office: Office, tmp_path: Path) -> None:
    office.release("0.2.0")
    with served(office.folder / "www", Endless) as url:
        pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [url])
        assert once(pi).code == "update.no_source"
    assert sum(path.stat().st_size for path in (pi.root / STATE).rglob("*") if path.is_file()) < 1 << 20


class Slow(Quiet):
    """A byte now and then, for ever: each keeps the connection alive."""

    def do_GET(self) -> None:
        if "targets/ring-0" not in self.path:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.005)  # the attack itself
        except OSError:
            self.close_connection = True


def test_slow_retrieval(office: Office, tmp_path: Path) -> None:
    office.release("0.2.0", data=bundle("0.2.0"))
    patience = Patience(silent_s=5, window_s=0.3, least_bps=10_000, resumes=2)
    with served(office.folder / "www", Slow) as url:
        pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [url])
        assert once(pi, patience=patience).code == "update.no_source"
    assert pi.running == "0.1.0"


class Drip(Quiet):
    """As Slow, with what comes before the content: no timeout between two bytes ever ends it."""

    begins = b"HTTP/1.1 200 OK\r\nX-Long: "

    def do_GET(self) -> None:
        try:
            self.wfile.write(self.begins)
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.005)  # the attack itself
        except OSError:
            self.close_connection = True


class DripChunk(Drip):
    """In the line that says how long a chunk is."""

    begins = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"


class DripEndless(Drip):
    """A content of no length that was named, faster than the least."""

    begins = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("handler", [Drip, DripChunk, DripEndless])
def test_a_server_that_never_comes_to_its_end_gives_way_to_the_next(
    office: Office, tmp_path: Path, handler: type[Quiet]
) -> None:
    office.release("0.2.0")
    patience = Patience(silent_s=5, answer_s=0.3, request_s=0.5)
    with served(office.folder / "www", handler) as url:
        alone = card(tmp_path / "alone", "0.1.0", office.repository.root_file(), [url])
        assert once(alone, patience=patience).code == "update.no_source"
        both = card(tmp_path / "both", "0.1.0", office.repository.root_file(), [url, office.url])
        assert once(both, patience=patience).stage == "done"


def test_all_requests_of_a_run_have_one_end(office: Office, tmp_path: Path) -> None:
    """However many files a source offers, each within its own time."""
    office.release("0.2.0")
    passed = iter(range(0, 1000, 10))
    fetcher = Fetcher(Patience(run_s=35), clock=lambda: float(next(passed)))
    with served(office.folder / "www") as url:
        pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [url])
        run = Run(pi, Disk(), lambda folder, root, given: Client(folder, root, given, fetcher))
        assert run.once().code == "update.no_source"
    assert pi.running == "0.1.0"


class Broken(Quiet):
    """Each answer breaks off after 4,000 bytes; a range is served."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if "targets/ring-0" not in self.path:
            super().do_GET()
            return
        data = Path(self.translate_path(self.path)).read_bytes()
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + 4_000])
        self.close_connection = True


def test_a_line_that_breaks_goes_on_where_it_was(office: Office, tmp_path: Path) -> None:
    noise = b"".join(bytes([(n * n) % 251, (n * 7) % 256]) for n in range(6_000))
    office.release("0.2.0", data=bundle("0.2.0", {"site/common/noise": noise}))
    with served(office.folder / "www", Broken) as url:
        pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [url])
        assert once(pi).stage == "done"
    assert Broken.asked[:2] == ["", "bytes=4000-"]


def test_stolen_online_keys_make_no_release(office: Office, pi: FakePi) -> None:
    """The thief signs snapshot and timestamp, and names a ring's file of his own key."""
    office.release("0.2.0")
    thief = Office(office.folder / "thief")
    thief.release("0.9.0", data=bundle("0.9.0"))
    metadata = office.folder / "www" / "metadata"
    version = 99
    stolen = office.keys["online"]
    ring = (thief.folder / "www/metadata").glob("*.ring-0.json")
    shutil.copy(sorted(ring)[-1], metadata / f"{version}.ring-0.json")
    shutil.copytree(thief.folder / "www/targets", office.folder / "www/targets", dirs_exist_ok=True)
    snapshot = Metadata[Snapshot].from_file(str(sorted(metadata.glob("*.snapshot.json"))[-1]))
    snapshot.signed.meta["ring-0.json"] = MetaFile(version)
    snapshot.signed.version = version
    snapshot.signatures.clear()
    snapshot.sign(stolen)
    snapshot.to_file(str(metadata / f"{version}.snapshot.json"))
    timestamp = Metadata[Timestamp].from_file(str(metadata / "timestamp.json"))
    timestamp.signed.version = version
    timestamp.signed.snapshot_meta = MetaFile(version)
    timestamp.signatures.clear()
    timestamp.sign(stolen)
    timestamp.to_file(str(metadata / "timestamp.json"))
    assert once(pi).code == "update.not_trusted"
    assert pi.running == "0.1.0"


def test_fast_forward_is_recovered_by_new_online_keys(office: Office, pi: FakePi) -> None:
    """The thief has counted the versions up to the end; with new keys the rooms forget them."""
    metadata = office.folder / "www" / "metadata"
    top = 2**40
    ring = Metadata[Targets].from_file(str(sorted(metadata.glob("*.targets.json"))[-1]))
    assert ring.signed.version < top
    snapshot = Metadata[Snapshot].from_file(str(sorted(metadata.glob("*.snapshot.json"))[-1]))
    snapshot.signed.version = top
    snapshot.signatures.clear()
    snapshot.sign(office.keys["online"])
    honest = shutil.copytree(office.folder / "www", office.folder / "honest")
    snapshot.to_file(str(metadata / f"{top}.snapshot.json"))
    timestamp = Metadata[Timestamp].from_file(str(metadata / "timestamp.json"))
    timestamp.signed.version, timestamp.signed.snapshot_meta = top, MetaFile(top)
    timestamp.signatures.clear()
    timestamp.sign(office.keys["online"])
    timestamp.to_file(str(metadata / "timestamp.json"))
    assert once(pi).code == "update.nothing", "the thief is believed so far"
    put_back(office, honest)
    office.repository.publish()
    assert once(pi).code == "update.not_trusted", "and the office is locked out"
    shape = replace(office.shape, keys={**office.shape.keys, "snapshot": ("online-2",), "timestamp": ("online-2",)})
    office.rotate(shape)
    office.release("0.2.0")
    assert once(pi).stage == "done"


def test_one_stolen_targets_key_is_useless_where_two_are_needed(tmp_path: Path) -> None:
    office = Office(tmp_path / "office", replace(Shape(), need={"root": 2, "targets": 2, "ring-0": 2, "ring-1": 2}))
    pi = card(tmp_path / "room", "0.1.0", office.repository.root_file(), [office.url])
    stolen = {name: key for name, key in office.keys.items() if name in ("targets-1", "online")}
    honest = Repository(office.folder / "www", office.shape, stolen, lambda: office.now)
    path = tmp_path / "bundle"
    path.write_bytes(bundle("0.9.0"))
    with pytest.raises(ValueError, match="ring-0 has to be signed with 2 of"):
        honest.offer("ring-0", path, {})
    loose = replace(office.shape, need={"root": 2})
    thief = Repository(office.folder / "www", loose, stolen, lambda: office.now)
    thief.offer("ring-0", path, {})
    thief.publish()
    assert once(pi).code == "update.not_trusted"


def test_a_stolen_targets_key_ends_with_a_new_root(office: Office, pi: FakePi) -> None:
    stolen = {name: office.keys[name] for name in ("targets-1", "online")}
    shape = replace(office.shape, keys={**office.shape.keys, "targets": ("targets-2", "targets-3")})
    office.rotate(shape)
    assert once(pi).code == "update.nothing"
    thief = Repository(office.folder / "www", Shape(), stolen, lambda: office.now)
    path = office.folder / "bundle"
    path.write_bytes(bundle("0.9.0"))
    thief.offer("ring-0", path, {})
    thief.publish()
    assert once(pi).code == "update.not_trusted"


def test_a_new_root_needs_two_of_the_old_keys(office: Office) -> None:
    few = {name: key for name, key in office.keys.items() if name not in ("root-1", "root-2")}
    repository = Repository(office.folder / "www", office.shape, few, lambda: office.now)
    with pytest.raises(ValueError, match="root has to be signed with 2 of"):
        repository.rotate(office.shape, office.public)


def test_a_room_that_missed_three_rotations_follows(office: Office, pi: FakePi) -> None:
    for turn in range(3):
        roots = tuple(f"root-{turn}{n}" for n in range(3))
        shape = replace(office.repository.shape, keys={**office.repository.shape.keys, "root": roots})
        office.rotate(shape)
    office.release("0.2.0")
    assert once(pi).stage == "done"


@pytest.mark.parametrize(
    "name", ["timestamp.json", "snapshot.json", "targets.json", "ring-0.json", "root_history/1.root.json"]
)
@pytest.mark.parametrize("keep", [0, 30])
def test_metadata_that_a_power_cut_has_torn_is_loaded_again(
    office: Office, pi: FakePi, name: str, keep: int
) -> None:
    office.release("0.2.0")
    assert once(pi).stage == "done"
    path = pi.root / STATE / "metadata" / name
    path.write_bytes(path.read_bytes()[:keep])
    office.release("0.3.0")
    assert once(pi).stage == "done"


def odd(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, link: str = "", data: bytes = b"") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.size = kind, mode, link, len(data)
    return tar_zst(MEMBERS, [(info, data)])


def wide() -> bytes:
    """A frame that asks its reader for 256 MB of memory."""
    asks = zstandard.ZstdCompressionParameters(window_log=28)
    packer = zstandard.ZstdCompressor(compression_params=asks).compressobj()
    return packer.compress(zstandard.decompress(bundle("0.2.0"))) + packer.flush()


HOSTILE = {
    "dot-dot": (odd("site/../../../etc/passwd"), "update.bundle_name"),
    "absolute": (odd("/etc/passwd"), "update.bundle_name"),
    "symbolic link": (odd("site/a", tarfile.SYMTYPE, link="/etc"), "update.bundle_kind"),
    "hard link": (odd("site/a", tarfile.LNKTYPE, link="release.json"), "update.bundle_kind"),
    "device": (odd("site/a", tarfile.CHRTYPE), "update.bundle_kind"),
    "pipe": (odd("site/a", tarfile.FIFOTYPE), "update.bundle_kind"),
    "setuid": (odd("site/a", mode=0o4755), "update.bundle_mode"),
    "twice": (odd("site/common/big.py"), "update.bundle_name"),
    "file as folder": (odd("site/common/big.py/x"), "update.bundle_name"),
    "deep": (odd("a/" * 40 + "x"), "update.bundle_name"),
    "large": (odd("site/a", data=bytes(2 << 20)), "update.bundle_large"),
    "window": (wide(), "update.bundle_torn"),
    "torn": (bundle("0.2.0")[:-50], "update.bundle_torn"),
    "no archive": (zstandard.compress(b"hello" * 1000), "update.bundle_torn"),
    "plain": (b"hello" * 1000, "update.bundle_torn"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_bundle_that_is_signed(office: Office, pi: FakePi, what: str) -> None:
    data, code = HOSTILE[what]
    office.release("0.2.0", data=data)
    assert once(pi).code == code
    assert [one.name for one in (pi.root / "opt/diemcau/releases").iterdir()] == ["0.1.0"]
    assert not (pi.root / "etc/passwd").exists()


def test_a_bomb_is_left_at_the_signed_size(office: Office, pi: FakePi) -> None:
    plain = io.BytesIO()
    info = tarfile.TarInfo("site/zeros")
    info.size = 1 << 30
    with tarfile.open(fileobj=plain, mode="w|") as tar:
        tar.addfile(tarfile.TarInfo("site/x"))
    header = info.tobuf()
    packer = zstandard.ZstdCompressor().compressobj()
    data = packer.compress(header) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert len(data) < 1 << 20
    office.release("0.2.0", data=data)
    assert once(pi).code == "update.bundle_large"


@pytest.mark.parametrize(
    "custom",
    [
        {"version": "1"},
        {"percent": 101},
        {"percent": True},
        {"os": "debian-12"},
        {"minimum": 3},
        {"built_s": "now"},
        {"unpacked_b": 0},
    ],
)
def test_signed_data_of_another_form(office: Office, pi: FakePi, custom: dict[str, Any]) -> None:
    office.release("0.2.0", **custom)
    assert once(pi).code in ("update.bad_offer", "update.bad_version")


def test_the_disk_is_full_at_each_write(office: Office, tmp_path: Path) -> None:
    """ENOSPC wherever it may come: an error that says so, the old release runs, and the next run goes on."""
    import errno

    from tests.controller.update.kit import sound, updater

    class Full(Disk):
        def __init__(self, at: int) -> None:
            self.left, self.hit = at, False

        def step(self, what: str, path: Path, other: Path | None = None) -> None:
            if what in ("create", "folder", "link", "sync"):
                self.left -= 1
                if self.left == 0:
                    self.hit = True
                    raise OSError(errno.ENOSPC, "No space left on device")

    office.release("0.2.0")
    at, hits = 1, 0
    while True:
        pi = card(tmp_path / f"room{at}", "0.1.0", office.repository.root_file(), [office.url])
        disk = Full(at)
        with suppress(OSError):
            updater(pi, disk).once()
        if not disk.hit:
            break
        hits += 1
        assert sound(pi.root) == "", f"write {at}"
        once(pi)
        assert pi.running == "0.2.0", f"write {at}"
        at += 1
    assert hits > 15


def test_expired_by_a_day_is_expired(office: Office, pi: FakePi) -> None:
    office.now = NOW - timedelta(days=30, minutes=1)
    office.repository.publish()
    assert once(pi).code == "update.expired"
    office.now = NOW
    office.repository.publish()
    assert once(pi).code == "update.nothing"


def test_signed_lists_of_another_form(office: Office, pi: FakePi) -> None:
    office.repository.rings([{"name": "Ring 0"}])
    office.repository.publish()
    assert once(pi).code == "update.bad_offer"
    assert json.loads((pi.root / STATE / "progress.json").read_text())["stage"] == "failed"
