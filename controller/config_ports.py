"""Which serial ports a room has, by the names of what hangs on them. Pure."""

from __future__ import annotations

from controller.config_model import RoomConfig


def sensor_ports(cfg: RoomConfig) -> tuple[str, ...]:
    """The serial lines with Modbus sensors."""
    return tuple(dict.fromkeys(row.modbus.port for row in cfg.climate.values() if row.modbus is not None))


def serial_ports(cfg: RoomConfig) -> tuple[tuple[str, str], ...]:
    """Name and path of every serial port of the room, those that the keeper opens as well (R14)."""
    rows = [("codec", cfg.spoken.port)] if cfg.spoken is not None and cfg.spoken.port else []
    rows += [(f"camera.{names[0]}", port) for port, names in cfg.chains().items()]
    rows += [("ups", cfg.ups.serial)] if cfg.ups is not None and cfg.ups.serial else []
    rows += [(f"display.{n}", load.rs232.port) for n, load in cfg.loads.items() if load.rs232 is not None]
    rows += [(f"bus.{n}", port) for n, port in enumerate(sensor_ports(cfg), 1)]
    rows += [(f"board.{name}", board.port) for name, board in cfg.boards.items()]
    firsts = {port: name for name, port in reversed(rows)}  # boards may share a bus
    return tuple((name, port) for port, name in sorted(firsts.items(), key=lambda row: row[1]) if port is not None)
