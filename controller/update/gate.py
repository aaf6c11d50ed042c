"""May the room be updated now, and does what was started live? Pure, over the view that the controller shows of
itself (runtime/window.py), as the updater reads it before and after.

Before: not in use (N9), mains good, the controller itself there to be asked. After: ready, watchdog quiet, every
device that answered before answers again, no relay moved, the broker reached if it was reached before. A link that
is down is no reason to go back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds. `quiet`: so long nothing may happen. `patience`: a codec may take minutes to answer; both lie within
    the trial. `look`: between two looks."""

    quiet: float = 300.0
    patience: float = 600.0
    look: float = 5.0


USUAL = Times()
POWERED = ("keeper", "ups")
"""What answers also in a room that is off."""


@dataclass(frozen=True, slots=True)
class Health:
    """One look. `pid` 0: no controller runs. `answers`: devices that answer. `relays`: line → level as the keeper
    has them. `restarts`: systemd's count."""

    pid: int
    answers: frozenset[str]
    relays: Mapping[str, object]
    broker: bool
    restarts: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`good` None = look again. `code`, `args`: why, for the catalogue."""

    good: bool | None
    code: str = ""
    args: tuple[object, ...] = ()


def in_the_way(view: Mapping[str, object] | None) -> tuple[str, tuple[object, ...]] | None:
    """Why the room is not updated now, in the words of its own rules (rules/updating.py); None = it may be. Without
    a controller (`view` None) it may: there is nothing to disturb, and a dead one may need it."""
    told = (view or {}).get("detail")
    refused = told.get("update") if isinstance(told, Mapping) else None
    if not isinstance(refused, Mapping) or not refused.get("code"):
        return None
    args = refused.get("args")
    return str(refused["code"]), tuple(args) if isinstance(args, list | tuple) else ()


def in_use(view: Mapping[str, object] | None) -> bool:
    """Whether a restart would come into a meeting: the use lock, of all that may be in the way."""
    why = in_the_way(view)
    return why is not None and why[0].startswith("N9.")


def room_off(view: Mapping[str, object] | None) -> bool:
    """Every load but the network is off and proven so. Without a controller nobody knows."""
    state = view.get("state") if view is not None else None
    return isinstance(state, Mapping) and state.get("phase") == "off" and in_the_way(view) is None


def judge(before: Health, now: Health, since_s: float, seen: bool, times: Times) -> Verdict:
    """After `since_s` seconds of the trial. `now.restarts` counts from the trial's start, which set it to 0.
    `seen`: the new controller has been there before; what moves after that is its rules' doing."""
    late = since_s >= times.patience
    if now.restarts:
        return Verdict(False, "update.restarted", (now.restarts,))
    if not now.pid:
        return Verdict(False if late else None, "update.not_ready")
    moved = sorted(name for name, level in before.relays.items() if now.relays.get(name) != level)
    if moved and not seen:
        return Verdict(False, "update.relays", (", ".join(moved),))
    silent = sorted(before.answers - now.answers)
    if any(before.relays[name] is True for name in moved):  # the room was switched off: what has no power is silent
        silent = [name for name in silent if name in POWERED]
    if silent:
        return Verdict(False if late else None, "update.silent", (", ".join(silent),))
    if before.broker and not now.broker:
        return Verdict(False if late else None, "update.no_broker")
    return Verdict(True if since_s >= times.quiet else None, "update.watching")


def written(found: Health) -> Mapping[str, object]:
    """For the card: a trial may be judged by a later run."""
    return {**asdict(found), "answers": sorted(found.answers)}


def read(tree: Mapping[str, object]) -> Health:
    """What `written` wrote; nothing is expected where it is torn."""
    answers, relays, pid = tree.get("answers"), tree.get("relays"), tree.get("pid")
    names = frozenset(str(one) for one in answers) if isinstance(answers, list) else frozenset[str]()
    levels = relays if isinstance(relays, dict) else {}
    return Health(pid if isinstance(pid, int) else 0, names, levels, tree.get("broker") is True, 0)
