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


def _pins(plan: Plan) -> Factory:
    """No contact is down: a loop that is closed while all is well holds its pin low against the pull-up."""
    from gpiozero.pins.mock import MockFactory, MockPin

    class ClosedLoop(MockPin):  # type: ignore[misc]
        def _change_state(self, value: bool) -> bool:
            return bool(super()._change_state(False))

    pins = MockFactory()
    for row in plan.inputs.values():
        if not row.chip and row.pull == "up" and not row.active_low:
            pins.pin(row.pin, pin_class=ClosedLoop)
    return pins


if __name__ == "__main__":
    sys.exit(live([Path(sys.argv[1])], _pins, Path(sys.argv[2])))
