"""What people, the mains and bad luck do in the demo's room: one name for each act, the same for keys and for the
checked day.

Acts are done by one thread in the order in which they were asked, because some take a second (a broker that
starts); between them it looks after the surroundings and starts again what has died.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Collection

from controller.demo import far_ends
from controller.demo.daemon import ServiceError
from controller.demo.stage import Stage, now_ms
from controller.demo.story import Seen
from controller.demo.surroundings import Air, Battery

TURN_S = 1.0
PRESS_S, HOLD_S = 0.3, 3.3
"""A press is shorter than 1 s, a hold is counted at 3 s."""
REST_S = 0.2
"""A finger that comes back sooner is a contact that bounces."""
BUTTONS = {"power": "power", "duty": "duty", "check": "check", "help": "help", "talk": "talk_chair"}
KEY = "bypass"

Act = Callable[[], None]


class Acts:
    """`do(name)` from any thread. `on()` tells which loads are on now, by their true lines."""

    def __init__(self, stage: Stage, say: Callable[[Seen], None], on: Callable[[], Collection[str]]) -> None:
        self._stage, self._say, self._on = stage, say, on
        self._battery, self._air = Battery(), Air(phase=float(stage.wish.seed))
        self._paused = False
        self._asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="acts", daemon=True)
        self.trouble = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a paused broker goes on, so that it can end."""
        self._ends.set()
        self._asked.put("")
        if self._thread.ident is not None:
            self._thread.join()

    def do(self, name: str) -> None:
        """Ask for an act. Raises KeyError for one that does not exist."""
        if name.partition(".")[0] not in self.table():
            raise KeyError(name)
        self._asked.put(name)

    def table(self) -> dict[str, Act]:
        """Name → act. Names with `press.` and `hold.` take a button."""
        ends = self._stage.far_ends
        return {
            "press": lambda: None,
            "hold": lambda: None,
            "mains_away": lambda: self._mains(False),
            "mains_back": lambda: self._mains(True),
            "mains": lambda: self._mains(not self._battery.mains),
            "codec_hangs": ends.codec_hangs,
            "sensor": self._sensor,
            "broker": self._broker,
            "half_open": self._half_open,
            "key": self._key,
            "keeper": self._stage.restart_keeper,
            "kill": lambda: self._stage.kill(self._stage.controller),
            "mcu_calls": ends.mcu_calls,
            "mcu_hangs_up": ends.mcu_hangs_up,
            "remote_opens": lambda: ends.remote_mute(False),
            "remote_closes": lambda: ends.remote_mute(True),
            "seat": self._seat,
        }

    # ---- the thread

    def _run(self) -> None:
        due_s = 0.0
        while not self._ends.is_set():
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + TURN_S
                self._guarded(self._turn)
            with contextlib.suppress(queue.Empty):
                self._perform(self._asked.get(timeout=max(0.0, due_s - time.monotonic())))
        if self._paused:
            self._stage.broker.resume()

    def _perform(self, name: str) -> None:
        if not name:
            return
        kind, _, button = name.partition(".")
        self._say(Seen(now_ms(), "act", name, True))
        if button:
            self._touch(BUTTONS[button], HOLD_S if kind == "hold" else PRESS_S)
        else:
            self._guarded(self.table()[name])

    def _guarded(self, act: Act) -> None:
        """A service that does not come is said in the view; the demo goes on."""
        try:
            act()
            self.trouble = ""
        except (ServiceError, OSError) as error:
            self.trouble = str(error)

    def _turn(self) -> None:
        now_s, on = time.monotonic(), self._on()
        self._stage.sensors.write(*self._air.turn(now_s, on))
        self._stage.tend()
        self._stage.ups.set(**self._battery.turn(now_s, on))

    # ---- acts

    def _touch(self, name: str, for_s: float) -> None:
        self._stage.fingers.set(name, True)
        self._ends.wait(for_s)
        self._stage.fingers.set(name, False)
        self._ends.wait(REST_S)

    def _mains(self, on: bool) -> None:
        self._battery.mains = on
        self._stage.ups.set(**self._battery.turn(time.monotonic(), self._on()))

    def _sensor(self) -> None:
        self._stage.sensors.dead ^= {"room"}

    def _broker(self) -> None:
        if self._stage.broker.lives:
            self._stage.broker.stop()
        else:
            self._stage.broker.start()

    def _half_open(self) -> None:
        (self._stage.broker.resume if self._paused else self._stage.broker.pause)()
        self._paused = not self._paused

    def _key(self) -> None:
        turned = not self._stage.fingers.down(KEY)
        self._stage.fingers.set(KEY, turned)
        self._stage.far_ends.by_hand(turned)

    def _seat(self) -> None:
        if self._stage.centre is not None:
            self._stage.centre.order("seat", {"value": "recall", "preset": far_ends.CHAIR_PRESET})
