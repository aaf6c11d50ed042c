"""What the updater reads out of the view that a room's own core makes: nothing that answers may be missed."""

from __future__ import annotations

import json
from collections.abc import Mapping

from controller.core import report
from controller.core.instant import Instant
from controller.update.gate import USUAL, Health, judge
from controller.update.system import health
from tests.controller.day import Day
from tests.controller.room_kit import MINUTE_MS, a_meeting


def view(day: Day) -> Mapping[str, object]:
    """As runtime/window.py writes it."""
    now = Instant(day.mono_ms, day.wall_ms, day.trust)
    details = {**report.details(day.state, now, day.room), **report.inside(day.state, day.room)}
    tree: Mapping[str, object] = json.loads(json.dumps({"pid": 7, "state": {}, "detail": details}))
    return tree


def test_every_device_that_answers_is_counted() -> None:
    ready = health(view(Day(6.0).calendar(a_meeting(8, 10)).to(7.3)), {"codec": True}, 0)
    assert ready.pid == 7
    assert ready.answers == {"camera.main", "codec", "keeper", "ups", "climate.room", "climate.cabinet"}
    off = health(view(Day(15).run(MINUTE_MS)), {}, 0)
    assert ready.answers - off.answers == {"camera.main", "codec"}, "what has no power owes no answer"


def test_a_room_of_which_nothing_is_known_answers_nothing() -> None:
    assert health({}, {}, 0) == Health(0, frozenset(), {}, False, 0)


def test_the_way_from_readiness_to_a_verdict() -> None:
    before = Health(7, frozenset({"codec", "keeper"}), {"codec": True}, True, 0)
    silent = Health(8, frozenset({"keeper"}), {"codec": True}, True, 0)
    assert judge(before, silent, 30, True, USUAL).good is None, "a codec takes its time"
    assert judge(before, silent, 600, True, USUAL).code == "update.silent"
    assert judge(before, before, 299, True, USUAL).good is None
    assert judge(before, before, 300, True, USUAL).good is True
    moved = Health(8, before.answers, {"codec": False}, True, 0)
    assert judge(before, moved, 1, False, USUAL).code == "update.relays"
    assert judge(before, moved, 300, True, USUAL).good is True, "what moves later is its rules' doing"
    assert judge(before, Health(0, frozenset(), {}, False, 0), 600, False, USUAL).code == "update.not_ready"
