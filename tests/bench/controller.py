"""The controller as `diemcau run` starts it, but for the input pins: gpiozero's mock, which nobody presses.

    python -m tests.bench.controller ROOM_TOML ROOT

(`diemcau run --mock SOCKET` has a thread that plays the fingers, five times a second; no Pi has it.)
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from controller.cli_run import live

if TYPE_CHECKING:
    from gpiozero import Factory

    from controller.plan import Plan


def _pins(_plan: Plan) -> Factory:
    from gpiozero.pins.mock import MockFactory

    return MockFactory()


if __name__ == "__main__":
    sys.exit(live([Path(sys.argv[1])], _pins, Path(sys.argv[2])))
