"""A bundle out of a checkout: our own code and every locked library, for each Python and machine that rooms have.

    release.json  systemd/  site/common/  site/cp311-aarch64/ …  site/update/common/  site/update/cp311-aarch64/ …

The versions and hashes are those of requirements.lock; wheels only, nothing is compiled here. uv resolves for
another machine than ours, which pip does not (it asks our own for the markers). The archive is the same for the
same input.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from controller.runtime.store import VERSION as SCHEMA
from controller.update.client import BUNDLE
from controller.update.plan import version as checked

GLIBC = "manylinux_2_36"
"""Debian 12's; Debian 13 has a newer one."""
SYSTEMS: Mapping[str, str] = {"3.11": "debian-12", "3.13": "debian-13"}
MACHINES = ("aarch64", "x86_64")
NOT_OF_A_ROOM = shutil.ignore_patterns("__pycache__", "*centre*", "mosquitto", "wiring.svg")
UNUSED = ("bin", "__pycache__", "setuptools", "pkg_resources", "_distutils_hack", "gpiozerocli")
"""Commands, and what only colorzero's list of needs names: no room imports any of it."""
LEVEL = 15
_HASHES = re.compile(r"( \\\n)?\s+--hash=\S+")


@dataclass(frozen=True, slots=True)
class Kind:
    """For which Pythons and machines."""

    pythons: tuple[str, ...] = tuple(SYSTEMS)
    machines: tuple[str, ...] = MACHINES

    @property
    def abis(self) -> list[tuple[str, str]]:
        return [(python, machine) for python in self.pythons for machine in self.machines]

    @property
    def os(self) -> list[str]:
        return [SYSTEMS[python] for python in self.pythons]


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle and what is signed with it."""

    path: Path
    version: str
    custom: Mapping[str, object]


def build(checkout: Path, out: Path, built_s: int, kind: Kind = Kind(), version: str = "") -> Made:
    """Make `out/diemcau.tar.zst`. `built_s`: Unix time, a floor for rooms' clocks. `version`: another than
    pyproject.toml's, for a candidate. Raises OSError where uv fails, with what it said."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = version or str(project["version"])
    checked(version)
    about = {"v": 1, "version": version, "os": kind.os, "built_s": built_s, "schema": SCHEMA}
    with tempfile.TemporaryDirectory(dir=out) as temporary:
        work = Path(temporary)
        tree = work / "tree"
        (tree / "site").mkdir(parents=True)
        (tree / "release.json").write_text(json.dumps(about))
        shutil.copytree(checkout / "systemd", tree / "systemd", ignore=NOT_OF_A_ROOM)
        _ours(checkout, work, tree / "site" / "common")
        _libraries(checkout, work, kind, (), tree / "site")
        _libraries(checkout, work, kind, ("update",), tree / "site" / "update", without=tree / "site")
        path = out / BUNDLE
        size = pack(tree, path, built_s)
    custom = {
        "version": version,
        "os": kind.os,
        "built_s": built_s,
        "schema_back": SCHEMA,
        "unpacked_b": size,
    }
    return Made(path, version, custom)


def _ours(checkout: Path, work: Path, target: Path) -> None:
    _uv("build", "--quiet", "--wheel", "--out-dir", str(work / "wheel"), str(checkout))
    wheels = [str(one) for one in (work / "wheel").glob("*.whl")]
    _uv("pip", "install", "--quiet", "--no-deps", "--no-compile-bytecode", "--target", str(target), *wheels)


def _libraries(
    checkout: Path, work: Path, kind: Kind, extras: Sequence[str], site: Path, without: Path | None = None
) -> None:
    """Install for every ABI; what is the same for all of them once into `common`. `without`: a site whose libraries
    are there already."""
    found: dict[str, Path] = {}
    for python, machine in kind.abis:
        abi = f"cp{python.replace('.', '')}-{machine}"
        target = found[abi] = work / f"{'-'.join(('lib', *extras))}-{abi}"
        where = ("--python-version", python, "--python-platform", f"{machine}-{GLIBC}")
        pins = work / "pins.txt"
        bounds = work / "bounds.txt"
        bounds.write_text(_HASHES.sub("", (checkout / "requirements.lock").read_text(encoding="utf-8")))
        more = [word for extra in extras for word in ("--extra", extra)]
        toml = str(checkout / "pyproject.toml")
        same = ("--quiet", "--only-binary", ":all:", *where)
        _uv("pip", "compile", toml, *more, *same, "--generate-hashes", "-c", str(bounds), "-o", str(pins))
        given = ("--no-deps", "--require-hashes", "--no-compile-bytecode", "--target", str(target))
        _uv("pip", "install", *same, *given, "-r", str(pins))
    known = _names(without, *found) if without is not None else {abi: set[str]() for abi in found}
    for name in sorted({one.name for target in found.values() for one in target.iterdir()}):
        here = {abi: target / name for abi, target in found.items() if (target / name).exists()}
        here = {abi: path for abi, path in here.items() if name not in known[abi]}
        if not here or _unused(name):
            continue
        alike = len(here) == len(found) and len({_digest(path) for path in here.values()}) == 1
        if alike and not _compiled(next(iter(here.values()))):
            _move(next(iter(here.values())), site / "common" / name)
        else:
            for abi, path in here.items():
                _move(path, site / abi / name)


def _unused(name: str) -> bool:
    return name in UNUSED or name.endswith(".pth") or name.startswith("setuptools-")


def _names(site: Path, *abis: str) -> dict[str, set[str]]:
    common = {one.name for one in (site / "common").iterdir()}
    return {abi: common | {one.name for one in _listed(site / abi)} for abi in abis}


def _listed(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def _compiled(path: Path) -> bool:
    return path.suffix == ".so" or any(path.rglob("*.so*"))


def _digest(path: Path) -> str:
    """Of a whole top-level name. What pip notes of the installation differs, what is installed does not."""
    made = hashlib.sha256()
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for one in files:
        if one.is_file() and one.name not in ("RECORD", "direct_url.json", "uv_cache.json"):
            made.update(str(one.relative_to(path)).encode() + b"\0" + one.read_bytes())
    return made.hexdigest()


def pack(tree: Path, path: Path, built_s: int) -> int:
    """A tar in zstd of everything in `tree`, sorted, owned by root, of one time. Returns its bytes unpacked.
    What uv has linked out of its cache into two places becomes two files: a room takes no links."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT, dereference=True) as tar:
        for one in sorted(tree.rglob("*")):
            info = tar.gettarinfo(str(one), str(one.relative_to(tree)))
            info.mtime, info.uid, info.gid, info.uname, info.gname = built_s, 0, 0, "root", "root"
            info.mode = 0o755 if one.is_dir() or info.mode & 0o100 else 0o644
            if one.is_dir():
                tar.addfile(info)
            else:
                with open(one, "rb") as file:
                    tar.addfile(info, file)
    data = plain.getvalue()
    path.write_bytes(zstandard.ZstdCompressor(level=LEVEL, threads=-1).compress(data))
    return len(data)


def _uv(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"uv {' '.join(words[:2])}: {done.stderr.strip()[-800:]}")
