"""The line for whoever stands at the Pi: what `check` asks, what `status` says, and whom to phone; no number
and no name of a person is in a view that leaves the room."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller import config
from controller.cli_check import ANSWERS, FAULT, SILENT, complaint, note, rows_of
from controller.cli_line import told
from controller.cli_look import facts
from controller.config_model import RoomConfig
from controller.core import report
from controller.plan_make import plan_of
from tests.controller.room_kit import Sit
from tests.controller.rooms_on_paper import changed, codes

REACHED = {"reachable": True, "measurable": True, "loss_ratio": 0.013, "rtt_ms": 21.5, "jitter_ms": 3.0}


def cfg(**changes: object) -> RoomConfig:
    return config.loads(config.example()) if not changes else changed(**changes)


def lines(*alerts: str, lang: str = "en", measures: str = "line", **places: Any) -> list[str]:
    rows = {"gateway": {"reachable": None}, "provider": {"reachable": False}, "far": REACHED} | places
    view = {"line": {"state": "line", "places": rows}, "alerts": {name: {"alert": name} for name in alerts}}
    return list(told(cfg(line__measures=measures), {"detail": view}, lang))


def test_figures_silence_and_what_cannot_be_measured() -> None:
    assert lines() == [
        "Line: down",
        "  the room's router: cannot be measured",
        "  the provider's first hop: silent",
        "  the far end: loss 1.3 %, delay 21.5 ms, jitter 3 ms",
    ]


def test_in_trouble_it_says_whom_to_phone() -> None:
    assert lines("line_down", lang="vi")[-2:] == [
        "Cần gọi: nhà cung cấp Viettel Hòa Bình, mã kênh HBH-LTH-0127, số máy 1800 8000",
        "Cần gọi: cán bộ kỹ thuật Bùi Văn A, Trung tâm GDTX huyện Lạc Thủy, số máy 0912 000 000",
    ]


def test_another_path_is_named_as_such() -> None:
    assert lines(measures="mobile")[0] == "Line: down · measured by mobile network, not by the meeting's line"


def test_a_room_without_probes_says_nothing() -> None:
    assert list(told(cfg(), {"detail": {"line": {"desk": "up"}}}, "en")) == []


def test_check_shows_every_place_with_its_address() -> None:
    rows = {row.name: row for row in rows_of(cfg()) if row.source.startswith("line.")}
    assert {name: row.place for name, row in rows.items()} == {
        "gateway": "-",
        "provider": "10.60.0.1",
        "far": "10.1.0.1",
    }
    note([rows["far"]], "line.far", {**REACHED, "kind": "tcp"}, 0.2)
    assert (rows["far"].state, rows["far"].identity, rows["far"].known) == (ANSWERS, "10.1.0.1 (tcp)", True)
    note([rows["provider"]], "line.provider", {"reachable": None, "kind": "icmp"}, 0.2)
    assert rows["provider"].state == SILENT
    note([rows["gateway"]], "line.gateway", {"reachable": None, "kind": "none"}, 0.2)
    assert rows["gateway"].state == FAULT
    assert "ping_group_range" in complaint(rows["gateway"], "vi")


def test_a_running_controllers_view_is_read_as_well() -> None:
    view = {"detail": {"line": {"places": {"far": REACHED}}}}
    assert facts(view)["line.far.reachable"] is True


def test_the_prober_gets_addresses_and_ways_in_the_order_of_trust() -> None:
    places = plan_of(cfg(line__gateway="192.168.1.1")).probes
    assert [(p.name, p.address, p.kinds) for p in places] == [
        ("gateway", "192.168.1.1", ("icmp",)),
        ("provider", "10.60.0.1", ("icmp",)),
        ("far", "10.1.0.1", ("icmp", "tcp:1720")),
    ]
    assert plan_of(cfg(line=None)).probes == ()


@pytest.mark.parametrize("secret", ["0912 000 000", "Bùi Văn A", "1800 8000"])
def test_no_person_and_no_number_is_in_a_view_that_leaves_the_room(secret: str) -> None:
    sit = Sit(marks={"line.part": "line"}, alerts=("line_down", "phone_provider"))
    state, now, room = sit.state(), sit.now, sit.room
    views = [report.summary(state, now, room), report.details(state, now, room)]
    assert secret not in json.dumps(views, ensure_ascii=False, default=str)
    assert room.line.hotline == "1800 8000"


@pytest.mark.parametrize(
    ("changes", "key", "code"),
    [
        ({"line__targets": {"far": {"address": "10.0.0.9"}}}, "line.targets.far", "check.place_taken"),
        ({"rules__line": {"warn_rtt_ms": 400}}, "rules.line.warn_rtt_ms", "check.below"),
        ({"rules__line": {"redial_least_s": 90}}, "rules.line.redial_least_s", "check.below"),
        ({"line": None}, "line", "check.no_line"),
        ({"line__measures": "mobile"}, "line.measures", "check.other_path"),
        ({"rules__calls": {"who_dials": "room"}, "redial": None}, "redial.main", "check.no_redial"),
    ],
)
def test_what_an_old_hand_says_of_the_line(changes: dict[str, Any], key: str, code: str) -> None:
    assert codes(changed(**changes))[key] == code
    assert key not in codes(cfg())


@pytest.mark.parametrize(
    "address",
    ["mcu.example", "10.1.0", "256.1.1.1", "10.1.0.1/24", "fd13::1/64", "fd13:::1", "fe80::1", "::ffff:10.1.0.1"],
)
def test_an_address_is_written_out(address: str) -> None:
    with pytest.raises(config.ConfigError) as error:
        config.loads(config.example().replace('"10.60.0.1"', f'"{address}"'))
    assert "IPv4" in str(error.value)


@pytest.mark.parametrize("address", ["2001:db8::1", "fe80::1%eth0", "10.60.0.254"])
def test_both_versions_of_the_internet_protocol_are_taken(address: str) -> None:
    read = config.loads(config.example().replace('"10.60.0.1"', f'"{address}"'))
    assert address in [place.address for place in plan_of(read).probes]
