"""What may wait for the loop's next round, and what may not."""

from __future__ import annotations

from controller.core.room import FactSpec
from controller.runtime.quiet import WAITING, Quiet
from hardware.contract import Edge, Reading


def ups(volts: float, at_ms: int) -> Reading:
    return Reading("ups", (("input_v", volts),), at_ms)


def resting(*said: Reading) -> Quiet:
    quiet = Quiet()
    quiet.on = True
    for reading in said:
        assert quiet.sift(reading) == (reading,)
    return quiet


def test_what_was_said_before_waits_and_comes_with_the_next_round() -> None:
    quiet = resting(ups(221, 0))
    assert quiet.sift(ups(221, 10)) == ()
    assert quiet.sift(ups(221, 20)) == ()
    edge = Edge("power", True, 25)
    assert quiet.take([edge]) == [ups(221, 10), ups(221, 20), edge]
    assert quiet.take([]) == []


def test_something_new_goes_at_once_and_what_waited_of_its_source_is_not_told_after_it() -> None:
    quiet = resting(ups(221, 0))
    assert quiet.sift(ups(221, 10)) == ()
    assert quiet.sift(ups(180, 20)) == (ups(180, 20),)
    assert quiet.sift(ups(180, 30)) == ()
    assert quiet.take([ups(180, 20)]) == [ups(180, 20)]


def test_sources_are_told_apart() -> None:
    quiet = resting(ups(221, 0))
    other = Reading("host", (("input_v", 221.0),), 5)
    assert quiet.sift(other) == (other,)
    assert quiet.sift(other) == ()


def test_nothing_waits_while_something_is_on_its_way() -> None:
    quiet = resting(ups(221, 0))
    quiet.on = False
    assert quiet.sift(ups(221, 10)) == (ups(221, 10),)


def test_a_step_within_the_dead_band_waits_and_many_of_them_do_not() -> None:
    quiet = Quiet({"ups.input_v": FactSpec(dead_band=2)})
    quiet.on = True
    assert quiet.sift(ups(221, 0)) == (ups(221, 0),)
    assert quiet.sift(ups(222.5, 10)) == ()
    assert quiet.sift(ups(220, 20)) == ()
    assert quiet.sift(ups(223, 30)) == (ups(223, 30),)
    assert quiet.sift(ups(221.5, 40)) == ()


def test_only_numbers_of_the_same_fields_have_a_dead_band() -> None:
    quiet = Quiet({"ups.input_v": FactSpec(dead_band=2)})
    quiet.on = True
    for values in ((("input_v", 0),), (("input_v", True),), (("input_v", None),), (("charge_pct", None),), ()):
        reading = Reading("ups", values, 0)
        assert quiet.sift(reading) == (reading,)
        assert quiet.sift(reading) == ()


def test_only_readings_wait() -> None:
    quiet = resting()
    edge = Edge("power", True, 0)
    assert quiet.sift(edge) == (edge,)
    assert quiet.sift(edge) == (edge,)


def test_when_too_many_wait_all_go_and_none_waits_until_the_loop_has_turned() -> None:
    quiet = resting(ups(221, 0))
    waiting = [ups(221, n) for n in range(WAITING)]
    for reading in waiting:
        assert quiet.sift(reading) == ()
    last = ups(221, WAITING)
    assert quiet.sift(last) == [*waiting, last]
    assert quiet.sift(last) == (last,)
    quiet.on = True
    assert quiet.sift(last) == ()
