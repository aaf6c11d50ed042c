"""Who asked, and what is reported."""

from __future__ import annotations

import json

from controller.core.events import Command, Rejected
from controller.core.instant import Instant, Trust
from controller.link.arrivals import Arrival
from controller.link.ears import ASKERS, Ears
from controller.link.notices import LinkEvent
from controller.link.topics import HOME_STATUS, Topics

TOPICS = Topics("phong-1")


def ears(reports: list[LinkEvent]) -> Ears:
    return Ears(TOPICS, "boot-a", lambda: Instant(1_000, 0, Trust.NTP), reports.append)


def ask(id_: str, response: str = "desk/1", to: bytes = b"") -> Arrival:
    body = {"v": 1, "id": id_, "by": "desk", "boot": "boot-a", "until_mono_s": 5}
    return Arrival(TOPICS.of("do/check"), json.dumps(body).encode(), response=response, correlation=to)


def test_an_asker_is_remembered_and_the_last_address_counts() -> None:
    reports: list[LinkEvent] = []
    one = ears(reports)
    one.hear(ask("c1", to=b"1"))
    one.hear(ask("c1", "desk/2", b"2"))
    assert one.asker("c1") == ("desk/2", b"2")
    assert one.asker("c2") == ("", b"")
    assert [type(r) for r in reports] == [Command, Command]


def test_a_refused_command_has_an_asker_too() -> None:
    reports: list[LinkEvent] = []
    one = ears(reports)
    one.hear(Arrival(TOPICS.of("do/dance"), ask("c1").payload, response="desk/1"))
    assert reports == [Rejected("c1", "unknown_command", ("dance",), "desk", "do")]
    assert one.asker("c1")[0] == "desk/1"


def test_an_address_that_could_act_is_forgotten() -> None:
    one = ears([])
    one.hear(ask("c1"))
    one.hear(ask("c1", TOPICS.of("do/power")))
    assert one.asker("c1") == ("", b"")


def test_only_so_many_askers_are_remembered() -> None:
    one = ears([])
    for number in range(ASKERS + 1):
        one.hear(ask(f"c{number}"))
    assert one.asker("c0") == ("", b"")
    assert one.asker("c1")[0] == one.asker(f"c{ASKERS}")[0] == "desk/1"


def test_home_assistant_has_started_only_when_it_says_so_live() -> None:
    one = ears([])
    assert one.is_home(Arrival(HOME_STATUS, b"online"))
    assert not one.is_home(Arrival(HOME_STATUS, b"online", retained=True))
    assert not one.is_home(Arrival(HOME_STATUS, b"offline"))
    assert not one.is_home(Arrival("a", b"online"))
