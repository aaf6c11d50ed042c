"""A room whose meetings run on a computer, in simulated time: booted by its relay, shut down by people, never cut
while it runs, its microphone closed by a relay. The truth is the computer's, not ours."""

from __future__ import annotations

import pytest

from controller.simulation.computer import FORGOTTEN_MS, LEAVES_MS, BenchComputer
from controller.simulation.laws import all_laws
from controller.simulation.laws_computer import no_running_computer_is_cut
from controller.simulation.room import CODECS, codec_by, simulated_room
from controller.simulation.simulate import Job, simulate
from controller.simulation.tape import read_job
from hardware.sim.pc import BOOT_MS, DOWN_MS, UPDATES_MS
from tests.scenarios.kit import Scene, meeting, without


def of(scene: Scene) -> BenchComputer:
    assert isinstance(scene.bench.codec, BenchComputer)
    return scene.bench.codec


def up(live: Scene) -> bool:
    return of(live).runs(live.world.now_ms)


def scene(**more: object) -> Scene:
    """A morning with a meeting from ten to eleven."""
    return Scene(meeting(10, 11), room=simulated_room(codec="pc"), **more)  # type: ignore[arg-type]


def after(calls: int = 0, **more: object) -> Scene:
    """At the end of the meeting; of four the last is the one after which nobody shuts the computer down, until
    somebody makes their round."""
    live = scene(**more)
    of(live)._calls = calls
    live.to(9.9).do("mcu_calls").to(11).do("mcu_hangs_up")
    return live


def test_its_power_boots_it_and_a_meeting_runs_on_it() -> None:
    live = scene().to(9.2)
    assert (up(live), live.ready) == (True, True)
    assert live.fact("codec.answers") == (True, "good")
    live.to(9.9).do("mcu_calls").wait(60)
    assert live.world.in_call()
    assert live.world.numbers() == ()


def test_its_microphone_is_closed_by_the_relay_and_opened_by_the_hand_on_the_button() -> None:
    live = scene().to(9.9).do("mcu_calls").to(10.2)
    assert not live.world.mic_open()
    live.do("press", "talk", 3_500).wait(20)
    assert live.world.mic_open(), "on spoken invitation"


def test_it_is_cut_after_people_have_shut_it_down() -> None:
    live = after()
    live.wait(LEAVES_MS / 1000 + DOWN_MS / 1000 + 60)
    assert not up(live)
    live.to(12.5)
    assert "codec" not in live.closed
    assert of(live).pc.hard_cuts == 0
    assert live.alerted("computer_on") == 0


def test_one_that_is_left_running_stays_on_and_people_are_asked() -> None:
    live = after(calls=3).to(22)
    assert up(live)
    assert "codec" in live.closed
    assert "computer_on" in live.alerts
    live.to(11 + FORGOTTEN_MS / 3_600_000 + 1)
    assert "codec" not in live.closed, "somebody has shut it down at last"
    assert (of(live).pc.hard_cuts, live.alerts & {"computer_on"}) == (0, set())


def test_updates_at_the_end_are_waited_for() -> None:
    live = after()
    live.do("codec_update", 0)
    live.wait((LEAVES_MS + UPDATES_MS) / 1000 - 60)
    assert up(live)
    live.to(13)
    assert ("codec" in live.closed, of(live).pc.hard_cuts) == (False, 0)


def test_one_that_hangs_is_held_down_by_a_person_and_never_cut() -> None:
    live = scene().to(9.9).do("mcu_calls").to(10.5).do("codec_hang", 0)
    assert not live.world.in_call()
    live.to(10.7)
    assert up(live)
    live.to(12.5)
    assert (up(live), of(live).pc.hard_cuts) == (False, 0)


def test_a_firewall_that_drops_everything_is_no_computer_that_is_down() -> None:
    """Its socket draws, and the meter says so."""
    live = after(calls=3)
    of(live).faults.deaf = True
    live.to(22)
    assert live.fact("codec.answers") == (False, "good")
    assert (up(live), "codec" in live.closed, of(live).pc.hard_cuts) == (True, True, 0)


def test_without_its_rule_it_is_cut_and_the_law_finds_it() -> None:
    assert of(after(calls=3, rules=without("computer")).to(22)).pc.hard_cuts == 1
    lives = simulate(Job(4, SEED, (), codec="pc"), rules=without("computer"), stop_at_violation=True)
    assert "cut while its computer runs" in " ".join(lives.report.violations)
    assert no_running_computer_is_cut in all_laws()


SEED = 41
"""Four days with a meeting on the second."""


def test_some_seeds_have_one_and_those_of_before_play_what_they_played() -> None:
    assert [codec_by(seed) for seed in (7, 11, 22, 105, 82)] == ["cisco", "cisco", "polycom", "cisco", "polycom"]
    assert [seed for seed in range(1, 60) if codec_by(seed) == "pc"] == [17, 34, 51]


@pytest.mark.parametrize("codec", CODECS)
def test_a_journal_names_it(codec: str) -> None:
    head = f'{{"simulate":{{"days":3,"seed":5,"faults":[],"codec":"{codec}"}}}}'
    assert read_job(head).room() == simulated_room(codec=codec)


def test_it_restarts_by_itself_in_a_meeting() -> None:
    live = scene().to(9.9).do("mcu_calls").to(10.3).do("codec_reboot", 0)
    assert not of(live).answers(live.world.now_ms)
    live.wait(BOOT_MS / 1000 + 1)
    assert of(live).answers(live.world.now_ms)
    assert live.world.in_call()
