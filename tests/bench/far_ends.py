"""The serial devices of the measured room, in a process of their own: what they cost is not the controller's.

    python -m tests.bench.far_ends FOLDER

Links FOLDER/tty-codec and FOLDER/tty-camera, both without power. Words on its standard input, one in a line, act
at once: `codec on`, `codec off`, `camera on`, `camera off`. Ends at the end of its input.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import Frame
from hardware.sim.polycom import PolycomCodec
from hardware.sim.pty import PtyFarEnd

USER, PASSWORD = "admin", "bench"
BOOT_MS = (1_500, 1_500)
"""A real one takes a minute; here it is the login that is wanted, again and again."""
SEATS = {0: Frame(8_000, 300, 0), 1: Frame(-8_000, -300, 0)}
"""Two pictures far apart: a recall moves for seconds."""


def main(folder: str) -> int:
    codec = PolycomCodec(1, on=False, user=USER, password=PASSWORD, boot_ms=BOOT_MS)
    camera = CameraChain(seed=1)
    camera.mains(0, False, _now_ms())
    camera.unit(0).presets.update(SEATS)
    ends = {"codec": PtyFarEnd(codec, Path(folder) / "tty-codec", _now_ms)}
    ends["camera"] = PtyFarEnd(camera, Path(folder) / "tty-camera", _now_ms)
    mains: dict[str, Callable[[bool, int], None]] = {"codec": codec.mains, "camera": partial(camera.mains, 0)}
    for end in ends.values():
        end.start()
    print("ready", flush=True)
    for line in sys.stdin:
        name, _, word = line.strip().partition(" ")
        ends[name].call(partial(mains[name], word == "on"))
    for end in ends.values():
        end.stop()
    return 0


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
