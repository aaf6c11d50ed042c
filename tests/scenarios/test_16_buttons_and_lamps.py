"""16. No physical buttons and LEDs; debounce that adds glitches up to a press."""

from __future__ import annotations

from controller.core.events import Command, Event
from controller.simulation.world import World
from hardware.contract import NEVER_MS, Edge
from tests.scenarios.kit import HOUR_MS, Scene


class Jumpy(World):
    """Takes every falling edge for a press."""

    def tell(self, event: Event) -> None:
        if isinstance(event, Edge) and event.down and event.input == "power":
            super().tell(Command("press", "panel", "power", ("on",), NEVER_MS // 2))
        elif not isinstance(event, Edge):
            super().tell(event)


def glitches(world: type[World] = World) -> Scene:
    """A worn contact: it closes for a few ms, two hundred times, and never for as long as a finger would."""
    scene = Scene(world=world).to(8)
    for _ in range(200):
        for down, for_s in ((True, 0.012), (False, 0.009)):
            scene.world.tell(Edge("power", down, scene.world.now_ms - scene.world.booted_ms()))
            scene.wait(for_s)
    return scene.wait(120)


def test_glitches_do_not_add_up_to_a_press() -> None:
    scene = glitches()
    assert scene.told("press") == []
    assert scene.moves() == []


def test_without_debounce_they_switch_the_room_on() -> None:
    assert glitches(Jumpy).moves() != []


def test_a_bouncing_press_is_one_press() -> None:
    scene = Scene().to(8)
    for down, for_s in ((True, 0.004), (False, 0.003), (True, 0.2), (False, 0.005), (True, 0.004), (False, 0.5)):
        scene.world.tell(Edge("power", down, scene.world.now_ms - scene.world.booted_ms()))
        scene.wait(for_s)
    assert len(scene.told("press")) == 1


def cut_off(scene: Scene) -> Scene:
    """No line, no centre, no UPS, no sensor, a wrong clock, a codec that says nothing."""
    scene.to(7.5)
    for what in ("lan_cut", "desk_away", "ups_driver", "sensor_dead", "clock_lost", "codec_deaf"):
        scene.do(what, 20 * HOUR_MS)
    return scene.to(8)


def test_one_press_starts_a_room_that_is_cut_off_from_everything() -> None:
    scene = cut_off(Scene())
    before = scene.lamps
    scene.press()
    assert [body["gesture"] for body in scene.told("press")] == ["press"]
    assert scene.lamps != before, "a lamp answers the finger"
    scene.wait(300)
    assert scene.meets <= scene.closed


def test_a_room_whose_only_switch_is_the_network_stays_dark() -> None:
    class NoPanel(World):
        def tell(self, event: Event) -> None:
            if not isinstance(event, Edge):
                super().tell(event)

    scene = cut_off(Scene(world=NoPanel)).press().wait(300)
    assert scene.closed == {"network"}
