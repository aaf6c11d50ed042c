"""The keeper: the small process that owns the relay lines, so that restarting the controller switches nothing.

    python -m hardware.keeper --config FILE [--state DIR] [--keep DIR] [--socket PATH] [--look PATH]
                              [--pins WAY | --mock]

FILE is the JSON of `hardware.keeper_table`. DIR of --state (default /run/diemcau-keeper, a tmpfs) holds its lock,
the levels for a restart in the same boot, and is its working directory; the socket defaults to keeper.sock in it.
`--keep` names a folder on the disk for what must be known after a reset of the Pi: lines with the boot value `last`
are then driven as they stood before it. `--look` opens a second socket that tells every true pin, now and on each
change: for tests, the demo and the technician. `--pins lgpio | gpiozero | mock`; `--mock` is the last.

Law of this file: the start. Until the relays are driven only what that needs is imported; sockets come after, and
Modbus boards, whose serial port takes its time, are loaded only where the file names one.
Exit codes: 78 file, folder or GPIO library cannot be used (nothing was switched), 75 another keeper lives,
0 after SIGTERM or SIGINT.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from hardware.keeper_table import Table, TableError, loads
from hardware.keeping import KeeperLogic
from hardware.relays import Bank, GpiozeroWires, LgpioWires, Wires, steady_factory

if TYPE_CHECKING:
    from hardware.keeper_boards import Boards

EX_TEMPFAIL, EX_CONFIG = 75, 78
BOOT_ID = "/proc/sys/kernel/random/boot_id"
LEVELS = "levels.json"
AGAIN_MS = 60_000
"""A card that took nothing is tried again after a minute: it may be well when the Pi is reset."""
_WAYS = ("lgpio", "gpiozero", "mock")


def now_ms() -> int:
    """Milliseconds since the Pi's boot: never jumps, and the same count in every process."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def log(text: str) -> None:
    """A log that cannot be written is no reason to let go of the lines."""
    try:
        sys.stderr.write(f"keeper: {text}\n")
    except OSError:
        return


class Options(NamedTuple):
    config: str = ""
    state: str = "/run/diemcau-keeper"
    keep: str = ""
    socket: str = ""
    look: str = ""
    pins: str = "lgpio"


def options(argv: list[str]) -> Options:
    """The command line (argparse would cost a tenth of the start). Raises TableError with what is wrong."""
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        key = word.removeprefix("--")
        if key == "mock":
            found["pins"] = "mock"
        elif word.startswith("--") and key in Options._fields:
            found[key] = next(words, "")
        else:
            raise TableError(
                f"{word}: unknown option, allowed --mock {' '.join('--' + o for o in Options._fields)}"
            )
    chosen = Options(**found)
    if chosen.pins not in _WAYS or not chosen.config:
        raise TableError(f"--config FILE must be given, --pins be one of {' '.join(_WAYS)}")
    absolute = {key: os.path.abspath(value) for key, value in found.items() if value and key != "pins"}
    return chosen._replace(**absolute)


def read_table(path: str) -> Table:
    try:
        with open(path, "rb") as file:
            return loads(file.read())
    except (OSError, TableError) as error:
        raise TableError(f"{path}: {error}") from error


class Memory:
    """What a restart in the same boot must know, in a small file on a tmpfs; replaced whole, never half."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, LEVELS)
        self._text, self._failed = "", False
        with open(BOOT_ID, encoding="ascii") as file:
            self._boot = file.read().strip()

    def load(self) -> dict[str, object]:
        """What an earlier keeper of this boot saved; empty for a new boot, and for a file that makes no sense."""
        try:
            with open(self._path, "rb") as file:
                tree = json.loads(file.read())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log(f"{self._path} is not usable, boot values are driven: {error}")
            return {}
        same = isinstance(tree, dict) and tree.pop("boot", "") == self._boot
        return tree if same else {}

    def save(self, tree: dict[str, object]) -> None:
        """On disk when it returns, if it changed. A disk that refuses is said, and asked again each time; the lines
        are driven anyway."""
        text = json.dumps({"boot": self._boot, **tree})
        if text == self._text:
            return
        try:
            with open(self._path + ".new", "w", encoding="ascii") as file:
                file.write(text)
            os.replace(self._path + ".new", self._path)
            self._text, self._failed = text, False
        except OSError as error:
            if not self._failed:
                log(f"levels not saved, a restart would drive those of before: {error}")
            self._failed = True


class Lasting:
    """Levels on the disk, for the first life after a reset of the Pi. A thread writes, after the lines were driven:
    a dying card blocks for a minute, and nothing may wait for it."""

    def __init__(self, folder: str, clock: Callable[[], int] = now_ms) -> None:
        self._path = os.path.join(folder, LEVELS) if folder else ""
        self._clock = clock
        self._levels: dict[str, bool] | None = None
        self._writes = self._failed = False
        self._again_ms = 0

    def load(self) -> dict[str, object]:
        """Empty where nothing is known: then such lines are off."""
        if not self._path:
            return {}
        try:
            with open(self._path, "rb") as file:
                tree = json.loads(file.read())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log(f"{self._path} is not usable, lines that should stand as before are off: {error}")
            return {}
        return tree if isinstance(tree, dict) else {}

    def keep(self, levels: dict[str, bool]) -> None:
        """Have them written when they changed, or could not be; the newest are written, whatever came between."""
        again = self._failed and self._clock() >= self._again_ms
        if not self._path or (levels == self._levels and not again):
            return
        self._levels = levels
        if not self._writes:
            from threading import Thread  # not needed for the start

            self._writes = True
            Thread(target=self._write, name="levels", daemon=True).start()

    def _write(self) -> None:
        written: dict[str, bool] | None = None
        while self._more(written):
            written = self._levels
            try:
                os.makedirs(os.path.dirname(self._path), exist_ok=True)
                with open(self._path + ".new", "w", encoding="ascii") as file:
                    file.write(json.dumps(written))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(self._path + ".new", self._path)
                self._failed = False
            except OSError as error:
                if not self._failed:
                    log(f"levels for a reset of the Pi not saved: {error}")
                self._failed, self._again_ms = True, self._clock() + AGAIN_MS

    def _more(self, written: dict[str, bool] | None) -> bool:
        """Are there newer ones? Looked at again after the end was announced, so that none falls between."""
        self._writes = written is not self._levels
        if not self._writes and written is not self._levels:
            self._writes = True
        return self._writes


def wires(way: str) -> Wires:
    if way == "lgpio":
        return LgpioWires()
    if way == "gpiozero":
        return GpiozeroWires(steady_factory())
    from gpiozero.pins.mock import MockFactory

    return GpiozeroWires(MockFactory())


class Keeper:
    """The lines of this process with their logic: everything but the sockets."""

    def __init__(self, table: Table, chosen: Options) -> None:
        self.now_ms = now_ms
        self._memory = Memory(chosen.state)
        self._lasting = Lasting(chosen.keep)
        self.logic = KeeperLogic(table, now_ms(), self._memory.load(), self._lasting.load())
        self.bank = Bank(wires(chosen.pins), [line for line in table.lines if not line.port])
        self.boards: Boards | None = None
        self._told: dict[str, str] = {}
        self.drive()
        if any(line.port for line in table.lines):
            from hardware.keeper_boards import Boards

            self.boards = Boards(table.lines, now_ms())
            self.drive()

    def drive(self) -> None:
        """Saved first, driven then, read back last: a death in between repeats the order, never undoes it."""
        now = now_ms()
        self._memory.save(self.logic.saved())
        levels = self.logic.levels(now)
        self.bank.apply(levels)
        if self.boards is not None:
            self.boards.want(levels, now)
        self._lasting.keep(self.logic.lasting())
        self.logic.seen(self.bank.read() | (self.boards.seen() if self.boards else {}), now)
        for note in (*self.logic.relays.notes(), *(self.boards.notes() if self.boards else ())):
            log(note)
        if self.bank.broken != self._told:
            self._told = dict(self.bank.broken)
            log("; ".join(self._told.values()) or "all lines work again")


def settle_in(folder: str) -> int:
    """Make `folder` ours: working directory, and the lock of its one keeper, which ends with the process.

    lgpio makes a pipe in its working directory: two processes in one folder would share it.
    Raises BlockingIOError when another keeper lives, OSError when the folder cannot be used."""
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    handle = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def main(argv: list[str]) -> int:
    try:
        chosen = options(argv)
        table = read_table(chosen.config)
        settle_in(chosen.state)
        keeper = Keeper(table, chosen)
    except BlockingIOError:
        log(f"another keeper owns {chosen.state}")
        return EX_TEMPFAIL
    except (TableError, ImportError, OSError) as error:
        log(str(error))
        return EX_CONFIG
    from hardware.keeper_loop import serve

    serve(keeper, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
