"""20. Misleading status: offline shown as online, the real cause hidden, every blip an alarm, auto-recovery that
gives up silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.config_compile import compile_room
from controller.core.records import Because
from controller.core.room import Room
from controller.core.state import Proof
from controller.core.view import View
from controller.core.words import Alert, Yield
from controller.rules import RULES
from controller.simulation.room import simulated_room, slowly_asked
from controller.simulation.simulate import Rules
from controller.simulation.world import World
from tests.controller.rooms_on_paper import changed
from tests.scenarios.kit import MINUTE_MS, Scene, meeting, without

CAUSES = {
    "line_cut": ("line_down", "line"),
    "lan_cut": ("line_down", "lan"),
    "far_gone": ("line_down", "far_end"),
    "desk_away": ("desk_away", "desk"),
}


def cut(what: str, rules: Rules = RULES) -> Scene:
    return Scene(meeting(10, 12), rules=rules).to(9.1).do(what, 20 * MINUTE_MS).wait(150)


@pytest.mark.parametrize("what", CAUSES)
def test_the_stretch_that_failed_is_named_once_and_its_end_is_said(what: str) -> None:
    scene = cut(what)
    assert [(body["alert"], body["subject"]) for body in scene.told("alert")] == [CAUSES[what]]
    scene.wait(40 * 60)
    assert scene.alerts == set()
    assert scene.alerted(CAUSES[what][0]) == 1
    assert CAUSES[what] in [(body["alert"], body["subject"]) for body in scene.told("alert.end")]


@pytest.mark.parametrize(("what", "rule"), [("line_cut", "line_cut"), ("desk_away", "desk_away")])
def test_without_its_rule_the_cause_is_hidden(what: str, rule: str) -> None:
    assert CAUSES[what] not in [(b["alert"], b["subject"]) for b in cut(what, without(rule)).told("alert")]


def test_a_power_cut_is_one_alarm_and_not_one_for_every_device() -> None:
    scene = cut("mains_cut").wait(300)
    assert [body["alert"] for body in scene.told("alert")] == ["on_battery"]


class Watched(World):
    """Its UPS is asked every two seconds, as in a real room."""

    def _arm_wires(self) -> None:
        self.bench.ups_wire.ours.pace(2_000)
        super()._arm_wires()


def _projector(on_ups: bool) -> Room:
    """A room whose display tells whether it lives."""
    lamp = {"loads__display__wake": "pjlink", "loads__display__host": "10.0.0.8"}
    return slowly_asked(compile_room(changed(**lamp, loads__display__on_ups=on_ups)))


def _dark(on_ups: bool) -> Scene:
    """A power cut of twenty minutes with the display on; `on_ups`: by the paper of the room, and not in truth."""
    scene = Scene(meeting(10, 12), room=_projector(on_ups), world=Watched).to(9.1)
    scene.bench.room = _projector(on_ups=False)
    return scene.do("mains_cut", 20 * MINUTE_MS).wait(19 * 60)


def test_what_hangs_beside_the_ups_is_dark_in_a_power_cut_and_no_alarm_of_its_own() -> None:
    scene = _dark(on_ups=False)
    assert not scene.bench.projectors["display"].powered
    assert [body["alert"] for body in scene.told("alert")] == ["on_battery", "not_ready"], "the cause first"
    assert scene.moves(9.1) == [], "nobody cycles what has no power"
    scene.wait(5 * 60)
    assert scene.bench.projectors["display"].state == "on", "it is back, and nobody had to come"
    assert scene.alerts.isdisjoint({"not_ready", "failed", "lost", "needs_hand"})


def test_without_knowing_what_the_ups_feeds_each_is_an_alarm_and_its_power_is_cut() -> None:
    scene = _dark(on_ups=True)
    assert {"on_battery", "lost", "failed"} <= {body["alert"] for body in scene.told("alert")}
    assert ("display", False) in scene.moves(9.1)


def _without_carriers(room: Room) -> Room:
    """Nobody knows which device lives on which load."""
    return replace(room, targets={name: replace(spec, carrier="") for name, spec in room.targets.items()})


def _codecs_line_fails(room: Room) -> list[str]:
    """The relay of the codec follows no order any more, before the meeting."""
    scene = Scene(meeting(10, 12), room=room).to(9.1)
    scene.bench.keeper.stick("codec", False)
    scene.world.power()
    return [body["subject"] for body in scene.wait(45 * 60).told("alert") if body["alert"] in ("failed", "lost")]


def test_what_has_no_power_is_no_alarm_of_its_own() -> None:
    """One cause, one alarm: and not one more with every try to mend it."""
    room = simulated_room(codec="polycom")
    assert _codecs_line_fails(room) == ["load.codec"]
    assert len(_codecs_line_fails(_without_carriers(room))) > 1


def _every_try_is_an_alarm(v: View) -> Iterator[Yield]:
    """`devices` as it would be without a memory: what is being tried again has not failed."""
    track = v.track("load.codec")
    if track is not None and track.proof is Proof.FAILED:
        yield Alert("failed", "load.codec", Because("N4", "load.failed", ("load.codec",)))


def test_without_a_memory_each_try_is_an_alarm() -> None:
    rules = (*without("devices"), ("", _every_try_is_an_alarm))
    scene = Scene(meeting(10, 12), rules=rules).to(9.1)
    scene.bench.keeper.stick("codec", False)
    scene.world.power()
    assert scene.wait(45 * 60).alerted("failed") > 1


def _never_old(room: Room) -> Room:
    """Every word is believed for ever."""
    return replace(room, facts={name: replace(spec, max_age_ms=0) for name, spec in room.facts.items()})


def _pulled(room: Room) -> Scene:
    """The port of the codec's line is there and takes everything; nothing comes back, and nobody says so."""
    scene = Scene(meeting(10, 12), room=room).to(9.1)
    scene.bench.codec_wire.unplugged, scene.bench.codec_wire.up = True, False
    return scene.wait(45 * 60)


def test_who_has_not_been_heard_is_not_shown_as_there() -> None:
    room = simulated_room(codec="polycom")
    assert _pulled(room).fact("codec.answers") == (True, "stale")
    assert {"lost", "not_ready"} <= _pulled(room).alerts
    believed = _pulled(_never_old(room))
    assert believed.fact("codec.answers") == (True, "good"), "offline, shown as online"
    assert believed.alerts == {"port_gone"}, "its adaptor is missed, and it is shown as there"


def test_a_flicker_is_a_figure_and_no_alarm() -> None:
    scene = Scene(meeting(10, 12)).to(9.1).do("mains_flicker", 0).wait(300)
    assert scene.told("alert") == []


def _flickers(room: Room) -> Scene:
    """Six times the mains is away for three seconds, and the UPS says so each time."""
    scene = Scene(meeting(10, 12), room=room, world=Watched).to(9.1)
    for _ in range(6):
        scene.do("mains_cut", 3_000).wait(2.5)
        assert scene.fact("ups.source") == ("battery", "good")
        scene.wait(17)
    return scene.wait(200)


def test_a_flicker_that_is_seen_is_no_alarm_and_without_patience_it_is_one_each_time() -> None:
    room = simulated_room(codec="polycom")
    assert _flickers(room).told("alert") == []
    hasty = replace(room, mains=replace(room.mains, lost_ms=0, back_ms=0))
    assert _flickers(hasty).alerted("on_battery") == 6


def _dies_twice(rules: Rules) -> Scene:
    scene = Scene(meeting(10, 12), rules=rules).to(9.1)
    for _ in range(2):
        scene.bench.codec.hang()
        scene.wait(15 * 60)
    return scene


def test_a_recovery_that_gives_up_says_so_as_long_as_it_lasts() -> None:
    scene = _dies_twice(RULES)
    assert [on for name, on in scene.moves(9.1) if name == "codec"] == [False, True], "once a day, and no more"
    assert {"failed", "not_ready"} <= scene.alerts
    assert {"failed", "not_ready"} <= scene.to(11).alerts
    assert scene.fact("codec.answers") != (True, "good")


def test_without_those_who_speak_it_gives_up_silently() -> None:
    scene = _dies_twice(without("devices", "lost", "readiness"))
    assert not scene.ready
    assert scene.alerts.isdisjoint({"failed", "lost", "not_ready"})
