"""Where the programs of others are that the demo and the tests start: mosquitto, upsd, dummy-ups, systemd-analyze.

Law: standard library only, and it must run before anything is installed. First the machine's own, then what
`prepare` unpacked into `.cache/services/bin`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
UNPACKED_BIN = CACHE / "services" / "bin"

_SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# Debian's /usr/sbin/upsd is a shell wrapper that insists on MODE in nut.conf: the real one lies with the drivers.
_NUT = ("/lib/nut", "/usr/lib/nut", "/usr/libexec/nut", "/usr/local/ups/bin", "/usr/local/ups/sbin")
# Debian keeps each major version's programs apart: the newest first.
_POSTGRES = tuple(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
IN_NUT = frozenset({"upsd", "dummy-ups", "nutdrv_qx", "blazer_ser"})


def folders(name: str) -> list[str]:
    """Where `name` is looked for, best first. Sbin folders are added: a plain user's PATH lacks them."""
    path = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    unpacked = [str(UNPACKED_BIN)]
    return [*_NUT, *unpacked] if name in IN_NUT else [*path, *_SYSTEM, *_POSTGRES, *unpacked]


def find(name: str) -> Path | None:
    """The program's path, or None when this machine has it neither installed nor unpacked."""
    found = shutil.which(name, path=os.pathsep.join(folders(name)))
    return Path(found) if found else None
