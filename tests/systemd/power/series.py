"""An office that has published one release after another, with a new configuration and a new rule pack each; and a
card to begin with.

A release knows the sum of each of its files and its only program compares them: "it runs" means that every byte of
it is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from controller.config import load
from controller.config_devices import keeper_table
from controller.demo.binaries import ROOT
from controller.update.kept import ROOM_TOML
from controller.update.selector import COMPLETE, OPT
from hardware.keeper_table import dumps
from tests.controller.update.kit import Office, bundle, card
from tests.controller.update.settings_kit import NAME, naming
from tests.controller.update.settings_kit import pack as pack_of

ROOM = "kim-son"
LAST = 30
"""Releases; a card that has come so far is replaced by a new one."""
BAD = 4
"""Every fourth is taken back."""
PARTS = ("controller/update", "hardware/protocols")
LARGE_BYTES = 2 << 20
"""As a compiled library."""
PROGRAM = """
import hashlib, json, os, pathlib, sys
here = pathlib.Path(__file__).parents[3]
sums = json.loads((here / "sums.json").read_text())
for name, told in sums.items():
    if hashlib.sha256((here / name).read_bytes()).hexdigest() != told:
        sys.exit(f"{name} is another")
print(os.environ["DIEMCAU_RELEASE"], json.loads((here / "release.json").read_text())["version"])
"""


def version(step: int) -> str:
    return f"0.1.{step}"


def step_of(version: str) -> int:
    return int(version.rpartition(".")[2])


def name(step: int) -> str:
    """Of the room, by the configuration of this step."""
    return f"Phòng {step}"


def pack(step: int) -> str:
    """The rule pack of this step."""
    return pack_of(10 + step)


def members(step: int) -> dict[str, bytes]:
    """Files of a release; no file is the same in another one."""
    common, mark = "site/common/", f"\n# {version(step)}\n".encode()
    files = {
        f"{common}{path.relative_to(ROOT)}": path.read_bytes() + mark
        for part in PARTS
        for path in sorted((ROOT / part).glob("*.py"))
    }
    for package in ("controller", "hardware"):
        files[f"{common}{package}/__init__.py"] = mark
    files[f"{common}controller/__main__.py"] = PROGRAM.encode() + mark
    noise = hashlib.shake_256(mark).digest(1 << 16)
    files["site/cp311/large.so"] = noise * (LARGE_BYTES // len(noise))
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return {**files, "sums.json": json.dumps(sums).encode()}


def publish(folder: Path) -> tuple[Office, Path]:
    """The office and `sources`: folder `N` is what it had published with step N, from 1 on."""
    office, sources = Office(folder / "office"), folder / "sources"
    for step in range(1, LAST + 1):
        office.release(version(step), data=bundle(version(step), members(step)), unpacked_b=1 << 24)
        office.repository.configure(ROOM, naming(office, name(step)).encode())
        office.repository.pack(f"room/{ROOM}", NAME, pack(step).encode())
        office.repository.publish()
        www, there = office.folder / "www", sources / str(step)
        shutil.copytree(www / "metadata", there / "metadata")
        shutil.copytree(www / "targets", there / "targets", copy_function=os.link)
    return office, sources


def first(office: Office, folder: Path) -> Path:
    """A card as the installer leaves it, with the release of step 0."""
    folder.mkdir()
    pi = card(folder, version(0), office.repository.root_file(), [], ROOM)
    release = folder / OPT / "releases" / version(0)
    shutil.rmtree(release)
    for name_, data in {**members(0), "release.json": _about(0), COMPLETE: b""}.items():
        (release / name_).parent.mkdir(parents=True, exist_ok=True)
        (release / name_).write_bytes(data)
    room = pi.root / ROOM_TOML
    room.write_text(naming(office, name(0)), encoding="utf-8")
    room.with_name(NAME).write_text(pack(0), encoding="utf-8")
    room.with_name("keeper.json").write_text(dumps(keeper_table(load([room]))))
    shutil.copy(ROOT / "controller" / "update" / "selector.py", folder / OPT)
    shutil.rmtree(folder / "proc")
    for mounted in ("proc", "run"):
        (folder / mounted).mkdir(exist_ok=True)
    return folder


def _about(step: int) -> bytes:
    tree = {"v": 1, "version": version(step), "os": ["debian-12"], "built_s": 1_790_000_000, "schema": 1}
    return json.dumps(tree).encode()
