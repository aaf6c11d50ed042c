"""What a law may ask of the devices on the bench (truth.py); the world itself knows of time, health and lives."""

from __future__ import annotations

from controller.config_pc import MUTE_NAME
from controller.simulation.bench import Bench
from controller.simulation.computer import BenchComputer


class BenchTruth:
    """`fallen`: the lines that moved when the Pi was last reset."""

    bench: Bench
    now_ms: int
    fallen: tuple[str, ...]

    def contact(self, load: str) -> bool:
        return self.bench.keeper.contact(load)

    def driven(self, load: str) -> bool:
        return self.bench.keeper.driven(load)

    def sticks(self, load: str) -> bool:
        return self.bench.keeper.sticks(load)

    def keeps(self) -> bool:
        return self.bench.keeper.keeps

    def fell(self) -> tuple[str, ...]:
        return self.fallen

    def line_part(self) -> str:
        """The stretch that is cut; '?' = nobody in the room could tell."""
        line = self.bench.line
        blind = line.filtered and self.bench.desk_away
        return (
            "?" if blind or not self.contact("network") else "" if line.carries else "line" if line.lan else "lan"
        )

    def in_call(self) -> bool:
        return self.bench.in_call()

    def numbers(self) -> tuple[str, ...]:
        """Whom the codec is connected with."""
        calls = self.bench.codec.unit.calls.table.values()
        return tuple(call.number for call in calls if call.state == "connected")

    def mic_open(self) -> bool:
        muted = self.bench.codec.unit.muted
        return not (muted or (self.bench.room.pc is not None and self.bench.keeper.driven(MUTE_NAME)))

    def computer_runs(self) -> bool:
        """A computer that a cut of its power would hurt."""
        codec = self.bench.codec
        return isinstance(codec, BenchComputer) and codec.runs(self.now_ms)

    def shows(self, preset: int) -> bool:
        """This is the frame that the camera recalled or stored last."""
        return self.bench.camera.unit(0).last_preset == preset

    def people(self) -> int:
        """Who sit in the room, whatever sensors see."""
        return self.bench.people

    def temp_c(self) -> float:
        """Of the air, whatever sensors say."""
        return self.bench.temp_c
