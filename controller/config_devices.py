"""RoomConfig → what the devices' side must be told: the keeper's lines, the panel's inputs, the link's brokers.
Pure.

Only values are made here; whoever starts a process or opens a port takes them. Secrets stay paths of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.config_loads import BUZZER_NAME, LoadConfig
from controller.config_model import BrokerTable, RoomConfig
from controller.config_pc import MUTE_NAME
from controller.config_sequence import closing_order
from controller.link.settings import RENEWED, Broker, Settings, Times, Tls
from hardware.keeper_table import BUZZER, LAMP, Line, Table
from hardware.ups import UpsAddress

if TYPE_CHECKING:
    from hardware.panel import InputSpec

CYCLES_A_DAY = 2
"""The network load may be power-cycled by the keeper alone, twice a day: a third time is a fault, not a cure."""


def keeper_table(cfg: RoomConfig) -> Table:
    """Every output line of the room, for the keeper's file (`hardware.keeper_table.dumps`)."""
    lamps = tuple(Line(name, row.pin, row.active_high, LAMP, chip=row.chip) for name, row in cfg.lamps.items())
    row = cfg.buzzer
    beep = () if row is None else (Line(BUZZER_NAME, row.pin, row.active_high, BUZZER, chip=row.chip),)
    return Table(
        (*_relays(cfg), *_microphone(cfg), *lamps, *beep), hold_max_ms=round(cfg.keeper.hold_max_h * 3_600_000)
    )


def inputs(cfg: RoomConfig) -> tuple[InputSpec, ...]:
    """Every wired input, for the panel. Imports gpiozero."""
    from hardware.panel import InputSpec

    return tuple(InputSpec(name, row.pin, row.low_is_down, row.pull, row.chip) for name, row in cfg.inputs.items())


def ups_address(cfg: RoomConfig) -> UpsAddress | None:
    """Where upsd answers; None = the room has no UPS, or one on a serial port."""
    ups = cfg.ups
    return UpsAddress(ups.name, ups.host, ups.port) if ups is not None and ups.kind == "nut" else None


def link_settings(cfg: RoomConfig, boot: str) -> Settings | None:
    """The link of this boot; None = the room works alone."""
    mqtt = cfg.mqtt
    if mqtt is None:
        return None
    times = Times(keepalive_s=mqtt.keepalive_s, failover_s=mqtt.failover_s)
    renewed = Path(cfg.paths.state_dir) / RENEWED
    backup = _broker(mqtt.backup, renewed) if mqtt.backup is not None else None
    return Settings(cfg.room.slug, boot, _broker(mqtt.main, renewed), backup, times)


def _relays(cfg: RoomConfig) -> tuple[Line, ...]:
    order = closing_order(cfg)
    return tuple(
        Line(
            name,
            load.pin,
            load.on_is_high,
            boot=load.at_boot,
            lost=load.when_lost,
            min_off_ms=load.min_off_ms,
            max_on_ms=load.max_on_ms,
            close_order=order.index(name),
            close_delay_ms=round(1000 * load.settle_off_s),
            cycles_a_day=CYCLES_A_DAY if load.cls == "network" else 0,
            cycle_off_ms=load.min_off_ms,
            chip=load.chip,
            keeps=cfg.computer is not None and cfg.computer.load == name,
            **_board(cfg, load),
        )
        for name, load in cfg.loads.items()
    )


def _microphone(cfg: RoomConfig) -> Iterator[Line]:
    """The relay of a computer's microphone; *on* is muted."""
    row = cfg.mute
    if row is not None:
        yield Line(
            MUTE_NAME, row.pin, row.muted_is_high, lost="off" if row.lost == "open" else "hold", chip=row.chip
        )


def _board(cfg: RoomConfig, load: LoadConfig) -> dict[str, Any]:
    """Where a load's coil is, when it is on a Modbus board."""
    if load.board is None:
        return {}
    row = cfg.boards[load.board]
    bus = {"port": row.port, "unit": row.unit, "baud": row.baud, "parity": row.parity}
    return {**bus, "function": row.write}


def _broker(row: BrokerTable, renewed: Path) -> Broker:
    own = (_path(row.cert_file), _path(row.key_file), renewed) if row.cert_file else ()
    tls = Tls(Path(row.ca_file), *own) if row.tls and row.ca_file else None
    return Broker(row.host, row.port, tls, row.user, _path(row.password_file))


def _path(path: str | None) -> Path | None:
    return None if path is None else Path(path)
