"""A release folder for tests, made offline from what set-up has fetched: this checkout and the room's libraries."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path

from controller.demo import trees
from controller.demo.binaries import ROOT
from controller.runtime.store import VERSION as SCHEMA

BUILT_S = 1_790_000_000
_OURS = ("controller", "hardware")
_NOT_IN_A_ROOM = shutil.ignore_patterns("__pycache__", "demo", "dashboard", "simulation")

_NOT_OF_A_LIBRARY = shutil.ignore_patterns("__pycache__", "bin")


def build(folder: Path, version: str = "0.2.0") -> Path:
    """`folder/version`, as the updater leaves it: the whole room, of demo and centre nothing but the mock pins."""
    release = folder / version
    site = release / "site"
    for before, folder in (("", site), ("update-", site / "update")):
        shutil.copytree(trees.site(f"{before}common"), folder / "common", ignore=_NOT_OF_A_LIBRARY)
        for suite in trees.SUITES:
            abi = trees.abi_of(suite)
            shutil.copytree(trees.site(before + abi), folder / f"{abi}-{platform.machine()}")
    for name in _OURS:
        shutil.copytree(ROOT / name, site / "common" / name, ignore=_NOT_IN_A_ROOM)
    demo = site / "common" / "controller" / "demo"
    demo.mkdir()
    for file in ("__init__.py", "mock_pins.py"):
        shutil.copy(ROOT / "controller" / "demo" / file, demo / file)
    shutil.copytree(ROOT / "systemd", release / "systemd")
    told = {"v": 1, "version": version, "os": ["debian-12", "debian-13"], "built_s": BUILT_S, "schema": SCHEMA}
    (release / "release.json").write_text(json.dumps(told), encoding="utf-8")
    (release / ".complete").touch()
    return release


def another(good: Path, version: str, file: str = "", text: str = "") -> Path:
    """A copy as before it is packed, under another version; `text` stands before all else in one of its files."""
    bad = good.with_name(version)
    shutil.copytree(good, bad, ignore=shutil.ignore_patterns("systemd"))
    told = json.loads((good / "release.json").read_text(encoding="utf-8"))
    (bad / "release.json").write_text(json.dumps({**told, "version": version}), encoding="utf-8")
    (bad / ".complete").unlink()
    if file:
        target = bad / "site" / "common" / file
        target.write_text(f"{text}\n{target.read_text(encoding='utf-8')}", encoding="utf-8")
    return bad
