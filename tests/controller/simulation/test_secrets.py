"""R15 over weeks with every fault: no password is in anything that the controller says, and a refused one is not
hammered. The broker's password and the private key are looked for in tests/process/test_secrets.py."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Iterator

import pytest

from controller.config_compile import compile_room
from controller.core.chain import Entry, line
from controller.core.instant import Instant, Trust
from controller.core.records import Priority
from controller.core.report import details, inside, summary
from controller.link import messages
from controller.simulation import story
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


def lived(live: World, days: int = DAYS) -> Iterator[str]:
    """All that it says in the days of a plan with every fault: its views every few hours, then its journal, as it
    lies on the card, goes to the centre and is told in words."""
    plan = make(days, SEEDS[live.room.codec])
    stage, told, look_ms = Stage(live, plan.acts), deque(plan.told), 0
    while live.now_ms < days * DAY_MS:
        ahead = [stage.next_ms() or days * DAY_MS, told[0][0] if told else days * DAY_MS, look_ms]
        live.run_until(min(ahead))
        while told and told[0][0] <= live.now_ms:
            live.publish(told.popleft()[1])
        stage.run_due(live.now_ms)
        if live.now_ms >= look_ms:
            look_ms += DAY_MS // 8
            yield said(live)
    for entry in live.entries:
        sent = messages.record(messages.line(entry)).decode()
        yield "\n".join((repr(entry), line(entry), sent, story.told(entry, "vi"), story.told(entry, "en")))


def said(live: World) -> str:
    """What goes to the centre, and to whoever stands at the Pi; what a crash would print of the conversations."""
    now, state, room = Instant(live.now_ms, live.now_ms, live.trust), live.state, live.room
    short, rest, stamp = summary(state, now, room), details(state, now, room), messages.Stamp(state.boot, now)
    sent = [messages.state(short, stamp), *(messages.detail(part, stamp) for part in rest.values())]
    views = json.dumps([short, rest, inside(state, room)], default=str) + b"".join(sent).decode()
    return views + repr([wire.ours for wire in live.bench.wires])


def leaks(text: str) -> bool:
    return any(secret in text for secret in (*OURS.values(), "Another-one"))


@pytest.mark.parametrize("wrong", [False, True], ids=["let in", "refused"])
@pytest.mark.parametrize("codec", list(SEEDS))
def test_no_secret_in_anything_that_is_said(codec: str, wrong: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    live = world(codec, wrong)
    texts = [*lived(live), caplog.text]
    assert len(texts) > 300
    assert [text for text in texts if leaks(text)] == []
    told = [e.subject for e in live.entries if (e.kind, dict(e.body).get("alert")) == ("alert", "login_refused")]
    assert set(told) == ({"codec", "display.display", "ups"} if wrong else set())
    lives = 1 + sum(entry.kind == "started" for entry in live.entries)
    assert len(told) <= 3 * lives  # once each, and once more after a start
    assert bool(live.bench.codec.failed_logins) is wrong
    assert live.bench.codec.failed_logins <= 12 * DAYS  # a round or two after each start of it


def test_one_that_is_said_would_be_found() -> None:
    live = world("cisco", wrong=False)
    body = (("value", OURS["codec"]),)
    live.entries.append(Entry("boot1", 1, 0, 0, Trust.NTP, "noted", "codec", body, Priority.EVIDENCE, "", ""))
    (text,) = lived(live, days=0)
    assert leaks(text)
    assert text.count(OURS["codec"]) == 5, "as it is, on the card, to the centre, and in words of two languages"


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize(("codec", "wrong"), [("polycom", False), ("cisco", True)])
def test_no_secret_is_said_in_a_year(codec: str, wrong: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    live, texts = world(codec, wrong), 0
    for text in lived(live, days=365):
        texts += 1
        assert not leaks(text)
    assert texts > 10_000
    assert not leaks(caplog.text)
