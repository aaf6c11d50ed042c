"""N19, N15 in the core: the commands that begin and end maintenance mode and order a repair; what the mode keeps
quiet.

The mode is a hold like any other: it ends by itself, survives a restart by its wall-clock end (or ends with
it), and says who asked for it and why.
Must not: decide when it is quiet (rules/maintenance.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import drop, put, refusal
from controller.core.hours import ran
from controller.core.memory import Memory
from controller.core.records import Because, Priority, Record, Reply
from controller.core.room import Class, Rank
from controller.core.state import State
from controller.core.tables import tables
from hardware.contract import Value

HOLD = "maintenance"
QUIET = "quiet"
"""The mark: true while incidents are marked and nobody is called for them."""
APPROVED = "approved."
"""Marks of R14: what each device said of itself when it was approved."""
FRAME = "frame."
"""`frame.<camera>.<preset>`: where a preset's picture is approved."""
AXES = ("pan", "tilt", "zoom")
LOUD = frozenset({"smoke", "leak", "heat", "not_ready", "battery_short", "bypass", "closing_soon"})
"""Danger, a meeting at risk, and what is about to happen to whoever works there are told in any mode."""


def maintain(draft: Draft, event: Command) -> Reply:
    """`begin` for so many minutes with a reason; `end`. A second `begin` replaces the first: its end counts.
    `done` notes a cleaning, a maintenance or the service of a device."""
    if event.args[0] == "end":
        if HOLD not in draft.holds:
            return Reply(event.id, "refused", "not_in_maintenance")
        drop(draft, HOLD)
        return Reply(event.id, "accepted")
    if event.args[0] == "done":
        return _done(draft, event)
    reason, minutes = event.args[1], event.args[2]
    if not isinstance(minutes, int):
        return Reply(event.id, "refused", "bad_args", ("minutes",))
    because = Because("N19", "N19.maintenance", (event.by, reason))
    put(draft, HOLD, (), reason, Rank.IDLE, because, draft.now.mono_ms + minutes * 60_000)
    return Reply(event.id, "accepted")


def _done(draft: Draft, event: Command) -> Reply:
    """R17: somebody has cleaned or maintained the room, or serviced one device."""
    what = str(event.args[1])
    plain = {name for name, _ in draft.room.upkeep.every_ms} | {device.name for device in draft.room.devices}
    loads = {load.name: load for load in draft.room.loads}
    known = draft.keep(APPROVED + what, "")  # R14: what it says of itself from now on is right
    if what not in plain | set(loads) and not known:
        return Reply(event.id, "refused", "unknown_device", (what,))
    run = ran(draft.marks, loads[what]) if what in loads else {}
    draft.keep(f"done.{what}", (draft.now.wall_ms, event.by))
    draft.say("maintenance.done", what, Priority.EVIDENCE, by=event.by, **run)
    return Reply(event.id, "accepted")


def mend(draft: Draft, event: Command) -> Reply:
    """`heal NAME`: the power of one load is cycled now, its budget or not; in the use lock the refusal says why."""
    key = f"load.{event.args[0]}"
    load, track = tables(draft.room).loads.get(key), draft.old.tracks.get(key)
    why = refusal(draft, key, "off", Rank.HEAL)
    if load is None:
        return Reply(event.id, "refused", "unknown_load", event.args)
    if why is not None:
        return Reply(event.id, "refused", why.code, why.args)
    if load.cls is Class.NETWORK or not load.meeting:
        return Reply(event.id, "refused", "network_kept", event.args)
    if draft.room.pc is not None and key == tables(draft.room).codec_load:
        return Reply(event.id, "refused", "computer_kept", event.args)
    if track is None or track.seen != "on":
        return Reply(event.id, "refused", "not_on", event.args)
    if any(key in hold.targets and hold.value == "on" for hold in draft.holds.values()):
        return Reply(event.id, "refused", "held_on", event.args)
    draft.keep(f"heal.{load.name}", "cycle")
    return Reply(event.id, "accepted")


def place(*steps: Value) -> str:
    """Where a camera looks, in its own steps: `120 -30 0`; '' = it does not say."""
    known = all(isinstance(n, int) and not isinstance(n, bool) for n in steps)
    return " ".join(str(n) for n in steps) if known else ""


def outlived(draft: Draft, memory: Memory) -> None:
    """The mode ended while the controller was away: what stood open then was told to nobody."""
    hold, quiet = memory.holds.get(HOLD), memory.marks.get(QUIET)
    if hold is None or quiet is None or quiet.value is not True:
        return
    still = draft.holds.get(HOLD)
    if still is None or still.until_ms <= draft.now.mono_ms:
        for code, subject in memory.alerts:
            draft.say("alert.still", subject, Priority.INCIDENT, alert=code)


def hushed(state: State, code: str) -> bool:
    """An incident that begins now is written down and called out to nobody."""
    quiet = state.marks.get(QUIET)
    return quiet is not None and quiet.value is True and code not in LOUD


def told_now(before: State, after: State) -> Iterator[Record]:
    """The quiet ends: what began in it and still stands."""
    quiet = before.marks.get(QUIET)
    if quiet is None or quiet.value is not True or hushed(after, ""):
        return
    for key, alarm in before.alerts.items():
        if key in after.alerts and alarm.since_ms >= quiet.since_ms and alarm.code not in LOUD:
            yield Record("alert.still", alarm.subject, (("alert", alarm.code),), Priority.INCIDENT)
