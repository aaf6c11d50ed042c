"""Debian's own kernel for a machine that qemu emulates in the long tests, and a shell to start it with.

Law: standard library only. Both are unpacked into .cache: this machine's own kernel stays what it is.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from controller.demo import binaries, debian, trees

PACKAGES = ("linux-image-cloud-amd64", "busybox-static")
FOLDER = binaries.CACHE / "kernel"


def ready() -> bool:
    return FOLDER.is_dir()


def missing() -> Iterator[tuple[str, Callable[[], None]]]:
    """Name and maker, where it is not there and could be used; the maker raises AptError."""
    if platform.machine() == "x86_64" and not ready():
        fill = partial(debian.unpack, PACKAGES, binaries.CACHE / "apt")
        yield ", ".join(PACKAGES), partial(trees.whole, FOLDER, fill)


def image() -> Path:
    return max(FOLDER.glob("boot/vmlinuz-*"))


def module(name: str) -> Path | None:
    """None = the kernel has it built in."""
    return next(iter(sorted(FOLDER.rglob(f"modules/*/kernel/**/{name}.ko*"))), None)


def busybox() -> Path:
    return next(iter(sorted(FOLDER.rglob("bin/busybox"))))
