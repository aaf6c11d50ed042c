"""The command `load NAME cycle`: off, its least time off, on again, as one order with one end.

A hold `cycle.<load>` carries it: first at *off*, then at *on*, until the load is proven on. It outranks what people
hold on, or a room that was pressed on could not be cycled; every refusal of the use lock outranks it, at the door
and after (N9). The network is cycled by the keeper alone, timed and twice a day: it comes back whoever dies.
The first reply says what will happen, the second (`done`, `failed`) what did. A computer is never cycled.
"""

from __future__ import annotations

from controller.core.draft import Draft
from controller.core.events import Command
from controller.core.hold import drop, put, refusal
from controller.core.memory import Hold
from controller.core.records import Because, Priority, Reply
from controller.core.room import Class, Rank
from controller.core.state import Proof, Track
from controller.core.tables import tables

CYCLE = "cycle."
SPARE_MS = 5 * 60_000
"""Beyond the farewell, the time off and the warm-up: a codec takes two minutes to fall asleep (R13)."""
KEEPER = ".cycle"
"""Ending of the target that the keeper carries out alone."""


def cycle(draft: Draft, event: Command) -> Reply:
    """At the door. Refused: in the use lock, for a computer, for what is not on or forced on, while one is under
    way."""
    key = f"load.{event.args[0]}"
    load, track = tables(draft.room).loads[key], draft.old.tracks.get(key)
    rank = Rank.PERSON if event.force is not None else Rank.USE_LOCK
    why = refusal(draft, key, "off", rank)
    code = ""
    if why is not None:
        return Reply(event.id, "refused", why.code, why.args)
    if draft.room.pc is not None and key == tables(draft.room).codec_load:
        code = "computer_kept"
    elif track is None or track.seen != "on":
        code = "not_on"
    elif CYCLE + load.name in draft.holds:
        code = "cycling"
    elif any(key in hold.targets and hold.value == "on" and hold.rank >= rank for hold in draft.holds.values()):
        code = "held_on"
    if code:
        return Reply(event.id, "refused", code, (load.name,))
    because = Because("hold", "hold.cycle", (event.by, event.id))
    until_ms = draft.now.mono_ms + load.min_off_ms + load.warmup_ms + SPARE_MS
    if load.cls is Class.NETWORK:
        put(draft, CYCLE + load.name, (key + KEEPER,), "cycle", rank, because, until_ms)
    else:
        put(draft, CYCLE + load.name, (key,), "off", rank, because, until_ms)
    return Reply(event.id, "accepted")


def go_on(draft: Draft) -> None:
    """Each that is under way, by what is seen of its load."""
    for hold in [hold for name, hold in draft.holds.items() if name.startswith(CYCLE)]:
        track = draft.old.tracks.get(hold.targets[0])
        if track is not None and track.want == hold.value and track.since_ms >= hold.since_ms:
            _step(draft, hold, track)
        if hold.name in draft.holds and draft.past(hold.until_ms):
            _end(draft, hold, "failed", "timeout")


def _step(draft: Draft, hold: Hold, track: Track) -> None:
    if track.proof is Proof.FAILED:
        _end(draft, hold, "failed", track.failed or "failed")
    elif hold.value == "off":
        load = tables(draft.room).loads[hold.targets[0]]
        if track.seen == "off" and draft.past(track.off_ms + load.min_off_ms):
            put(draft, hold.name, hold.targets, "on", Rank(hold.rank), hold.because, hold.until_ms)
    elif track.proof is Proof.PROVEN:
        _end(draft, hold, "done", "")


def _end(draft: Draft, hold: Hold, stage: str, code: str) -> None:
    """Said to whoever asked, and written down; a repeat of the command hears the same."""
    drop(draft, hold.name)
    id_ = str(hold.because.args[1])
    body = {"code": code} if code else {}
    draft.say("cycle", f"load.{hold.name.removeprefix(CYCLE)}", Priority.EVIDENCE, stage=stage, id=id_, **body)
    draft.replies = tuple(reply for reply in draft.replies if reply.id != id_)
    draft.answer(Reply(id_, stage, code))
