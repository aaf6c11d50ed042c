"""Debian trees that the tests boot, and the room's libraries for their Pythons: made once, then taken from .cache.

Law: standard library only, root only (others run the tests without them). What is downloaded is signed by Debian or
locked by its hash. A folder is renamed to its name when it is whole: what an interrupted run left is made again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from controller.demo import binaries
from controller.demo.debian import run

SUITES = {"bookworm": "3.11", "trixie": "3.13"}
"""Raspberry Pi OS is built on these, each with its own Python."""
FOLDER = binaries.CACHE / "trees"
PROGRAMS = ("mmdebstrap", "systemd-nspawn")
TREE_S = 1800
_PACKAGES = "systemd,systemd-sysv,dbus,udev,kmod,python3"
_UNREAD = ("man", "locale", "info")
PURE = (
    "annotated-types",
    "colorzero",
    "gpiozero",
    "icalendar",
    "paho-mqtt",
    "pydantic",
    "pyserial",
    "python-dateutil",
    "typing-extensions",
    "typing-inspection",
    "tzdata",
)
COMPILED = ("psutil", "pydantic-core")
UPDATE_PURE = ("pycparser", "securesystemslib", "tuf", "urllib3")
UPDATE_COMPILED = ("cffi", "cryptography", "zstandard")
"""The updater's alone: the controller must not be able to load them."""


def tree(suite: str) -> Path:
    return FOLDER / suite


def site(abi: str) -> Path:
    """`common`, or an ABI such as `cp313`, of this machine's kind; the updater's with `update-` before it."""
    return FOLDER / f"site-{abi}"


def _sites() -> list[tuple[str, str, Sequence[str]]]:
    """Name of a site, suite for whose Python it is, packages."""
    rows: list[tuple[str, str, Sequence[str]]] = []
    for before, pure, compiled in (("", PURE, COMPILED), ("update-", UPDATE_PURE, UPDATE_COMPILED)):
        rows.append((f"{before}common", "bookworm", pure))
        rows += [(before + abi_of(suite), suite, compiled) for suite in SUITES]
    return rows


def folders() -> list[Path]:
    """All that tests need of here."""
    return [*map(tree, SUITES), *(site(name) for name, _, _ in _sites())]


def abi_of(suite: str) -> str:
    return "cp" + SUITES[suite].replace(".", "")


def wanted() -> bool:
    """Machines are root's, and not every root may have them: one in a container may not mount."""
    if os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def missing(python: Path, lock: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Name and maker of everything that is not there or older than the lock; `python` has pip. A maker raises
    AptError with what its program said."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = lock.read_text(encoding="utf-8")
    for suite in SUITES:
        if not tree(suite).is_dir():
            yield f"Debian {suite}", partial(whole, tree(suite), partial(_debian, suite))
    for name, suite, packages in _sites():
        if not _fits(site(name), locked(text, packages)):
            yield f"wheels {name}", partial(_site, python, site(name), suite, locked(text, packages))


def _fits(folder: Path, text: str) -> bool:
    part = folder.with_suffix(".lock")
    return folder.is_dir() and part.is_file() and part.read_text(encoding="utf-8") == text


def _site(python: Path, folder: Path, suite: str, text: str) -> None:
    part = folder.with_suffix(".lock")
    shutil.rmtree(folder, ignore_errors=True)
    part.write_text(text, encoding="utf-8")
    whole(folder, partial(_pip, python, part, suite))


def whole(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fills a new folder and gives it its name when that is done."""
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    fill(new)
    new.rename(folder)


def _debian(suite: str, new: Path) -> None:
    left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _UNREAD]
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", *left_out]
    run([*words, suite, str(new)], TREE_S)


def _pip(python: Path, part: Path, suite: str, new: Path) -> None:
    words = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    words += ["--require-hashes", "--only-binary", ":all:", "--no-compile", "--target", str(new)]
    run([*words, "--python-version", SUITES[suite], "--implementation", "cp", "-r", str(part)], TREE_S)


def locked(text: str, names: Sequence[str]) -> str:
    """The lines of the lock file for these packages. Raises KeyError for one that it does not name."""
    blocks = {
        block.split("==", 1)[0]: block
        for block in re.findall(r"^[a-z0-9][^\n]*\\\n(?: +--hash=[^\n]*\n?)+", text, re.MULTILINE)
    }
    return "".join(blocks[name] for name in names)


def copy(suite: str, into: Path) -> None:
    """A tree of one's own to boot. cp keeps owners and special files, and shares blocks where the disk can."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(tree(suite)), str(into)], check=True)
