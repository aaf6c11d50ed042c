"""Home Assistant's side of a button, as far as it can be had without it: it renders the command template in Jinja's
sandbox, with its clock as `now()`, and publishes the text as it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from jinja2.sandbox import ImmutableSandboxedEnvironment


def press(button: Mapping[str, str], at_s: float | None = None) -> bytes:
    """What it sends for the component `button` when its clock says `at_s` (Unix time; None: it is right)."""
    its = ImmutableSandboxedEnvironment()
    moment = datetime.fromtimestamp(time.time() if at_s is None else at_s, UTC)
    its.globals["now"] = lambda: moment
    return its.from_string(button["command_template"]).render(value="PRESS").encode()
