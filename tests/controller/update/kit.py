"""An office with keys and a repository, a room's card, and a Pi on which releases behave as they are told to."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import zstandard
from securesystemslib.signer import CryptoSigner, Key

from controller.update import selector, self_test
from controller.update.client import Client
from controller.update.disk import Disk
from controller.update.fetch import Fetcher, Patience
from controller.update.gate import Health
from controller.update.kept import ROOM_TOML, ROOT_JSON, STATE, Said
from controller.update.releasing import Repository, Shape, new_key
from controller.update.run import Run
from controller.update.selector import BOOT_ID, COMPLETE, KEEPER_TRIES, OPT, TRIES, pick
from controller.update.self_test import NO
from controller.update.system import fault, settings_fault

NOW = datetime.now(UTC)
"""tuf asks the machine's clock; the metadata is made around it."""
BUILT_S = min(1_790_000_000, round(NOW.timestamp()) - 2 * 86_400)
"""September 2026: releases of the tests are of that time."""
OS = "debian-12"
MEMBERS: Mapping[str, bytes] = {"site/common/controller/__init__.py": b"", "site/common/big.py": b"#" * 5000}


def tar_zst(members: Mapping[str, bytes], odd: Sequence[tuple[tarfile.TarInfo, bytes]] = ()) -> bytes:
    """A bundle of these files, then whatever `odd` members a hostile signer would add."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
        for info, data in odd:
            tar.addfile(info, io.BytesIO(data))
    return zstandard.compress(plain.getvalue())


def bundle(version: str, members: Mapping[str, bytes] = MEMBERS, schema: int = 1) -> bytes:
    about = {"v": 1, "version": version, "os": [OS], "built_s": BUILT_S, "schema": schema}
    return tar_zst({"release.json": json.dumps(about).encode(), **members})


class Office:
    """Keys in `folder/keys`, the published tree in `folder/www`. `now` moves for what is signed from then on."""

    def __init__(self, folder: Path, shape: Shape | None = None) -> None:
        self.folder, self.now = folder, NOW
        self.shape = shape or Shape()
        self.keys: dict[str, CryptoSigner] = {}
        (folder / "keys").mkdir(parents=True)
        self.know(self.shape)
        self.repository = Repository(folder / "www", self.shape, self.keys, lambda: self.now)
        self.repository.create(self.public)
        self.repository.rings([{"name": "ring-0", "rooms": ["kim-son"]}, {"name": "ring-1"}])
        self.repository.publish()

    def know(self, shape: Shape) -> None:
        """Make the keys that are new."""
        for name in dict.fromkeys(name for names in shape.keys.values() for name in names):
            if name not in self.keys:
                self.keys[name] = new_key(self.folder / "keys" / f"{name}.pem", None)

    @property
    def public(self) -> dict[str, Key]:
        return {name: key.public_key for name, key in self.keys.items()}

    def rotate(self, shape: Shape) -> None:
        self.know(shape)
        self.repository.rotate(shape, self.public)

    def release(self, version: str, /, ring: str = "ring-0", data: bytes = b"", **custom: object) -> None:
        path = self.folder / "bundle"
        path.write_bytes(data or bundle(version))
        told = {
            "version": version,
            "percent": 100,
            "minimum": "0.0.1",
            "os": [OS],
            "built_s": BUILT_S,
            "schema_back": 1,
            "unpacked_b": 1 << 20,
            **custom,
        }
        self.repository.offer(ring, path, told)
        self.repository.publish()

    @property
    def url(self) -> str:
        """As a stick carries it."""
        return (self.folder / "www").as_uri()

    def metadata(self, name: str) -> Path:
        return self.folder / "www" / "metadata" / name


@dataclass
class FakePi:
    """A machine whose services are a table: `behaves[release]` says what a start of it comes to. Time moves only in
    `sleep`. The selector is the real one."""

    root: Path
    behaves: dict[str, str] = field(default_factory=dict)
    wall: float | None = BUILT_S + 86_400
    mono: float = 1000.0
    running: str = ""
    starts: list[str] = field(default_factory=list)
    restarts: int = 0
    keeper_starts: int = 0
    keeper: str = ""
    """The release whose keeper runs."""
    bad_keepers: frozenset[str] = frozenset()
    moving_keepers: frozenset[str] = frozenset()
    locked: str = ""
    phase: str = "off"
    free: int = 1 << 40
    before: Health = field(
        default_factory=lambda: Health(1, frozenset({"codec", "ups", "keeper"}), {"codec": True}, True, 0)
    )
    broker_up: bool = True

    def wall_s(self, floor_s: int) -> float | None:
        return self.wall if self.wall is not None and self.wall >= floor_s else None

    def mono_s(self) -> float:
        return self.mono

    def sleep(self, seconds: float) -> None:
        self.mono += seconds
        if self.keeper in self.bad_keepers:
            self.start_keeper()  # systemd's Restart=always
        if self.behaves.get(self.running) in ("crashes", "hangs_before_ready"):
            self.start()  # systemd's Restart=always
            self.restarts += 1
        if self.behaves.get(self.running) == "hangs_after_ready" and self.mono > self.began + 60:
            self.start()
            self.restarts += 1

    began: float = 0.0

    def start(self) -> None:
        self.running, self.began = pick(self.root, "controller", self.mono), self.mono
        self.starts.append(self.running)

    def start_keeper(self) -> None:
        self.keeper_starts += 1
        self.keeper = pick(self.root, "keeper", self.mono)

    def boot(self, name: str) -> None:
        """After a power cut."""
        (self.root / BOOT_ID).write_text(f"{name}\n")
        (self.root / KEEPER_TRIES).unlink(missing_ok=True)
        self.restarts = 0
        self.start_keeper()
        while self.keeper in self.bad_keepers and self.keeper_starts < 20:
            self.start_keeper()
        self.start()

    def view(self) -> Mapping[str, object] | None:
        if not self.running or self.behaves.get(self.running) in ("crashes", "hangs_before_ready"):
            return None
        refused = {"code": self.locked, "args": []} if self.locked else {}
        return {"pid": 1, "state": {"phase": self.phase}, "detail": {"update": refused}}

    def health(self) -> Health:
        how = self.behaves.get(self.running, "well")
        if self.view() is None:
            return replace(self.before, pid=0, answers=frozenset(), broker=False, restarts=self.restarts)
        found = replace(self.before, restarts=self.restarts, broker=self.broker_up and how != "no_broker")
        if self.keeper in self.bad_keepers:
            found = replace(found, answers=found.answers - {"keeper"})
        if self.keeper in self.moving_keepers:
            found = replace(found, relays={"codec": False})
        if how == "breaks_codec":
            found = replace(found, answers=found.answers - {"codec"})
        if how.startswith("goes_off") and self.mono > self.began + 60:
            gone = {"codec", "ups"} if how.endswith("ups") else {"codec"}
            found = replace(found, relays={"codec": False}, answers=found.answers - gone)
        return replace(found, relays={"codec": False}) if how == "moves_relays" else found

    def restart(self, unit: str) -> None:
        if "relays" in unit:
            self.start_keeper()
            if self.keeper in self.bad_keepers:
                raise OSError("it did not come up")
            return
        self.restarts = 0
        self.start()
        if self.behaves.get(self.running) in ("crashes", "hangs_before_ready"):
            raise OSError("it did not come up")

    tests: int = 0

    def self_test(self, release: Path) -> tuple[str, str]:
        self.tests += 1
        how = {"fails_self_test": NO, "cannot_be_tested": 1}.get(self.behaves.get(release.name, ""), 0)
        return fault(how, "ImportError" if how else "")

    def settings_test(self, release: Path, room: Path) -> tuple[str, str]:
        """The real test, in this process."""
        keeper = self.root / "etc/diemcau/keeper.json"
        said = io.StringIO()
        with redirect_stderr(said):
            code = self_test.main([str(room), *([str(keeper)] if keeper.is_file() else [])])
        return settings_fault(code, said.getvalue().strip())

    def free_bytes(self, folder: Path) -> int:
        return self.free

    def os(self) -> str:
        return OS


class Meeting(FakePi):
    """A meeting begins with the first look of the trial, and lasts an hour; nothing may be restarted in it."""

    ends: float = 0.0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.ends = self.ends or self.mono + 3600
        self.locked = "N9.in_call" if self.mono < self.ends else ""

    def restart(self, unit: str) -> None:
        assert not self.locked, f"{unit} is restarted in a meeting"
        super().restart(unit)


KEPT_IN = (TRIES, KEEPER_TRIES, ROOM_TOML, BOOT_ID)


def card(root: Path, version: str, tuf_root: bytes, sources: Sequence[str], room: str = "kim-son") -> FakePi:
    """A room that was installed with `version` and runs it."""
    for folder in (f"{OPT}/releases", STATE, *(str(Path(one).parent) for one in KEPT_IN)):
        (root / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(selector.__file__, root / OPT / "selector.py")
    (root / BOOT_ID).write_text("boot-1\n")
    add_release(root, version)
    for link in ("current", "keeper"):
        (root / OPT / link).symlink_to(f"releases/{version}")
    (root / ROOT_JSON).write_bytes(tuf_root)
    (root / ROOM_TOML).write_text(f'[room]\nslug = "{room}"\n[firmware]\nsources = {json.dumps([*sources])}\n')
    pi = FakePi(root, keeper=version)
    pi.start()
    return pi


def add_release(root: Path, version: str) -> None:
    folder = root / OPT / "releases" / version
    folder.mkdir()
    about = {"v": 1, "version": version, "os": [OS], "built_s": BUILT_S, "schema": 1}
    (folder / "release.json").write_text(json.dumps(about))
    (folder / COMPLETE).touch()


def updater(pi: FakePi, disk: Disk | None = None, forced: str = "", patience: Patience | None = None) -> Run:
    fetcher = Fetcher(patience or Patience())
    return Run(pi, disk or Disk(), lambda folder, root, given: Client(folder, root, given, fetcher), forced)


def once(pi: FakePi, forced: str = "", patience: Patience | None = None) -> Said:
    return updater(pi, None, forced, patience).once()


def sound(root: Path) -> str:
    """What is wrong with a room's card by the law of slots.py; '' = nothing."""
    from controller.update.slots import Slots

    slots = Slots(root, Disk())
    if slots.current not in slots.whole:
        return f"current {slots.current!r} is not whole"
    turn = slots.keeper_trial
    if slots.keeper not in slots.whole and (turn is None or turn.back not in slots.whole):
        return f"keeper {slots.keeper!r} is not whole"
    if slots.trial is not None and slots.keeper == slots.trial.release:
        return "the keeper is of a release that may be taken back"
    trial = slots.trial
    if trial is None:
        return ""
    if trial.back not in slots.whole:
        return f"trial's way back {trial.back!r} is not whole"
    if trial.release not in slots.whole:
        return f"trial's {trial.release!r} is not whole"
    return "" if slots.current in (trial.release, trial.back) else "current is none of the trial's"


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] | None = None) -> Iterator[str]:
    """A web server over a folder, on loopback."""
    kind = handler or Quiet

    class Here(kind):  # type: ignore[misc, valid-type]
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, directory=str(folder), **named)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is wanted on the test's output."""


DAY = timedelta(days=1)
