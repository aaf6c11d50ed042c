"""A Debian of a Pi's machine in a folder: its programs run by qemu's user mode, this machine stays as it is.

The interpreter is registered in a namespace of the command's own (Linux 6.7 and later), so nothing has to be
installed into the kernel of the machine and nothing stays there. No script of a package runs: what Python needs is
unpacked, that takes seconds instead of many minutes, and no service is wanted here.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from controller.demo import binaries, trees
from controller.demo.debian import run

MACHINE, PLATFORM = "aarch64", "aarch64-manylinux_2_36"
QEMU = "qemu-aarch64-static"
REGISTERED = Path("/usr/lib/binfmt.d/qemu-aarch64.conf")
"""How Debian's qemu tells the kernel which programs are its own; of the package qemu-user-static."""
_BINFMT = "/proc/sys/fs/binfmt_misc"
_OWN = ("unshare", "--user", "--map-root-user", "--mount")
_ENTER = f"""set -e
ulimit -t "$1"
shift
mount -t binfmt_misc none {_BINFMT}
cat {REGISTERED} > {_BINFMT}/register
mount -t proc none "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$@"
"""
_ENV: Mapping[str, str] = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
}
TESTING = (
    "hypothesis",
    "iniconfig",
    "packaging",
    "pluggy",
    "pygments",
    "pytest",
    "pytest-timeout",
    "sortedcontainers",
)


def why_not() -> str:
    """Why this machine cannot do it; '' = it can."""
    if platform.machine() == MACHINE:
        return "this machine is one: the other tests say the same"
    if not trees.wanted():
        return "makes a Debian tree: only as root, where it may mount"
    if not (binaries.find(QEMU) and REGISTERED.is_file() and binaries.find("mmdebstrap")):
        return "apt install qemu-user-static mmdebstrap"
    tried = subprocess.run([*_OWN, "mount", "-t", "binfmt_misc", "none", _BINFMT], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "no interpreter of one's own: Linux before 6.7, or no user namespaces"


def abi(suite: str) -> str:
    return f"{trees.abi_of(suite)}-{MACHINE}"


def tree(suite: str) -> Path:
    """The unpacked Debian, fetched at the first call. Raises AptError with what mmdebstrap said."""
    trees.FOLDER.mkdir(parents=True, exist_ok=True)
    found = trees.FOLDER / f"{suite}-arm64"
    if not found.is_dir():
        trees.whole(found, partial(_debian, suite))
    return found


def _debian(suite: str, new: Path) -> None:
    words = ["mmdebstrap", "--quiet", "--variant=extract", "--arch=arm64", "--include=python3"]
    run([*words, suite, str(new)], trees.TREE_S)
    (new / "proc").mkdir(exist_ok=True)
    for name in ("bin", "lib", "sbin"):  # from Debian 13 on a package of its own makes these, by a script
        if not (new / name).exists():
            (new / name).symlink_to(f"usr/{name}")


def libraries(suite: str, lock: Path, packages: Sequence[str], target: Path) -> None:
    """Locked wheels for that machine. Raises AptError with what uv said, KeyError for what is not locked."""
    part = target.with_suffix(".lock")
    part.write_text(trees.locked(lock.read_text(encoding="utf-8"), packages), encoding="utf-8")
    words = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    words += ["--only-binary", ":all:", "--python-version", trees.SUITES[suite], "--python-platform", PLATFORM]
    run([*words, "--target", str(target), "-r", str(part)], trees.TREE_S)


class Arm64:
    """`root`: a tree of one's own, of this suite."""

    def __init__(self, suite: str, root: Path) -> None:
        self.suite, self.root = suite, root

    def start(self, cpu_s: int, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command in the tree, with `more` in its environment. Both outputs are one. The kernel ends what
        computes for longer: on a busy machine that is later, never sooner. What only waits is ended with the test,
        at its own time; then nothing of it is left."""
        # With its first process the whole namespace of processes ends, also what qemu has started.
        enter = [*_OWN, "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, "sh", str(cpu_s), str(self.root)]
        return subprocess.run(
            [*enter, *words],
            env={**_ENV, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def tell(self, cpu_s: int, *words: str, **more: str) -> str:
        """Its output. AssertionError where it fails."""
        done = self.start(cpu_s, *words, **more)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout[-4000:]}"
        return done.stdout
