"""The keeper follows the controller that was kept, while its room is off: then no line of it feeds anything.

    room off → trial noted, `keeper` swapped → restart → answers the controller, no line moved → kept, or back

A keeper is never newer than the controller that a start would bring: it follows only what was kept, and each
controller was tried with the keeper that was there. A cut in between finds the trial noted: the selector runs the
old keeper again after three starts, and the next run of the updater judges.
"""

from __future__ import annotations

from contextlib import suppress

from controller.update import gate
from controller.update.gate import Times
from controller.update.memory import Memory
from controller.update.selector import Trial
from controller.update.slots import Slots
from controller.update.system import KEEPER, System

UP_S = 120.0
"""A keeper is up within a second; a controller that is just being restarted by itself may take a minute and more to
find it."""


class Turn:
    """Methods raise OSError of our own card."""

    def __init__(self, system: System, slots: Slots, memory: Memory, times: Times) -> None:
        self._system, self._slots, self._memory, self._times = system, slots, memory, times

    def follow(self) -> None:
        """One that does not come up is taken back and not tried again."""
        new = self._slots.current
        tried = new == self._slots.keeper or f"keeper {new}" in self._memory.failures()
        if tried or not gate.room_off(self._system.view()):
            return
        self._memory.keep("keeper-before.json", gate.written(self._system.health()))
        trial = self._slots.begin_keeper(new)
        try:
            self._system.restart(KEEPER)
        except OSError:
            self._back(trial)
        else:
            self._judge(trial)

    def recover(self) -> None:
        """After a cut: a trial that is noted is judged, unless it had not begun or was taken back."""
        trial = self._slots.keeper_trial
        if trial is None:
            return
        if trial.release == self._slots.keeper and trial.release in self._slots.whole:
            self._judge(trial)
        else:
            self._slots.end_keeper()

    def _judge(self, trial: Trial) -> None:
        before = gate.read(self._memory.read("keeper-before.json"))
        until_s = self._system.mono_s() + UP_S
        while not self._slots.keeper_given_up:
            now = self._system.health()
            moved = any(now.relays.get(name) != level for name, level in before.relays.items())
            if "keeper" in now.answers:
                # In a room that is no longer off, its rules have moved them.
                if self._slots.keeper_uncounted or (moved and gate.room_off(self._system.view())):
                    break
                self._slots.end_keeper()
                return
            if self._system.mono_s() >= until_s:
                break
            self._system.sleep(self._times.look)
        self._back(trial)

    def _back(self, trial: Trial) -> None:
        """First the mark, so that a cut cannot make us try it again for ever. What the selector has given up runs
        no more, and a way back that is not whole is none."""
        runs = not self._slots.keeper_given_up
        with suppress(OSError):
            self._memory.failed(f"keeper {trial.release}")
        if self._slots.keeper_back() and runs:
            with suppress(OSError):  # the controller says what is wrong with its keeper
                self._system.restart(KEEPER)
