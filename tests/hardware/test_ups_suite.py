"""What every UPS must do behind the contract, whatever it speaks: one suite over the far ends of NUT and Megatec.

`ups` gives a wired UPS and the hands of the world; on a bench: classes/test_device_classes.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hardware.contract import FIELDS, Conversation, Peer, Stage
from hardware.protocols.megatec import Megatec
from hardware.protocols.nut import Nut
from hardware.sim.megatec import MegatecModel, MegatecUps
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.ups import SimUps, UpsSpec
from tests.hardware.protocols.duplex import Duplex


@dataclass
class Wired:
    """A UPS on a wire, and the body behind it."""

    wire: Duplex
    body: SimUps

    def mains(self, on: bool, volts: float = 230.0) -> None:
        self.body.mains(on, self.wire.now_ms, volts)


def ends(kind: str, body: SimUps) -> tuple[Conversation, Peer]:
    if kind == "nut":
        return Nut("room", "diemcau", "secret"), Upsd(body, users={"diemcau": UpsdUser("secret")})
    if kind == "voltronic-qs":
        return Megatec(kind), MegatecUps(body, MegatecModel(reckons=True))
    return Megatec(), MegatecUps(body)


@pytest.fixture(params=["nut", "megatec", "voltronic-qs"])
def ups(request: pytest.FixtureRequest) -> Wired:
    body = SimUps(UpsSpec(capacity_wh=60.0))
    ours, far = ends(str(request.param), body)
    wired = Wired(Duplex(ours, far, "ups"), body)
    assert wired.wire.open().shows(20_000, link="ok", source="mains", model="Santak MT1000") or (
        wired.wire.last()["model"] is not None
    )
    return wired


def test_every_field_of_the_contract_is_told_in_its_kind(ups: Wired) -> None:
    last = ups.wire.last()
    assert last.keys() == FIELDS["ups"].keys()
    kinds = {"bool": bool, "int": int, "float": int | float, "str": str}
    for name, value in last.items():
        field = FIELDS["ups"][name]
        assert value is None or isinstance(value, kinds[field.kind]), name
        assert not field.words or value is None or value in field.words, name


def test_an_outage_and_the_return(ups: Wired) -> None:
    ups.mains(False)
    assert ups.wire.shows(15_000, source="battery", testing=False)
    assert ups.wire.last()["input_v"] == 0.0
    ups.mains(True)
    assert ups.wire.shows(5_000, source="mains", low=False)


def test_the_battery_is_told_low_before_it_is_empty(ups: Wired) -> None:
    full = ups.wire.last()["charge_pct"]
    ups.mains(False)
    assert ups.wire.shows(1_800_000, low=True, source="battery")
    charge = ups.wire.last()["charge_pct"]
    assert isinstance(full, float)
    assert isinstance(charge, float)
    assert charge < full
    assert ups.body.output


def test_a_self_test_is_no_outage(ups: Wired) -> None:
    ups.wire.reports.clear()
    assert ups.wire.finish("ups.test", "quick") == (Stage.DONE, "")
    assert ups.body.testing
    ups.wire.run(30_000)
    assert ups.wire.said("testing")[-2:] == [True, False]
    assert ups.wire.last()["source"] == "mains"
    told = [(r["source"], r["testing"]) for r in ups.wire.readings()]
    assert ("battery", False) not in told


def test_a_hidden_self_test_is_no_outage_either(ups: Wired) -> None:
    """Many units show OB without CAL."""
    ups.body.spec.shows_cal = False
    ups.wire.reports.clear()
    assert ups.wire.finish("ups.test", "quick") == (Stage.DONE, "")
    ups.wire.run(30_000)
    assert ("battery", False) not in [(r["source"], r["testing"]) for r in ups.wire.readings()]


def test_a_test_is_stopped(ups: Wired) -> None:
    assert ups.wire.finish("ups.test", "quick") == (Stage.DONE, "")
    assert ups.wire.finish("ups.test", "stop") == (Stage.DONE, "")
    assert not ups.body.testing
    assert ups.body.test_result == "Aborted"


def test_a_shutdown_with_return_cuts_and_comes_back_with_the_mains(ups: Wired) -> None:
    ups.mains(False)
    assert ups.wire.shows(15_000, source="battery")
    assert ups.wire.finish("ups.shutdown", "return") == (Stage.DONE, "")
    assert ups.body.output
    assert ups.wire.until(lambda: not ups.body.output, 60_000)
    assert ups.wire.until(lambda: ups.wire.last()["link"] == "stale", 60_000)
    assert ups.wire.last()["source"] is None
    ups.mains(True)
    assert ups.wire.until(lambda: ups.body.output, 300_000)
    assert ups.wire.shows(30_000, link="ok", source="mains")


def test_a_shutdown_is_taken_back(ups: Wired) -> None:
    ups.mains(False)
    assert ups.wire.shows(15_000, source="battery")
    assert ups.wire.finish("ups.shutdown", "return") == (Stage.DONE, "")
    assert ups.wire.finish("ups.shutdown", "stop") == (Stage.DONE, "")
    ups.wire.run(60_000)
    assert ups.body.output


def test_silence_is_unknown_and_never_an_outage(ups: Wired) -> None:
    ups.wire.reports.clear()
    ups.wire.carries = False
    assert ups.wire.until(lambda: ups.wire.last().get("link") in ("stale", "down"), 60_000)
    ups.wire.carries = True
    assert ups.wire.shows(30_000, link="ok", source="mains")
    assert "battery" not in ups.wire.said("source")


def test_a_port_that_goes_fails_what_was_asked(ups: Wired) -> None:
    order = ups.wire.order("ups.test", "quick")
    ups.wire.ours.closed(ups.wire.now_ms)
    assert ups.wire.until(lambda: bool(ups.wire.results(order)), 1_000)
    assert ups.wire.results(order) == [(Stage.FAILED, "closed")]
    assert (ups.wire.last()["link"], ups.wire.last()["source"]) == ("down", None)
    assert ups.wire.finish("ups.test", "quick") == (Stage.REFUSED, "closed")


@pytest.mark.parametrize(("target", "value"), [("ups.test", "deep"), ("ups.load", "off"), ("ups.shutdown", True)])
def test_what_is_no_order(ups: Wired, target: str, value: str | bool) -> None:
    assert ups.wire.finish(target, value) == (Stage.REFUSED, "unsupported")


def test_a_low_mains_is_mains(ups: Wired) -> None:
    ups.mains(True, 190.0)
    assert ups.wire.shows(30_000, source="mains", regulating=True)


def test_more_load_than_it_carries(ups: Wired) -> None:
    ups.body.load(1_000.0, ups.wire.now_ms)
    assert ups.wire.shows(30_000, overload=True)
