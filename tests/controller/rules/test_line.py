"""R12, R22: which part fails, when the provider is phoned, what is slow, and what says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.core.room import Room
from controller.core.room_line import Place, Spot
from controller.core.words import Alert
from controller.rules.line import BACK_MS, FINE_MS, desk_away, failing, line_cut, pace_line, phone, quality
from tests.controller.room_kit import MINUTE_MS, Sit, a_booked, a_hold, a_room, alerts, codes, marks, said, stale

PLACES = tuple(Place(s.value if s is not Spot.TARGET else "dns", s) for s in Spot)
T, F, N = True, False, None


def room(**changes: Any) -> Room:
    return a_room(line=replace(a_room().line, **{"places": PLACES, **changes}))


ROOM = room()


def line(gateway: Any = T, provider: Any = T, dns: Any = T, far: Any = T, **more: Any) -> dict[str, Any]:
    """Reach of the four places; None = not measurable."""
    reach = {"gateway": gateway, "provider": provider, "dns": dns, "far": far}
    facts = {f"line.{name}.reachable": stale(None) if v is None else v for name, v in reach.items()}
    return {**facts, "link.desk": "down", **more}


def sit(*reach: Any, room: Room = ROOM, marks: dict[str, Any] | None = None, **more: Any) -> Sit:
    facts = line(*reach, **more.pop("facts", {}))
    return Sit(facts=facts, room=room, marks=marks or {}, **more)


@pytest.mark.parametrize(
    ("reach", "part"),
    [
        ((T, T, T, T), ""),
        ((F, F, F, F), "lan"),
        ((T, F, F, F), "line"),
        ((T, T, F, F), "line"),
        ((T, T, N, F), "far_end"),
        ((T, T, T, F), "far_end"),
        ((T, N, N, F), "line"),
        ((F, T, T, T), ""),  # a router that answers no echo, and carries
        ((F, N, N, N), "lan"),
        ((N, F, F, F), "line"),
        ((T, F, T, T), ""),  # the provider's hop answers no echo any more
        ((T, F, T, F), "far_end"),
        ((N, N, N, N), ""),
        ((T, N, N, N), ""),
        ((T, T, F, T), ""),
    ],
)
def test_the_part_that_fails(reach: tuple[Any, ...], part: str) -> None:
    assert failing(sit(*reach).view()) == part


@pytest.mark.parametrize("desk", ["up", "backup"])
def test_while_the_desk_is_reached_silence_is_a_filter_and_no_cut(desk: str) -> None:
    assert failing(sit(T, F, F, F, facts={"link.desk": desk}).view()) == ""
    assert failing(sit(T, T, T, F, facts={"link.desk": desk}).view()) == "far_end"


def test_a_modem_without_power_says_nothing_of_the_line() -> None:
    assert failing(sit(F, F, F, F, seen={"load.network": "off"}).view()) == ""


def test_a_room_without_probes_has_no_line() -> None:
    bare = sit(T, F, F, F, room=room(places=()))
    assert failing(bare.view()) == ""
    assert said(pace_line, bare) == ()


@pytest.mark.parametrize(
    ("more", "near"),
    [
        ({}, False),
        ({"booked": (a_booked(8.9),)}, True),
        ({"booked": (a_booked(9.1),)}, False),
        ({"facts": {"codec.in_call": True}, "seen": {"load.codec": "on"}}, True),
        ({"facts": {"link.desk": "down"}, "since_ms": MINUTE_MS}, True),
    ],
)
def test_it_is_looked_at_closely_near_meetings_in_calls_and_in_trouble(more: dict[str, Any], near: bool) -> None:
    facts = {"link.desk": "up", **more.pop("facts", {})}
    assert marks(said(pace_line, sit(facts=facts, **more)))["line.fast"] is near
    assert marks(said(pace_line, sit(T, F, F, F)))["line.fast"] is True


def test_a_cut_is_one_incident_until_it_is_back_for_a_while() -> None:
    words = said(line_cut, sit(T, F, F, F))
    assert (alerts(words), marks(words)["line.part"]) == ({"line_down"}, "line")
    back = sit(marks={"line.part": "line", "line.back": True}, since_ms=BACK_MS - 1)
    assert alerts(said(line_cut, back)) == {"line_down"}
    whole = said(line_cut, replace(back, since_ms=BACK_MS))
    assert (alerts(whole), marks(whole)["line.part"]) == (set(), "")
    assert said(line_cut, sit()) == ()


@pytest.mark.parametrize(
    ("reach", "more", "code"),
    [
        ((F, F, F, F), {}, "R12.lan"),
        ((T, F, F, F), {}, "R12.line"),
        ((N, F, F, F), {}, "R12.lan_or_line"),
        ((T, T, T, F), {}, "R12.far_end"),
        ((T, F, F, F), {"facts": {"ups.source": "battery"}}, "R12.line_on_battery"),
        ((T, F, F, F), {"room": room(ours=False)}, "R12.other_path"),
    ],
)
def test_the_cause_that_the_machine_proposes(reach: tuple[Any, ...], more: dict[str, Any], code: str) -> None:
    facts = {"ups.source": "mains", **more.pop("facts", {})}
    assert codes(said(line_cut, sit(*reach, facts=facts, **more))) == {code}


def down(minutes: float, **more: Any) -> Sit:
    marks = {"line.part": "line", **more.pop("marks", {})}
    return sit(T, F, F, F, marks=marks, since_ms=round(minutes * MINUTE_MS), **more)


def test_after_five_minutes_somebody_phones_with_provider_and_circuit_number() -> None:
    assert said(phone, down(4.9)) == ()
    words = said(phone, down(5))
    assert alerts(words) == {"phone_provider", "expect_asked"}
    (told,) = [w.because for w in words if isinstance(w, Alert) and w.code == "phone_provider"]
    assert told.args == ("Viettel Hòa Bình", "HBH-LTH-0127", "1800 8000")
    assert marks(words) == {"!line_ask": 1}


def test_the_expected_end_is_asked_for_every_half_hour_until_it_is_entered() -> None:
    assert "!line_ask" not in marks(said(phone, down(29, marks={"!line_ask": 1})))
    assert marks(said(phone, down(30, marks={"!line_ask": 1}))) == {"!line_ask": 2}
    promised = down(30, marks={"!line_ask": 1}, holds=(a_hold("expect.line_down.line", 90),))
    assert alerts(said(phone, promised)) == {"phone_provider"}
    assert marks(said(phone, sit(marks={"!line_ask": 2, "line.part": ""}))) == {"!line_ask": 0}


def test_figures_of_another_path_send_nobody_to_the_provider() -> None:
    assert said(phone, down(60, room=room(ours=False))) == ()


def test_a_desk_that_is_gone_is_not_the_provider() -> None:
    assert codes(said(desk_away, sit(since_ms=FINE_MS))) == {"N7.desk"}
    assert codes(said(desk_away, sit(T, N, N, N, since_ms=FINE_MS))) == {"N7.unclear"}
    assert said(desk_away, sit(since_ms=FINE_MS - 1)) == ()
    assert said(desk_away, sit(T, F, F, F, marks={"line.part": "line"})) == ()


def figures(name: str, loss: float = 0.0, rtt: float = 20.0, jitter: float = 1.0) -> dict[str, Any]:
    return {f"line.{name}.loss_ratio": loss, f"line.{name}.rtt_ms": rtt, f"line.{name}.jitter_ms": jitter}


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        (figures("far"), None),
        (figures("far", loss=0.0099), None),
        (figures("far", loss=0.01), "line_slow far loss"),
        (figures("far", loss=0.05), "line_bad far loss"),
        (figures("far", rtt=150), "line_slow far rtt"),
        (figures("far", rtt=300), "line_bad far rtt"),
        (figures("far", jitter=30), "line_slow far jitter"),
        (figures("far", jitter=50), "line_bad far jitter"),
        ({**figures("far", loss=0.2), **figures("provider", loss=0.06)}, "line_bad provider loss"),
        ({**figures("far", loss=0.2), **figures("gateway", loss=0.02)}, "line_bad far loss"),
    ],
)
def test_the_nearest_place_over_a_limit_is_named(facts: dict[str, Any], mark: str | None) -> None:
    words = said(quality, sit(facts=facts, marks={"line.fast": True}))
    assert marks(words).get("line.bad") == mark
    assert alerts(words) == ({mark.split(" ")[0]} if mark else set())


@pytest.mark.parametrize("kept", [{}, {"line.fast": False}, {"line.fast": True, "line.part": "line"}])
def test_three_probes_of_a_quiet_hour_and_a_cut_are_no_percentage(kept: dict[str, Any]) -> None:
    assert said(quality, sit(facts=figures("far", loss=0.5), marks=kept)) == ()


def test_a_place_that_is_silent_altogether_is_no_bad_line() -> None:
    assert said(quality, sit(T, T, T, F, facts=figures("far", loss=1.0), marks={"line.fast": True})) == ()


def test_the_minute_after_a_cut_still_counts_what_was_lost_in_it() -> None:
    kept = {"line.fast": True, "line.part": ""}
    early = sit(facts=figures("far", loss=0.5), marks=kept, since_ms=FINE_MS - 1)
    assert said(quality, early) == ()
    assert alerts(said(quality, replace(early, since_ms=FINE_MS))) == {"line_bad"}


def test_it_is_over_after_a_good_minute_and_bad_does_not_turn_into_slow_and_back() -> None:
    kept = {"line.fast": True, "line.bad": "line_bad far loss", "line.fine": True}
    assert alerts(said(quality, sit(marks=kept, since_ms=FINE_MS - 1))) == {"line_bad"}
    over = said(quality, sit(marks=kept, since_ms=FINE_MS))
    assert (alerts(over), marks(over)["line.bad"]) == (set(), "")
    better = said(quality, sit(facts=figures("far", loss=0.02), marks=kept))
    assert marks(better)["line.bad"] == "line_bad far loss"
    worse = said(quality, sit(facts=figures("far", loss=0.2), marks={**kept, "line.bad": "line_slow far rtt"}))
    assert marks(worse)["line.bad"] == "line_bad far loss"
