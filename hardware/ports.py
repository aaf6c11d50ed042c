"""Which USB adaptor stands at each serial port that the room names, and which stand elsewhere (R14). One reading of
source `serial`; kernel files only, nothing is opened.

What must not be here: whether that is right (rules/ports.py). An adaptor without a serial number of its own (many
CH340) is told apart by maker and product only: two of them that changed places look the same here; what hangs on
them then says who it is, and it is another one.
Sources: Linux sysfs-bus-usb (idVendor, idProduct, serial); udev's /dev/serial/by-path links.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hardware.contract import Reading

BY_PATH = Path("/dev/serial/by-path")
CLASS_TTY = Path("/sys/class/tty")
PORTS_MS = 60_000
"""A person who pulls a plug is told within two minutes; a listing costs less than a tenth of a millisecond."""
FIXED = "fixed"
"""What is there and is no USB device: a port of the Pi itself."""
DEPTH = 8
"""From the tty up to its USB device there are three steps, through a hub not more."""
_CLEAN = re.compile(r"[^\w.-]", re.ASCII)


class SerialPorts:
    """`ports`: name in the room → path of its device file."""

    def __init__(
        self,
        ports: Mapping[str, str],
        clock_ms: Callable[[], int],
        by_path: Path = BY_PATH,
        class_tty: Path = CLASS_TTY,
    ) -> None:
        self._ports, self._clock_ms = dict(ports), clock_ms
        self._by_path, self._class_tty = by_path, class_tty

    def read(self) -> tuple[Reading, ...]:
        """One reading; never raises OSError."""
        at = tuple((name, self._who(path)) for name, path in self._ports.items())
        return (Reading("serial", (("at", at), ("others", tuple(self._others()))), self._clock_ms()),)

    def _others(self) -> Iterator[tuple[str, str]]:
        """Adaptors at places that the room does not name; a place has several links, its first counts."""
        seen = {os.path.realpath(path) for path in self._ports.values()}
        for link in _listed(self._by_path):
            real = os.path.realpath(link)
            who = self._who(str(link))
            if real not in seen and who not in ("", FIXED):
                seen.add(real)
                yield link.name, who

    def _who(self, path: str) -> str:
        """vendor:product:serial, `fixed`, or '' where nothing is."""
        real = os.path.realpath(path)
        if not os.path.exists(real):
            return ""
        folder = Path(os.path.realpath(self._class_tty / os.path.basename(real) / "device"))
        for place in (folder, *folder.parents)[:DEPTH]:
            vendor = _word(place / "idVendor")
            if vendor:
                return f"{vendor}:{_word(place / 'idProduct')}:{_word(place / 'serial')}"
        return FIXED


def _listed(folder: Path) -> list[Path]:
    """The links of udev; it takes the folder away with the last of them."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _word(file: Path) -> str:
    """A device's own text, cut to what a record may carry: plain characters, at most 40."""
    try:
        return _CLEAN.sub("_", file.read_text("ascii", errors="replace").strip())[:40]
    except OSError:
        return ""
