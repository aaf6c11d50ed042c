"""Goes through the steps of the day: which one is due, what to do for it, is it seen, is it missed.

Pure; time is an argument. Whoever drives it gives it sightings and does the acts that it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from controller.demo.steps import Day, Scene, Step
from controller.demo.story import Story


@dataclass(slots=True)
class Checker:
    """`turn` as often as something was seen or time has passed. `done`: (step, when); `missed`: the step that was
    not seen in time."""

    story: Story
    day: Day
    steps: Sequence[Step]
    done: list[tuple[Step, int]] = field(default_factory=list)
    missed: Step | None = None
    _since_ms: int = -1
    _acted: bool = False

    @property
    def over(self) -> bool:
        return self.missed is not None or len(self.done) == len(self.steps)

    @property
    def step(self) -> Step | None:
        """The step that is waited for."""
        return None if self.over else self.steps[len(self.done)]

    def turn(self, now_ms: int) -> list[str]:
        """Acts to be done now; steps that are seen are ticked off, as many as there are."""
        acts: list[str] = []
        while (step := self.step) is not None:
            if self._since_ms < 0:
                self._since_ms, self._acted = max(now_ms, self.day.begin_ms), not step.act
            if not self._acted:
                if now_ms < getattr(self.day, step.at):
                    break
                self._since_ms, self._acted = now_ms, True
                acts.append(step.act)
                break
            if step.seen(Scene(self.story, self.day, self._since_ms)):
                self.done.append((step, now_ms))
                self._since_ms = -1
                continue
            if now_ms > self.deadline_ms(step):
                self.missed = step
            break
        return acts

    def deadline_ms(self, step: Step) -> int:
        """The step's edge or its own beginning, whichever is later, and what it may take."""
        return max(int(getattr(self.day, step.by)), self._since_ms) + round(step.within_s * 1000)
