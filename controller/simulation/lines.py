"""The keeper's table of the simulated room: as config_devices.keeper_table makes it of room.toml, of what the
compiled room knows."""

from __future__ import annotations

from controller.config_pc import MUTE_NAME
from controller.core.room import Class, Room
from hardware.keeper_table import Line, Table


def lines_of(room: Room) -> Table:
    """One line a load, and the relay in a microphone's line."""
    lines = []
    order = {name: n for n, name in enumerate(("amplifier", "mixer", "camera", "display", "codec", "network"))}
    for n, load in enumerate(room.loads):
        hold = load.cls.value not in ("fan", "dehumidifier")
        lines.append(
            Line(
                load.name,
                n,
                boot="on" if load.cls.value == "network" else "last" if load.holds_over_reset else "off",
                lost="hold" if hold else "off",
                min_off_ms=load.min_off_ms,
                max_on_ms=load.max_on_ms,
                close_order=order.get(load.name, 0),
                cycles_a_day=2 if load.cls.value == "network" else 0,
                cycle_off_ms=load.min_off_ms,
                keeps=room.pc is not None and load.cls is Class.CODEC,
            )
        )
    if room.pc is not None and room.pc.mutes:
        lines.append(Line(MUTE_NAME, len(lines), lost="off"))
    return Table(tuple(lines))
