"""7. The controller restarts or switches because the server is away."""

from __future__ import annotations

from controller.simulation.world import World
from tests.scenarios.kit import HOUR_MS, Scene, meeting


class Homesick(World):
    """A controller that starts again when it has no server, hoping that it helps."""

    patience_ms = 0

    def desk(self) -> None:
        super().desk()
        if self.alive and self.bench.desk() == "down" and self.now_ms > self.patience_ms:
            self.patience_ms = self.now_ms + HOUR_MS
            self.crash(2_000)


class Obedient(World):
    """A controller that lets its outputs fall with its server."""

    def desk(self) -> None:
        super().desk()
        if self.bench.desk() == "down":
            self.bench.keeper.reset(self.now_ms)
            self.power()


def away(world: type[World] = World, what: str = "desk_away") -> Scene:
    """In a meeting the centre goes away and stays away over its end and into the next day."""
    scene = Scene(meeting(10, 12), world=world).to(9.5)
    assert scene.ready
    return scene.do(what, 30 * HOUR_MS).to(11.9)


def test_a_day_without_the_centre_moves_nothing_but_what_the_calendar_wants() -> None:
    for what in ("desk_away", "line_cut"):
        scene = away(what=what)
        assert scene.moves(9.5) == []
        assert len(scene.told("started")) == 1
        assert scene.alerts & {"desk_away", "line_down"}, "it is said"
        scene.to(13)
        assert scene.closed == {"network"}, "and the room closes by itself"
        scene.press().wait(300)
        assert scene.ready, "and serves who presses"
        assert len(scene.told("started")) == 1


def test_who_restarts_or_switches_for_its_server_breaks_the_meeting() -> None:
    assert len(away(Homesick).told("started")) > 1
    assert away(Obedient).moves(9.5) != []
