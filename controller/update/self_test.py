"""Does a release live at all, before it is tried: every module of the controller and keeper can be imported by this
Python, and the room's configuration is understood. Run as the service's user; no hardware is opened.

    python3 -c ASIDE /etc/diemcau/room.toml [/etc/diemcau/keeper.json]

With the keeper's table the configuration must also leave its lines as they are.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

MODULES = (
    "controller.cli_run",
    "controller.plan_make",
    "controller.rules",
    "controller.link.client",
    "controller.runtime.station",
    "hardware.keeper",
)


NO, CONFIG, LINES = 77, 78, 79
"""How it ends for a release that does not live, for a configuration that is wrong, and for one with other relay
lines than the keeper has. Any other end is no answer: killed, too slow, no memory, never begun."""
ASIDE = f"""
import errno, runpy, sys, traceback
CARD = errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EAGAIN
try:
    runpy.run_module("controller.update.self_test", run_name="__main__", alter_sys=True)
except MemoryError:
    raise
except Exception as error:
    if isinstance(error, OSError) and error.errno in CARD:
        raise
    traceback.print_exc()
    sys.exit({NO})
"""
"""The program that the release is asked with: it answers also for one whose own test cannot be found."""


def main(argv: list[str]) -> int:
    """0 = it lives."""
    for name in MODULES:
        importlib.import_module(name)
    files = [Path(one) for one in argv]
    return _read(files[0], files[1:]) if files and files[0].is_file() else 0


def _read(room: Path, keeper: list[Path]) -> int:
    from controller import config
    from controller.config_devices import keeper_table
    from hardware.keeper_table import TableError, dumps, loads

    try:
        wanted = keeper_table(config.load([room]))
        # As it is read back, for a list comes back as a tuple.
        same = all(loads(one.read_text(encoding="utf-8")) == loads(dumps(wanted)) for one in keeper)
    except (config.ConfigError, TableError) as error:
        sys.stderr.write(f"{error}\n")
        return CONFIG
    return 0 if same else LINES


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
