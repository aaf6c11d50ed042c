"""A release folder for tests, made offline from what set-up has fetched: this checkout and the room's libraries."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path

from controller.demo import trees
from controller.demo.binaries import ROOT

BUILT_S = 1_790_000_000
_OURS = ("controller", "hardware")
_NOT_IN_A_ROOM = shutil.ignore_patterns("__pycache__", "demo", "dashboard", "simulation")


def build(folder: Path, version: str = "0.2.0") -> Path:
    """`folder/version`, as the updater leaves it: the whole room, of demo and centre nothing but the mock pins."""
    release = folder / version
    site = release / "site"
    shutil.copytree(trees.site("common"), site / "common", ignore=shutil.ignore_patterns("__pycache__", "bin"))
    for suite in trees.SUITES:
        abi = trees.abi_of(suite)
        shutil.copytree(trees.site(abi), site / f"{abi}-{platform.machine()}")
    for name in _OURS:
        shutil.copytree(ROOT / name, site / "common" / name, ignore=_NOT_IN_A_ROOM)
    demo = site / "common" / "controller" / "demo"
    demo.mkdir()
    for file in ("__init__.py", "mock_pins.py"):
        shutil.copy(ROOT / "controller" / "demo" / file, demo / file)
    shutil.copytree(ROOT / "systemd", release / "systemd")
    told = {"v": 1, "version": version, "os": ["debian-12", "debian-13"], "built_s": BUILT_S, "schema": 1}
    (release / "release.json").write_text(json.dumps(told), encoding="utf-8")
    (release / ".complete").touch()
    return release
