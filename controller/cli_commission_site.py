"""RoomConfig → what commissioning must know of the room. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from controller.commission.site import Frame, Outlet, Site
from controller.config_loads import BUZZER_NAME, LoadConfig
from controller.config_model import RoomConfig
from hardware.contract import Value

Shows = tuple[tuple[str, tuple[Value, ...]], ...]


def site_of(cfg: RoomConfig, unused: tuple[str, ...] = ()) -> Site:
    return Site(
        cfg.room.slug,
        cfg.room.name,
        outlets=tuple(_outlet(name, load, cfg) for name, load in cfg.loads.items()),
        inputs={name: row.role for name, row in cfg.inputs.items()},
        lamps={name: row.role for name, row in cfg.lamps.items()},
        seats=tuple(Frame(n, s.label or n, s.camera, s.preset) for n, s in cfg.seats.items()),
        sources=tuple(_sources(cfg)),
        codec=cfg.spoken is not None,
        mutes=cfg.spoken is not None or cfg.mute is not None,
        ups=cfg.ups is not None and cfg.ups.kind != "contact",
        buzzer=BUZZER_NAME if cfg.buzzer is not None else "",
        unused=unused,
    )


def _outlet(name: str, load: LoadConfig, cfg: RoomConfig) -> Outlet:
    shows, silent = _proof(name, cfg)
    return Outlet(
        name,
        load.label or name,
        load.cls,
        load.on_ups,
        load.survives,
        shows,
        silent,
        load.least_off_s,
        load.warm_ms / 1000,
        computer=cfg.computer is not None and cfg.computer.load == name,
    )


def _proof(name: str, cfg: RoomConfig) -> tuple[Shows, str]:
    """Which facts show that this load works, and which that it has no power."""
    if cfg.spoken is not None and cfg.spoken.load == name:
        return (("codec.answers", (True,)),), "codec.answers"
    for camera, row in cfg.cameras.items():
        if row.load == name:
            return ((f"camera.{camera}.ready", (True,)),), f"camera.{camera}.answers"
    if name in cfg.displays:
        return ((f"display.{name}.answers", (True,)),), f"display.{name}.answers"
    return (), ""


def _sources(cfg: RoomConfig) -> Iterator[tuple[str, str, Value]]:
    """Everything that must answer, and by which fact it does."""
    yield "keeper", "keeper.up", True
    if cfg.spoken is not None or (cfg.computer is not None and cfg.computer.host is not None):
        yield "codec", "codec.answers", True
    for name in cfg.cameras:
        yield f"camera.{name}", f"camera.{name}.answers", True
    for name in cfg.displays:
        yield f"display.{name}", f"display.{name}.answers", True
    if cfg.ups is not None and cfg.ups.kind != "contact":
        yield "ups", "ups.link", "ok"
    for name in cfg.climate:
        yield f"climate.{name}", f"climate.{name}.error", ""
    for name in cfg.light:
        yield f"light.{name}", f"light.{name}.error", ""
