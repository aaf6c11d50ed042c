"""What a socket draws, by a meter on a bus: the figure, every way to fail, and bytes that are no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import NEVER_MS, Order, OrderId, Reading, Result, Stage
from hardware.protocols.modbus_power import Meter, ModbusPower
from hardware.sim.modbus import Bus, MeterSlave, check_bytes
from tests.hardware.protocols.bus_kit import Line


def a_line(watts: float = 38.2, cut: int = 64) -> Line:
    talk = ModbusPower(Meter())
    talk.opened(0)
    return Line(talk, Bus((MeterSlave(watts=watts),)), cut)


def watts(line: Line) -> list[object]:
    return [value for r in line.reports if isinstance(r, Reading) for _, value in r.values]


@pytest.mark.parametrize("cut", [1, 3, 64])
def test_it_is_told_as_the_computers(cut: int) -> None:
    line = a_line(cut=cut).run(1_000)
    assert [(r.source, dict(r.values)) for r in line.reports if isinstance(r, Reading)] == [
        ("codec", {"watts": 38.2})
    ]


def test_it_is_read_every_period() -> None:
    assert watts(a_line(0.0).run(31_000)) == [0.0] * 4


@pytest.mark.parametrize("fault", ["silent", "bad_crc", "other_unit"])
def test_a_fault_is_no_figure_and_ends(fault: str) -> None:
    line = a_line()
    setattr(line.bus.faults, fault, True)
    assert set(watts(line.run(9_000))) == {None}
    setattr(line.bus.faults, fault, False)
    assert watts(line.run(10_000))[-1] == 38.2


def test_an_unplugged_adaptor_is_told_once_and_waits_for_its_return() -> None:
    line = a_line().run(1_000)
    line.ours.closed(line.now_ms)  # type: ignore[attr-defined]
    assert line.ours.wake_ms == NEVER_MS
    assert watts(line.run(30_000)) == [38.2, None]
    line.ours.opened(line.now_ms)  # type: ignore[attr-defined]
    assert watts(line.run(1_000))[-1] == 38.2


def test_it_takes_no_orders() -> None:
    talk = ModbusPower(Meter())
    talk.pace(1)
    talk.ask(Order(OrderId("b", 1), "codec.watts", 1, 100), 5)
    assert talk.take()[1] == (Result(OrderId("b", 1), Stage.REFUSED, "unknown_target", 5),)


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_any_bytes_in_any_cuts_are_never_a_figure_without_a_good_check(pieces: list[bytes]) -> None:
    talk = ModbusPower(Meter())
    talk.opened(0)
    talk.tick(50)
    _, reports = talk.take()
    for n, piece in enumerate(pieces):
        talk.feed(piece, 60 + n)
        talk.tick(60 + n)
        assert talk.wake_ms > 60 + n
        reports += talk.take()[1]
    whole = b"".join(pieces)
    good = any(check_bytes(whole[i : i + 5]) == whole[i + 5 : i + 7] for i in range(len(whole) - 6))
    assert good or all(dict(r.values)["watts"] is None for r in reports if isinstance(r, Reading))
