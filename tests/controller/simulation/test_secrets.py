"""R15 over weeks with every fault: no password is in anything that the controller says, and a refused one is not
hammered. The broker's password and the private key are looked for in tests/process/test_secrets.py."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Iterator

import pytest

from controller.config_compile import compile_room
from controller.core.instant import Instant
from controller.core.report import details, inside, summary
from controller.simulation.acts import Stage
from controller.simulation.plan import DAY_MS, make
from controller.simulation.room import SLEEP, slowly_asked
from controller.simulation.secrets import (
    Secrets,
)
from controller.simulation.world import World
from tests.controller.rooms_on_paper import changed

DAYS = 5
OURS = {"codec": "Geheim-c-7Qx", "display": "Geheim-d-7Qx", "ups": "Geheim-u-7Qx"}
SEEDS = {"polycom": 30, "cisco": 31}
"""With upsd: a Megatec unit has no password."""


def world(codec: str, wrong: bool) -> World:
    lamp = {"loads__display__wake": "pjlink", "loads__display__host": "10.0.0.8"}
    kind = {"codec__kind": codec, "codec__settings": {"sleep": {"path": SLEEP[codec], "restore": True}}}
    room = slowly_asked(compile_room(changed(**lamp, **kind)))
    return World(room, SEEDS[codec], secrets=Secrets(**OURS, theirs="Another-one" if wrong else ""))


def lived(live: World) -> Iterator[str]:
    """All that it says in the days of a plan with every fault: its views every few hours, then its journal."""
    plan = make(DAYS, SEEDS[live.room.codec])
    stage, told, look_ms = Stage(live, plan.acts), deque(plan.told), 0
    while live.now_ms < DAYS * DAY_MS:
        ahead = [stage.next_ms() or DAYS * DAY_MS, told[0][0] if told else DAYS * DAY_MS, look_ms]
        live.run_until(min(ahead))
        while told and told[0][0] <= live.now_ms:
            live.publish(told.popleft()[1])
        stage.run_due(live.now_ms)
        if live.now_ms >= look_ms:
            look_ms += DAY_MS // 8
            yield said(live)
    yield from (repr(entry) for entry in live.entries)


def said(live: World) -> str:
    """What goes to the centre, and to whoever stands at the Pi; what a crash would print of the conversations."""
    now, state, room = Instant(live.now_ms, live.now_ms, live.trust), live.state, live.room
    views = json.dumps([summary(state, now, room), details(state, now, room), inside(state, room)], default=str)
    return views + repr([wire.ours for wire in live.bench.wires])


@pytest.mark.parametrize("wrong", [False, True], ids=["let in", "refused"])
@pytest.mark.parametrize("codec", list(SEEDS))
def test_no_secret_in_anything_that_is_said(codec: str, wrong: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    live = world(codec, wrong)
    texts = [*lived(live), caplog.text]
    assert len(texts) > 300
    assert [text for text in texts if any(secret in text for secret in (*OURS.values(), "Another-one"))] == []
    told = [e.subject for e in live.entries if (e.kind, dict(e.body).get("alert")) == ("alert", "login_refused")]
    assert set(told) == ({"codec", "display.display", "ups"} if wrong else set())
    lives = 1 + sum(entry.kind == "started" for entry in live.entries)
    assert len(told) <= 3 * lives  # once each, and once more after a start
    assert bool(live.bench.codec.failed_logins) is wrong
    assert live.bench.codec.failed_logins <= 12 * DAYS  # a round or two after each start of it
