"""Laws of rooms whose meetings run on a computer (N9, N15, R13): its power, and what may go off in a call of it.

As in laws.py: looked at after every step, in the world's truth; a yielded line is a violation.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.book import LOCK_BEFORE_MS
from controller.core.instant import Instant
from controller.core.room import Rank
from controller.core.state import Outcome, State
from controller.core.tables import tables
from controller.simulation.truth import Truth


def no_running_computer_is_cut(_b: State, outcome: Outcome, _now: Instant, truth: Truth) -> Iterator[str]:
    """R13, people 5.6: a computer that is up loses its power to smoke and water alone (R16), whatever the rank."""
    name = tables(truth.room).codec_load
    for order in outcome.orders:
        cut = order.target == name and order.value == "off" and outcome.state.desired[name].because.rule != "R16"
        if cut and truth.computer_runs():
            yield f"{name} cut while its computer runs, by {outcome.state.desired[name].because}"


def may_unseen(rank: Rank, outcome: Outcome, now: Instant, truth: Truth) -> bool:
    """May a load go off in a call that only a computer knows of? Nobody can refuse what nobody is told (mission.md:
    in the profile `codec = pc` what needs a codec's word is not applicable), but N9 goes as far as evidence does.

    A person's hand: as long as the lock of no booked meeting refuses it; who stands there is the only witness of
    the call (people 5.5). What is dead (N15): where nobody sits to miss it, or in the lead of a booked meeting,
    which is N9's own exception. No other rank, and never the computer itself (no_running_computer_is_cut)."""
    if truth.room.pc is None or rank not in (Rank.HEAL, Rank.MANUAL):
        return False
    booked, now_ms, grace_ms = outcome.state.booked, now.mono_ms, truth.room.idle.end_grace_ms
    if rank is Rank.MANUAL:
        return not any(b.start_ms - LOCK_BEFORE_MS <= now_ms < b.end_ms + grace_ms for b in booked)
    return not truth.people() or any(b.on_by_ms <= now_ms < b.start_ms for b in booked)
