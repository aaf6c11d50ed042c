"""`[line]`, `[redial]` and their figures → what the core and the prober need. Pure."""

from __future__ import annotations

from controller.config_line import Spot as SpotConfig
from controller.config_model import RoomConfig
from controller.core.room_line import Limits, Line, Place, Redial, Spot


def places(cfg: RoomConfig) -> tuple[Place, ...]:
    """Everything that is probed, nearest first; nothing in a room that names no place beyond its own router: a
    router that answers says nothing of the line."""
    line = cfg.line
    beyond = [Place(Spot.PROVIDER.value, Spot.PROVIDER)] if line.first_hop is not None else []
    beyond += [Place(name, Spot.TARGET) for name in line.targets]
    beyond += [Place(Spot.FAR.value, Spot.FAR)] if line.far_end is not None else []
    return (Place(Spot.GATEWAY.value, Spot.GATEWAY), *beyond) if beyond else ()


def spot_of(cfg: RoomConfig, name: str) -> SpotConfig | None:
    """The table of a place; None = the gateway, which needs none."""
    known = {Spot.PROVIDER.value: cfg.line.first_hop, Spot.FAR.value: cfg.line.far_end}
    return known.get(name) or cfg.line.targets.get(name)


def line_of(cfg: RoomConfig) -> Line:
    """The core's table of the line."""
    line, r = cfg.line, cfg.rules.line
    return Line(
        places=places(cfg),
        ours=line.measures == "line",
        provider=line.provider,
        circuit=line.circuit,
        hotline=line.hotline,
        warn=Limits(r.warn_loss_pct / 100, r.warn_rtt_ms, r.warn_jitter_ms),
        bad=Limits(r.bad_loss_pct / 100, r.bad_rtt_ms, r.bad_jitter_ms),
        phone_ms=round(r.phone_min * 60_000),
        ask_ms=round(r.ask_min * 60_000),
    )


def redial_of(cfg: RoomConfig) -> Redial:
    """The core's table of calling again."""
    redial, r = cfg.redial, cfg.rules.line
    return Redial(
        redial.main,
        redial.backup,
        redial.protocol,
        redial.kbps,
        least_ms=round(r.redial_least_s * 1000),
        most_ms=round(r.redial_most_s * 1000),
        alone_ms=round(r.redial_alone_s * 1000),
        tries=r.redial_tries,
    )
