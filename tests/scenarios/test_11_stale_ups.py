"""11. Stale UPS data is believed."""

from __future__ import annotations

from hardware.contract import Reading, Report
from hardware.protocols.nut import Nut
from tests.scenarios.kit import HOUR_MS, Scene, meeting


class Gullible(Nut):
    """A driver that goes on telling the last values, as long as somebody listens at the port."""

    def __init__(self) -> None:
        super().__init__("room", "diemcau", "secret")
        self._good: Reading | None = None

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        data, reports = super().take()
        return data, tuple(self._believe(r) if isinstance(r, Reading) else r for r in reports)

    def _believe(self, reading: Reading) -> Reading:
        if dict(reading.values).get("link") == "ok":
            self._good = reading
        return reading if self._good is None else self._good._replace(at_ms=reading.at_ms)


def stale(scene: Scene, what: str) -> Scene:
    """The UPS's driver hangs or dies with "mains, 100 %" on its lips; ten minutes later the mains fail."""
    scene.to(9.1)
    assert scene.fact("ups.source") == ("mains", "good")
    return scene.do(what, 3 * HOUR_MS).wait(600).do("mains_cut", HOUR_MS).wait(300)


def test_old_figures_are_marked_and_said_and_cut_nothing() -> None:
    for what in ("ups_stale", "ups_driver"):
        scene = stale(Scene(meeting(10, 12)), what)
        for name in ("source", "charge_pct", "runtime_s"):
            assert scene.fact(f"ups.{name}")[1] != "good", name
        assert "ups_unknown" in scene.alerts
        assert scene.moves(9.1) == [], "what is not known is no reason to switch"


def test_who_believes_them_sees_mains_where_there_are_none() -> None:
    scene = Scene(meeting(10, 12))
    scene.bench.ups_wire.make = Gullible
    stale(scene, "ups_stale")
    assert not scene.bench.mains
    assert scene.fact("ups.source") == ("mains", "good")
    assert not scene.alerts & {"ups_unknown", "on_battery"}
