"""What makes a computer that runs the meeting (`[codec] kind = "pc"`) unusable on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from controller.config_finding import Finding, error
from controller.config_model import Codec, RoomConfig


def computer(cfg: RoomConfig, codec: Codec) -> Iterator[Finding]:
    """A computer is cut only when it is known to be down; nothing else may cut it."""
    if codec.kind != "pc":
        for name in ("host", "tcp_port", "meter", "mute"):
            if getattr(codec, name) is not None:
                yield error(f"codec.{name}", "check.pc_only", name)
        return
    if codec.load is not None and codec.host is None and codec.meter is None:
        yield error("codec.load", "check.pc_blind")
    for name, load in cfg.loads.items():
        if (load.cls == "codec") != (name == codec.load):
            yield error(f"loads.{name}.class", "check.pc_class", name)
        if name == codec.load and (load.max_on_ms or load.goes_early):
            yield error(f"loads.{name}.{'max_on_min' if load.max_on_ms else 'shed'}", "check.pc_cut")
    if codec.meter is not None and codec.meter.port in _serial_ports(cfg):
        yield error("codec.meter.port", "check.bus_taken", codec.meter.port)


def _serial_ports(cfg: RoomConfig) -> set[str]:
    """The ports of everything else."""
    rows = [row.modbus.port for row in cfg.climate.values() if row.modbus is not None]
    ups = [cfg.ups.serial] if cfg.ups is not None and cfg.ups.serial is not None else []
    return {*cfg.chains(), *(board.port for board in cfg.boards.values()), *rows, *ups}
