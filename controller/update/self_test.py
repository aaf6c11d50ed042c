"""Does a release live at all, before it is tried: every module of the controller and keeper can be imported by this
Python, and the room's configuration is understood. Run as the service's user; no hardware is opened.

    python3 -m controller.update.self_test /etc/diemcau/room.toml
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


def main(argv: list[str]) -> int:
    """0 = it lives."""
    for name in MODULES:
        importlib.import_module(name)
    if argv and Path(argv[0]).is_file():
        from controller import config

        try:
            config.load([Path(argv[0])])
        except config.ConfigError as error:
            sys.stderr.write(f"{error}\n")
            return 78
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
