"""N19 — maintenance mode: somebody works on the devices, has given a name and a reason, and it ends by itself.

While it is quiet, incidents are written down as always but marked, so that nobody is called for them. From 90
minutes before a meeting to its end it is not quiet: a meeting at risk cannot be hidden, nor can danger. What
still stands when the quiet ends is told then. The door (core/upkeep.py) takes the command.
Must not: keep a rule from acting. Nobody's hand is in a device by this alone: the HAND key is for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.upkeep import HOLD, QUIET
from controller.core.view import View
from controller.core.words import Mark, Yield
from controller.rules.common import expected


def maintenance(v: View) -> Iterator[Yield]:
    """Is it quiet now?"""
    quiet = v.hold(HOLD) is not None and not any(expected(v))
    if quiet or v.mark(QUIET):
        yield Mark(QUIET, quiet)
