"""Rules that are wrong in one place, let loose in the simulated room: the laws find each."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.ask import Rule
from controller.core.records import Because
from controller.core.room import Rank
from controller.core.view import View
from controller.core.words import Alert, Demand, Mark, Wait, Yield
from controller.rules import RULES
from controller.rules.common import in_call
from controller.simulation import twins
from controller.simulation.simulate import Job, Rules, Run, simulate

WHY = Because("R1", "R1.meeting")
SHORT = Job(3, 41, ())
"""Three days with a meeting on the second, and no faults."""


def without(*names: str) -> Rules:
    """All rules but these."""
    assert {rule.__name__ for _, rule in RULES} >= set(names)
    return tuple((mode, rule) for mode, rule in RULES if rule.__name__ not in names)


def plus(rule: Rule, *left_out: str) -> Rules:
    return (*without(*left_out), ("", rule))


def broken(rules: Rules) -> str:
    run = simulate(SHORT, rules=rules, stop_at_violation=True)
    return " ".join(run.report.violations)


def test_a_meeting_that_nobody_powers_up_for() -> None:
    assert "nobody says why" in broken(without("power_up", "readiness"))


def test_a_rule_that_cuts_a_call() -> None:
    def cut(v: View) -> Iterator[Yield]:
        if in_call(v) is True:
            yield Demand("load.amplifier", "off", Rank.USE_LOCK, WHY)

    assert "load.amplifier off in a call" in broken(plus(cut, "use_lock"))
    assert broken(plus(cut)) == ""  # the lock alone holds it


def test_a_rule_that_holds_a_load_back_for_ever() -> None:
    def never(_v: View) -> Iterator[Yield]:
        yield Wait("load.display", "on", WHY)

    assert "load.display" in broken(plus(never))


def test_a_rule_that_changes_its_mind() -> None:
    def fickle(v: View) -> Iterator[Yield]:
        """Asks for the other value whenever it sees one."""
        turned = "open" if v.get("codec.mute") == "muted" else "muted"
        yield Demand("codec.mute", turned, Rank.MANUAL, WHY)

    assert "codec.mute: 13 orders in an hour" in broken(plus(fickle))


def test_a_clock_read_past_the_door_is_found_by_extra_wakes() -> None:
    """A deadline compared by hand is noted by nobody."""

    def forgetful(v: View) -> Iterator[Yield]:
        if v.now.mono_ms % 7_200_000 > 3_600_000:
            yield Alert("unsure", "room", WHY)

    first = simulate(SHORT, rules=plus(forgetful))
    assert any("woken more often" in said for said in twins.wakes(first, rules=plus(forgetful)))


def test_an_age_looked_at_past_the_door_is_found_without_the_fast_path() -> None:
    """The fast path refreshes an age and asks nobody."""

    def nosy(v: View) -> Iterator[Yield]:
        yield Mark("!heard", v.last_ms("ups.link"))

    first = simulate(SHORT, rules=plus(nosy))
    assert any("without the fast path" in said for said in twins.fast(first, rules=plus(nosy)))


def test_a_rule_that_starts_with_a_bang_is_found_by_restarts() -> None:
    def eager(v: View) -> Iterator[Yield]:
        if not v.up_for(60_000):
            yield Demand("load.display", "on", Rank.PERSON, WHY)

    first = simulate(SHORT, rules=plus(eager))
    said = list(twins.restart(first, rules=plus(eager), count=3))
    assert any("load display went on only because of it" in one for one in said)


def test_a_journal_that_ends_early_is_told() -> None:
    def late(v: View) -> Iterator[Yield]:
        if v.up_for(2 * 86_400_000):
            yield Mark("!late", True)

    first = simulate(SHORT)
    assert any("(ended)" in said or "late" in said for said in twins.fast(first, rules=plus(late)))


def test_a_world_whose_time_stands_still_is_no_endless_run() -> None:
    run = Run(SHORT)
    run.world.arm(run.world.add("lamp", lambda: None, lambda: run.world.now_ms))
    run.finish()
    assert run.report.violations == ["day 0.0000: time stands still: lamp is always due now"]
