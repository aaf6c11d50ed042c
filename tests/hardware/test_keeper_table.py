"""The keeper's file: what it says comes back whole, and what is wrong is named by key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.keeper_table import Line, Table, TableError, check, dumps, loads

LINES = st.builds(
    Line,
    name=st.text(min_size=1, max_size=8),
    pin=st.integers(0, 27),
    active_high=st.booleans(),
    kind=st.sampled_from(["relay", "lamp", "buzzer"]),
    boot=st.sampled_from(["on", "off"]),
    run=st.sampled_from(["hold", "on", "off"]),
    lost=st.sampled_from(["hold", "off"]),
    stop=st.sampled_from(["hold", "on", "off"]),
    min_off_ms=st.integers(0, 10**6),
    max_on_ms=st.integers(0, 10**6),
    close_order=st.integers(0, 9),
    close_delay_ms=st.integers(0, 10**6),
    cycles_a_day=st.just(0),
    cycle_off_ms=st.integers(0, 10**6),
    chip=st.sampled_from(["", "pcf8574"]),
    port=st.just(""),
    unit=st.integers(0, 9),
    baud=st.integers(0, 10**6),
    parity=st.text(max_size=4),
    function=st.integers(0, 99),
)
TABLES = st.builds(
    Table,
    st.lists(LINES, max_size=8, unique_by=(lambda row: row.name, lambda row: row.pin)).map(tuple),
    hold_max_ms=st.integers(0, 10**8),
    start_grace_ms=st.integers(0, 10**6),
)


BOARD: dict[str, object] = {"name": "codec", "pin": 40, "port": "/dev/bus", "unit": 1}


def test_a_coil_of_a_board_may_be_taken_over_as_it_stands() -> None:
    table = loads(json.dumps({"v": 1, "lines": [BOARD | {"boot": "hold"}, BOARD | {"name": "b", "unit": 2}]}))
    assert table.lines[0] == Line("codec", 40, boot="hold", port="/dev/bus", unit=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": 0}, "1-247"),
        ({"kind": "lamp"}, "relay"),
        ({"chip": "pcf8574"}, "coil of a board"),
        ({"parity": "mark"}, "none | even | odd"),
        ({"function": 6}, "5 | 15"),
        ({"baud": 0}, "one speed"),
    ],
)
def test_a_wrong_board(change: dict[str, object], said: str) -> None:
    with pytest.raises(TableError) as error:
        loads(json.dumps({"v": 1, "lines": [BOARD | change]}))
    assert said in str(error.value)


def test_boards_of_one_port_have_one_speed_and_coils_of_their_own() -> None:
    for other, said in (({"name": "b", "pin": 1, "baud": 4800}, "one speed"), ({"name": "b"}, "place")):
        with pytest.raises(TableError) as error:
            loads(json.dumps({"v": 1, "lines": [BOARD, BOARD | other]}))
        assert said in str(error.value)


@given(TABLES)
def test_a_table_survives_its_file(table: Table) -> None:
    assert loads(dumps(table)) == table


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_table_error(data: bytes) -> None:
    try:
        loads(data)
    except TableError:
        return
    raise AssertionError("random bytes were taken for a table")


GOOD: dict[str, object] = {"name": "codec", "pin": 17}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pim": 3}, "unknown key"),
        ({"pin": "17"}, "allowed a int"),
        ({"pin": True}, "allowed a int"),
        ({"pin": -1}, ">= 0"),
        ({"pin": 28}, "0-27"),
        ({"name": ""}, "not empty"),
        ({"lost": "on"}, "hold | off"),
        ({"boot": "hold"}, "on | off"),
        ({"kind": "motor"}, "relay | lamp | buzzer"),
        ({"cycles_a_day": 2, "lost": "off"}, "power-cycled"),
        ({"cycles_a_day": 2, "cycle_off_ms": 1000}, ">= 15000"),
    ],
)
def test_a_wrong_row_names_the_key_and_what_is_allowed(change: dict[str, object], said: str) -> None:
    with pytest.raises(TableError) as error:
        loads(json.dumps({"v": 1, "lines": [GOOD | change]}))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ([], "v: must be 1"),
        ({"v": 2, "lines": []}, "v: must be 1"),
        ({"v": 1}, "lines: must be a list"),
        ({"v": 1, "lines": [GOOD] * 101}, "at most 100"),
        ({"v": 1, "lines": ["x"]}, "must have name and pin"),
        ({"v": 1, "lines": [{"name": "x"}]}, "must have name and pin"),
        ({"v": 1, "lines": [], "hold_max_h": 3}, "unknown key"),
        ({"v": 1, "lines": [GOOD, GOOD]}, "'codec' is used twice"),
        ({"v": 1, "lines": [GOOD, {"name": "fan", "pin": 17}]}, "('', 17) is used twice"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tree: object, said: str) -> None:
    with pytest.raises(TableError) as error:
        loads(json.dumps(tree))
    assert said in str(error.value)


def test_one_number_on_two_chips_is_two_lines() -> None:
    lines = (Line("codec", 5), Line("ready", 5, kind="lamp", chip="pcf8574"), Line("mic", 40, chip="big"))
    assert check(Table(lines)).of("lamp") == (lines[1],)
