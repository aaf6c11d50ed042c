"""One cause, one incident: whatever rooms say, in whatever order, and however often it is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from controller.dashboard.incidents import (
    HOLD_MS,
    STALE_MS,
    Alert,
    Cause,
    Change,
    Open,
    Seen,
    Since,
    collapse,
    differ,
    remember,
    ripe,
    should,
)

NOW = 1_000_000_000
_codes = st.sampled_from(
    ("lost", "failed", "on_battery", "line_down", "silent", "silent_power", "dropped", "smoke")
)
_alerts = st.frozensets(st.builds(Alert, st.sampled_from([f"r{n}" for n in range(8)]), _codes), max_size=12)


def seen(n: int, *codes: str, online: bool = True, **more: object) -> Seen:
    state = {"incidents": list(codes), "meeting": {"uid": "m1"}}
    return Seen(f"r{n}", f"u{n % 3}", "VNPT" if n % 2 else "Viettel", online, state, more.get("gasp", {}), NOW)  # type: ignore[arg-type]


PLACES = {f"r{n}": seen(n) for n in range(8)}


def apply(opened: list[Open], changes: list[Change]) -> list[Open]:
    """What the database would hold afterwards."""
    found = {one.id: one for one in opened}
    for change in changes:
        if change.what == "close":
            del found[change.id]
        elif change.what == "open":
            assert change.cause is not None
            id_ = max([0, *found]) + 1
            found[id_] = Open(id_, change.cause.key, change.alerts)
        else:
            old = found[change.id]
            alerts = old.alerts | change.alerts if change.what == "join" else old.alerts - change.alerts
            found[change.id] = Open(old.id, old.key, alerts)
    return list(found.values())


@given(_alerts)
def test_every_alert_is_in_exactly_one_cause(alerts: frozenset[Alert]) -> None:
    causes = collapse(alerts, PLACES)
    assert sorted(alert for cause in causes for alert in cause.alerts) == sorted(alerts)
    assert len({cause.key for cause in causes}) == len(causes)


@given(_alerts, _alerts, _alerts)
def test_the_difference_gives_what_is_wanted_and_then_nothing(
    first: frozenset[Alert], second: frozenset[Alert], third: frozenset[Alert]
) -> None:
    opened: list[Open] = []
    for alerts in (first, second, third):
        causes = collapse(alerts, PLACES)
        opened = apply(opened, differ(opened, causes))
        assert {(one.key, one.alerts) for one in opened} == {(cause.key, cause.alerts) for cause in causes}
        assert differ(opened, causes) == []


@given(st.lists(_alerts, max_size=5))
def test_whoever_missed_some_looks_opens_the_same(looks: list[frozenset[Alert]]) -> None:
    every: list[Open] = []
    for alerts in looks:
        every = apply(every, differ(every, collapse(alerts, PLACES)))
    last = collapse(looks[-1], PLACES) if looks else frozenset()
    once = apply([], differ([], last))
    assert {(one.key, one.alerts) for one in every} == {(one.key, one.alerts) for one in once}


def causes_of(*rooms: Seen) -> dict[str, tuple[str, ...]]:
    places = {room.room: room for room in rooms}
    return {cause.key: cause.rooms for cause in collapse(should(rooms, NOW), places)}


def test_a_power_cut_of_a_commune_is_one() -> None:
    gasp = {"reason": "on_battery"}
    rooms = (seen(0, "on_battery"), seen(3, online=False, gasp=gasp), seen(6, "battery_short"), seen(1))
    assert causes_of(*rooms) == {"power@u0": ("r0", "r3", "r6")}


def test_a_line_of_a_provider_is_one_and_another_room_is_its_own() -> None:
    rooms = (
        seen(1, "line_down"),
        seen(3, online=False),
        seen(5, "line_bad"),
        seen(0, "line_down"),
        seen(2),
        seen(4),
    )
    assert causes_of(*rooms) == {"line@VNPT": ("r1", "r3", "r5"), "line:r0": ("r0",)}


def test_a_broker_that_restarts_is_one_for_all() -> None:
    rooms = tuple(seen(n, online=False) for n in range(8))
    assert causes_of(*rooms) == {"broker": tuple(f"r{n}" for n in range(8))}


def test_a_call_that_dropped_for_many_is_one() -> None:
    assert causes_of(*(seen(n, "dropped") for n in (0, 1, 2))) == {"call@m1": ("r0", "r1", "r2")}


def test_one_room_is_one_incident_for_each_kind_of_fault() -> None:
    assert causes_of(seen(1, "lost", "failed", "needs_hand", "heat"), seen(2)) == {
        "device:r1": ("r1",),
        "climate:r1": ("r1",),
    }


def test_reminders_are_no_incidents_and_silence_hides_old_words() -> None:
    assert should([seen(1, "duty_remind", "closing_soon", "mic_out_of_turn")], NOW) == frozenset()
    assert should([seen(1, "smoke", online=False)], NOW) == {Alert("r1", "silent")}
    assert should([seen(1, "smoke")], NOW + STALE_MS + 1) == {Alert("r1", "stale")}
    assert should([Seen("r9")], NOW) == frozenset()


def test_what_a_room_should_not_say_is_left_out() -> None:
    odd = Seen("r1", online=True, state={"incidents": [3, None, "lost", {"x": 1}]}, spoke_ms=NOW)
    assert should([odd], NOW) == {Alert("r1", "lost")}
    assert should([Seen("r1", online=True, state={"incidents": "lost"}, spoke_ms=NOW)], NOW) == frozenset()


def test_a_blip_is_no_incident_and_one_that_comes_back_never_left() -> None:
    lost, smoke = Alert("r1", "lost"), Alert("r1", "smoke")
    known = remember({}, {lost, smoke}, NOW)
    assert ripe(known, NOW) == {smoke}
    known = remember(known, set(), NOW + HOLD_MS // 2)
    assert known[lost] == Since(NOW, NOW)
    known = remember(known, {lost}, NOW + HOLD_MS)
    assert ripe(known, NOW + HOLD_MS) >= {lost}
    assert remember(known, set(), NOW + 2 * HOLD_MS) == {}


def test_an_open_common_incident_that_takes_over_another_is_named_in_any_order() -> None:
    common = Cause("power@u0", "power", "unit", frozenset({Alert("r0", "on_battery"), Alert("r3", "on_battery")}))
    single = Open(1, "power:r3", frozenset({Alert("r3", "on_battery")}))
    whole = Open(2, "power@u0", frozenset({Alert("r0", "on_battery")}))
    for opened in ([single, whole], [whole, single]):
        assert [change.into for change in differ(opened, [common]) if change.what == "close"] == ["power@u0"]


def test_silence_of_one_room_blames_nobody() -> None:
    (cause,) = collapse({Alert("r1", "silent")}, PLACES)
    assert cause.proposed == "unknown"
    (cause,) = collapse({Alert("r1", "line_down")}, PLACES)
    assert cause.proposed == "provider"


def test_a_single_incident_that_proves_to_be_a_common_one_says_into_what_it_went() -> None:
    one = Alert("r1", "line_down")
    opened = [Open(7, "line:r1", frozenset({one}))]
    common = Cause(
        "line@VNPT", "line", "provider", frozenset({one, Alert("r3", "line_down"), Alert("r5", "silent")})
    )
    changes = differ(opened, [common])
    assert [(change.what, change.id, change.into) for change in changes] == [
        ("close", 7, "line@VNPT"),
        ("open", 0, ""),
    ]
