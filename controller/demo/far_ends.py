"""The demo's devices: a VISCA camera and a Polycom codec on two ptys, fed by the keeper's true contacts, and what
is really so inside them.

Their truth is looked at on their own thread after every byte and every tick, so that "asleep before its contact
opened" is a matter of two stamps and of no sampling. What people do with remote controls and at the far end is
here too. The devices themselves are hardware.sim's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.demo.paper import Places
from controller.demo.story import Seen
from hardware.contract import Peer, Report
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import HOME, CameraModel, Frame
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd

Say = Callable[[Seen], None]
CODEC_BOOT_MS = (8_000, 10_000)
CAMERA = CameraModel(boot_ms=1_500, init_ms=5_000)
"""Quick models: a real codec boots 60-120 s, a real camera 30-60 s."""
CHAIR_PRESET, CHAIR_FRAME = 1, Frame(1_200, -150, 4_000)
CODEC_BAUD, CAMERA_BAUD = 115_200, 38_400
"""Not the first of the speeds that room.toml names: the room has to find them, as in a real one."""
MCU = "mcu.sogddt.example"


class Watched:
    """A far end whose truth is told whenever it changes."""

    def __init__(self, peer: Peer, truth: Callable[[int], Mapping[str, object]], say: Say) -> None:
        self._peer, self._truth, self._say = peer, truth, say
        self._told: dict[str, object] = {}

    @property
    def wake_ms(self) -> int:
        return self._peer.wake_ms

    def feed(self, data: bytes, now_ms: int) -> None:
        self._peer.feed(data, now_ms)
        self._look(now_ms)

    def tick(self, now_ms: int) -> None:
        self._peer.tick(now_ms)
        self._look(now_ms)

    def take(self) -> tuple[bytes, tuple[Report, ...]]:
        return self._peer.take()

    def _look(self, now_ms: int) -> None:
        for name, value in self._truth(now_ms).items():
            if name not in self._told or self._told[name] != value:
                self._told[name] = value
                self._say(Seen(now_ms, "truth", name, value))


class FarEnds:
    """Both devices on their ptys, dark at first."""

    def __init__(
        self,
        places: Places,
        seed: int,
        say: Say,
        clock_ms: Callable[[], int],
        boot_ms: tuple[int, int] = CODEC_BOOT_MS,
    ) -> None:
        self.codec = PolycomCodec(seed, on=False, boot_ms=boot_ms)
        self.codec.unit.autoanswer, self.codec.unit.mute_autoanswer = "yes", True
        self.camera = CameraChain((CAMERA,), seed)
        self.camera.unit(0).presets[CHAIR_PRESET] = CHAIR_FRAME
        self.camera.mains(0, False, clock_ms())
        self._codec = PtyFarEnd(Watched(self.codec, self._codec_truth, say), places.codec, clock_ms, CODEC_BAUD)
        camera = Watched(self.camera, self._camera_truth, say)
        self._camera = PtyFarEnd(camera, places.camera, clock_ms, CAMERA_BAUD)
        self._lines: dict[str, bool] = {}
        self._by_hand = False

    def start(self) -> None:
        """Plug both in. Raises OSError when the system has no pty left."""
        self._codec.start()
        self._camera.start()

    def stop(self) -> None:
        self._codec.stop()
        self._camera.stop()

    # ---- power

    def contacts(self, lines: Mapping[str, bool | None]) -> None:
        """The keeper's contacts as they stand; one that cannot be read stays as it was."""
        self._lines |= {name: on for name, on in lines.items() if on is not None}
        self._power()

    def by_hand(self, turned: bool) -> None:
        """The key BẰNG TAY feeds all outlets past the relays."""
        self._by_hand = turned
        self._power()

    def _power(self) -> None:
        codec = self._by_hand or self._lines.get("codec", False)
        camera = self._by_hand or self._lines.get("camera", False)
        self._codec.call(lambda now_ms: self.codec.mains(codec, now_ms))
        self._camera.call(lambda now_ms: self.camera.mains(0, camera, now_ms))

    # ---- truth

    def _codec_truth(self, _now_ms: int) -> Mapping[str, object]:
        unit, powered = self.codec.unit, self.codec.powered
        return {
            "codec.powered": powered,
            "codec.up": powered and self.codec.up,
            "codec.hung": self.codec.hung,
            "codec.asleep": powered and unit.asleep,
            "codec.muted": unit.muted,
            "codec.in_call": unit.calls.connected,
        }

    def _camera_truth(self, now_ms: int) -> Mapping[str, object]:
        # VISCA's Home turns the head; the zoom stays as it is.
        unit = self.camera.unit(0)
        still = not unit.head.turning(now_ms)
        frame = unit.head.frame(now_ms)
        return {
            "camera.powered": unit.powered,
            "camera.up": unit.lit(),
            "camera.home": still and frame[:2] == HOME[:2],
            "camera.chair": still and frame == CHAIR_FRAME,
        }

    # ---- people

    def mcu_calls(self) -> None:
        """The far end dials the room."""

        def ring(now_ms: int) -> None:
            self.codec.ring(MCU, now_ms, "MCU")

        self._codec.call(ring)

    def mcu_hangs_up(self) -> None:
        self._codec.call(self.codec.far_end_hangs_up)

    def remote_mute(self, muted: bool) -> None:
        """Somebody presses the mute key of the codec's remote control."""
        self._codec.call(lambda now_ms: self.codec.person_mutes(muted, now_ms))

    def codec_hangs(self) -> None:
        """It keeps its power and says nothing any more; only a power cycle cures it."""
        self._codec.call(lambda _: self.codec.hang())
