"""The stages of a command: which end it, and what the room's state shows once it is carried out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

GOALS: Mapping[tuple[str, str], tuple[str, tuple[object, ...]]] = {
    ("power", "on"): ("phase", ("ready", "in_call")),
    ("power", "off"): ("phase", ("off",)),
    ("call", "dial"): ("call", (True,)),
    ("call", "accept"): ("call", (True,)),
    ("call", "hangup"): ("call", (False,)),
    ("mute", "muted"): ("mic", ("muted",)),
    ("mute", "open"): ("mic", ("open",)),
    ("floor", "grant"): ("floor", ("live",)),
}
"""By verb and value: what the state then says. Of other orders the answer is the last that is heard."""
_TOLD_LATER = frozenset({("load", "cycle")})
"""The room itself says how these ended."""


def ended(verb: str, args: Mapping[str, object], stage: str) -> bool:
    """Whether nothing more is to be waited for. A text is answered when it is on the screen: that somebody presses
    the button under it may never come."""
    what = (verb, str(args.get("value")))
    return stage != "sent" and (stage != "accepted" or (what not in GOALS and what not in _TOLD_LATER))
