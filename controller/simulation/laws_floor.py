"""What must hold of floor and camera, looked at in the world's truth (R8, people 5.7)."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.instant import Instant
from controller.core.seating import OVERVIEW, SPEAKER, Frame, frames, noted
from controller.core.state import Outcome, State
from controller.simulation.truth import Truth, world_ms
from hardware.contract import NEVER_MS

DARK = ("not_ready", "on_battery", "bypass", "failed", "lost", "heat", "keeper_down", "hurry", "ups_unknown")
"""Why a camera may be dark or deaf."""


class FramedOrSaid:
    """R8: a seat that was given the floor has been in the picture after a while, and the overview after it, or an
    alert of that time says why not."""

    GRACE_MS = 75_000
    """The minute after which it is said, and a moment."""

    def __init__(self) -> None:
        self._seat, self._since_ms = "", 0

    def __call__(self, _before: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
        state, at_ms = outcome.state, world_ms(now, truth)
        seat = _speaks(state)
        if seat is None:
            seat = OVERVIEW if self._seat and _meets(state, now, truth) else ""
        if seat != self._seat:
            self._seat, self._since_ms = seat, at_ms
        live = (b for b in state.booked if b.ready_ms <= now.mono_ms < b.end_ms + truth.room.idle.end_grace_ms)
        meeting = next(live, None)
        kept = state.marks.get(noted(meeting.meeting.uid)) if meeting is not None else None
        shot = frames(truth.room, meeting, kept.value if kept is not None else None).get(seat)
        said = {code for code, _ in state.alerts} & _UNSEEN
        if shot is None or truth.shows(shot.preset) or said or (meeting is None and _dark(shot, truth)):
            self._since_ms = NEVER_MS  # seen, or said: what becomes of the picture then is people's
        elif at_ms - self._since_ms > self.GRACE_MS:
            yield f"{seat} has not been shown and nobody says why"
            self._since_ms = NEVER_MS


_UNSEEN = {"frame_missing", *DARK}


def _dark(shot: Frame, truth: Truth) -> bool:
    """Outside a meeting a closed room has no picture, and who holds the button there is shown to nobody."""
    load = truth.room.targets[shot.target].carrier
    return bool(load) and not truth.contact(load.removeprefix("load."))


def _speaks(state: State) -> str | None:
    mic = state.holds.get("mic")
    if "floor" not in state.holds and (mic is None or mic.value != "open"):
        return None
    kept = state.marks.get(SPEAKER)
    return str(kept.value) if kept is not None and kept.value else ""


def _meets(state: State, now: Instant, truth: Truth) -> bool:
    grace_ms = truth.room.idle.end_grace_ms
    return any(b.ready_ms <= now.mono_ms < b.end_ms + grace_ms for b in state.booked)


def nobody_far_away_moves_a_camera(_b: State, outcome: Outcome, now: Instant, truth: Truth) -> Iterator[str]:
    """People 5.7: outside a booked meeting no camera moves because the desk said so."""
    for order in outcome.orders:
        camera = order.target.startswith("camera.") and order.target.endswith((".preset", ".store"))
        by_desk = camera and outcome.state.desired[order.target].because.code == "hold.command"
        if by_desk and not _meets(outcome.state, now, truth):
            yield f"{order.target} ordered from afar outside a meeting"
