"""A whole machine that is emulated by qemu: Debian's kernel, a Debian system that is only read, and a card whose
power can go. It is started once; every life is a copy of it from before it had touched the card, ended by SIGKILL.
"""

from __future__ import annotations

import lzma
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from controller.demo import kernel, trees
from controller.demo.binaries import ROOT

DEADLINE_S = 900.0
"""A processor that is emulated, on a machine that may be busy."""
MODULES = ("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
SITES = ("common", "cp311", "update-common", "update-cp311")
_PATH = ":".join(f"/srv/{name}" for name in ("project", *SITES))
_INIT = """#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc none /proc
busybox mount -t devtmpfs none /dev
for one in {modules}; do busybox insmod /$one.ko; done
busybox mount -t ext4 -o ro,noload /dev/vda /system
busybox mount --move /proc /system/proc
busybox mount --move /dev /system/dev
busybox mount -t tmpfs none /system/tmp
export PYTHONPATH={path} PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
exec busybox chroot /system /usr/bin/python3 -s -P -m tests.systemd.power.life
"""
_FOLDER, _FILE = 0o40755, 0o100755


def initial(folder: Path) -> Path:
    """The kernel's first file system: it only finds the second."""
    files: list[tuple[str, int, bytes]] = [(name, _FOLDER, b"") for name in ("bin", "proc", "dev", "system")]
    files.append(("bin/busybox", _FILE, kernel.busybox().read_bytes()))
    found = {name: path for name in MODULES if (path := kernel.module(name)) is not None}
    for name, path in found.items():
        data = path.read_bytes()
        files.append((f"{name}.ko", _FILE, lzma.decompress(data) if path.suffix == ".xz" else data))
    files.append(("init", _FILE, _INIT.format(modules=" ".join(found), path=_PATH).encode()))
    made = folder / "initial"
    made.write_bytes(_cpio(files))
    return made


def _cpio(files: Iterable[tuple[str, int, bytes]]) -> bytes:
    """The form `newc` (the kernel's Documentation/driver-api/early-userspace/buffer-format)."""
    out = bytearray()
    for number, (name, mode, data) in enumerate([*files, ("TRAILER!!!", 0, b"")], 1):
        named = name.encode() + b"\0"
        head = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(named), 0)
        for part in (b"070701" + b"".join(b"%08X" % one for one in head) + named, data):
            out += part + b"\0" * (-len(part) % 4)
    return bytes(out)


def system(folder: Path, sources: Path) -> Path:
    """The system's disk: Debian, the room's libraries, this project and what the office has published."""
    root = folder / "system"
    trees.copy("bookworm", root)
    srv = root / "srv"
    for name in SITES:
        shutil.copytree(trees.site(name), srv / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("controller", "hardware", "tests"):
        shutil.copytree(ROOT / name, srv / "project" / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["cp", "-a", str(sources), str(srv / "sources")], check=True)
    (root / "card").mkdir()
    # Compiled here: an emulated processor would take minutes.
    env = ["env", f"PYTHONPATH={_PATH}", "LC_ALL=C.UTF-8"]
    load = "from tests.systemd.power import life; life.load()"
    subprocess.run(["chroot", str(root), *env, "/usr/bin/python3", "-s", "-P", "-c", load], check=True)
    made = image(root, folder / "system.img", 900)
    shutil.rmtree(root)
    return made


def image(root: Path, path: Path, megabytes: int) -> Path:
    """A folder as an ext4 file system, of Debian's own defaults for a card, which is larger than this one."""
    words = ["mkfs.ext4", "-q", "-F", "-b", "4096", "-d", str(root), str(path), f"{megabytes}M"]
    subprocess.run(words, check=True, capture_output=True)
    return path


class Machine:
    """`lines`: what it says, and `None` at its end; others may put lines of their own."""

    def __init__(self, folder: Path, disk: Path, card: Path) -> None:
        self._folder, self._disk, self._card = folder, disk, card
        self._first, self._copy = initial(folder), folder / "copy"
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.log: list[str] = []
        self._qemu: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Boot, until it is ready; then the copy is made."""
        monitor = self._folder / "monitor"
        self._start("-monitor", f"unix:{monitor},server=on,wait=off")
        self.until("@ready")
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(monitor))
            line.sendall(f'migrate "exec:cat > {self._copy}"\nquit\n'.encode())
            assert self._qemu is not None
            self._qemu.wait(DEADLINE_S)
        self.kill()

    def wake(self, order: str) -> None:
        """A copy goes on from where it was ready."""
        self._start("-incoming", f"exec:cat {self._copy}")
        self.until("@ready")
        assert self._qemu is not None
        assert self._qemu.stdin is not None
        self._qemu.stdin.write(f"{order}\n")
        self._qemu.stdin.flush()

    def _start(self, *more: str) -> None:
        self.lines, self.log = queue.Queue(), []
        words = [*self._words(), *more]
        # Only the newest lines are kept: of a life there are few.
        pipe = subprocess.PIPE
        self._qemu = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        threading.Thread(target=self._listen, args=(self._qemu, self.lines), daemon=True).start()

    def _words(self) -> Sequence[str]:
        # Writes go to the card at once, and the machine's own flushes with them: qemu keeps nothing back and
        # adds nothing. The machine is told of a cache, as a card has one.
        card = f"if=none,id=card,format=raw,cache=writeback,file=nbd+unix:///?socket={self._card}"
        disk = f"if=none,id=disk,format=raw,readonly=on,file={self._disk}"
        words = ["qemu-system-x86_64", "-accel", "tcg", "-m", "256", "-nodefaults", "-no-user-config"]
        words += ["-no-reboot", "-display", "none", "-serial", "stdio"]
        words += ["-kernel", str(kernel.image()), "-initrd", str(self._first)]
        # no_timer_check: a busy host gives an emulated processor too few ticks for the kernel's look at its timer.
        words += ["-append", "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check"]
        words += ["-drive", disk, "-drive", card]
        return [*words, "-device", "virtio-blk-pci,drive=disk", "-device", "virtio-blk-pci,drive=card"]

    @staticmethod
    def _listen(qemu: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        assert qemu.stdout is not None
        for line in qemu.stdout:
            lines.put(line.strip())
        lines.put(None)

    def next(self, end_s: float) -> str | None:
        """The next line; None = the machine has ended. Raises queue.Empty at `end_s`, of the monotonic clock."""
        line = self.lines.get(timeout=max(0.0, end_s - time.monotonic()))
        if line is not None:
            self.log.append(line)
        return line

    def until(self, wanted: str) -> None:
        end_s = time.monotonic() + DEADLINE_S
        while (line := self.next(end_s)) != wanted:
            assert line is not None, "\n".join(self.log)

    def kill(self) -> None:
        """As the power goes."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
            for pipe in (self._qemu.stdin, self._qemu.stdout):
                if pipe is not None:
                    pipe.close()
        self._qemu = None
