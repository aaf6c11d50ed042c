"""The room's phase: derived, never stored as truth; one table says which steps are allowed, and the diagram in
the README is printed from it. The last phase is kept only so that a step can be checked and written down."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.computer import PC_STARTS
from controller.core.room import Room
from controller.core.state import Desired, Proof, State
from controller.core.tables import tables
from hardware.contract import Value

PHASES: Mapping[str, tuple[str, ...]] = {
    "off": ("powering", "ready", "in_call", "closing", "bypass", "stopped", "unknown"),
    "powering": ("ready", "in_call", "closing", "off", "bypass", "stopped", "unknown"),
    "ready": ("in_call", "powering", "closing", "off", "bypass", "stopped", "unknown"),
    "in_call": ("ready", "powering", "closing", "off", "bypass", "stopped", "unknown"),
    "closing": ("off", "powering", "ready", "in_call", "bypass", "stopped", "unknown"),
    "stopped": ("off", "powering", "ready", "in_call", "closing", "bypass", "unknown"),
    "bypass": ("off", "powering", "ready", "in_call", "closing", "stopped", "unknown"),
    "unknown": ("off", "powering", "ready", "in_call", "closing", "bypass", "stopped"),
}
"""Phase → phases that may follow. `powering`: something is wanted on and not proven; `ready`: all that is
wanted is proven; `closing`: something is wanted off and still on; `stopped`: power alone (R5) keeps it off;
`unknown`: the relays cannot be read."""


def phase(state: State, room: Room) -> str:
    """The phase that this state shows."""
    known = tables(room)
    bypass = state.presses.get(known.bypass)
    if bypass is not None and bypass.down:
        return "bypass"
    rows = [(state.tracks.get(name), state.desired.get(name)) for name in known.targets]
    if all(track is None or track.seen is None for track, _ in rows):
        return "unknown"
    rows, kept = [row for row in rows if not _kept(row[1])], any(_kept(desired) for _, desired in rows)
    wanted = {desired.value for _, desired in rows if desired is not None}
    on = any(track is not None and track.seen == "on" for track, _ in rows)
    if "on" in wanted:
        settled = all(t is not None and t.proof in _SETTLED for t, d in rows if d is not None and d.value == "on")
        settled &= not _boots(state)
        return "in_call" if _in_call(state, room) else "ready" if settled else "powering"
    if on:
        return "in_call" if _in_call(state, room) else "closing" if "off" in wanted else "ready"
    if kept and _in_call(state, room):
        return "in_call"
    stopped = any(d is not None and d.because.code == "R5.stop" for _, d in rows)
    return "stopped" if stopped else "off"


KEPT = ("R2.updates", "R2.storm")
"""A codec that sleeps with power, for its update or in a storm, makes no room ready."""


def _kept(desired: Desired | None) -> bool:
    return desired is not None and desired.because.code in KEPT


def _boots(state: State) -> bool:
    """A computer that has got power and not yet shown itself."""
    kept = state.marks.get(PC_STARTS)
    return kept is not None and kept.value == "starting"


_SETTLED = (Proof.PROVEN, Proof.FAILED)


_CALL = "codec.in_call"


def _in_call(state: State, room: Room) -> Value:
    """By the codec's last word, unless it has lost its power since."""
    fact = state.facts.get(_CALL)
    power = state.tracks.get(tables(room).codec_load)
    cut = power is not None and fact is not None and (power.seen == "off" or fact.at_ms < power.off_ms)
    return fact is not None and fact.value is True and not cut


def stands(before: State, after: State, room: Room) -> bool:
    """All that the phase is read from is the same in both: most calls change none of it."""
    bypass = tables(room).bypass
    return (
        before.tracks == after.tracks
        and before.desired == after.desired
        and before.presses.get(bypass) == after.presses.get(bypass)
        and before.marks.get(PC_STARTS) == after.marks.get(PC_STARTS)
        and before.facts.get(_CALL) == after.facts.get(_CALL)
    )


def diagram() -> str:
    """The table as a Mermaid state diagram: the usual day in full, exceptional phases named once."""
    usual = ("off", "powering", "ready", "in_call", "closing")
    lines = ["stateDiagram-v2", "    [*] --> unknown"]
    lines += [f"    {a} --> {b}" for a in usual for b in PHASES[a] if b in usual]
    lines += [f"    {a} --> {b}" for a in ("stopped", "bypass", "unknown") for b in PHASES[a] if b in usual]
    lines += [f"    any --> {b}" for b in ("bypass", "stopped", "unknown")]
    return "\n".join(lines)
