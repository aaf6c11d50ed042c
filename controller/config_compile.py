"""RoomConfig → controller.core.room.Room: the table by which the core decides. Pure; the configuration was
checked before.

How a load is proven: its contact is read back from the line; where a device hangs on it that can be asked, the
device must answer (on) or fall silent (off). A load without such a device is proven by its relay only, and says
so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller import config_figures as figures
from controller.config_drift import drift_of
from controller.config_facts import facts
from controller.config_figures import minutes_ms, ms
from controller.config_line_room import line_of, redial_of
from controller.config_loads import BUZZER_NAME, LoadConfig
from controller.config_model import RoomConfig
from controller.config_sequence import edges
from controller.config_upkeep import owned, upkeep
from controller.config_window import storm_of, updates_of
from controller.core.room import Button, Class, Evidence, Lamp, Load, Mode, Room, Seat, Target
from controller.core.room_figures import Close, Spot

ANSWERS = (("on", True), ("off", False))
EFFECT_MARGIN_MS = 60_000
"""Beyond the warm-up: a cold morning, a disk check of the codec, a lost inquiry."""
EFFECT_MIN_MS = 90_000
"""Silence is said after three unanswered inquiries; a codec's flat inquiry period is 30 s."""
CODEC_POWER_MS = 30_000
DIAL_MS = 30_000
"""A codec says `dialing` at once, but takes no command while another call is being set up."""
METER_MS = 25_000
"""A meter tells its first level within 20 s, or it has none."""
HANGUP_MS = 15_000
SETTING_MS = 30_000
"""Said, and asked for until two answers agree."""
REBOOT_MS = 20_000
"""To take the order; the reboot itself is waited for by whoever ordered it (heal.py)."""
DISPLAY_POWER_MS = 180_000
"""A projector boots its network, warms its lamp for a minute, or cools it first."""
UPS_SHUTDOWN_MS = 180_000
"""Delay of the UPS (20–60 s) and 120 s: whoever is still alive then was not cut."""
UPS_TEST_MS = 60_000
"""Some drivers look at the UPS only every 30 s."""
UPS_AGAIN_MS = 3_600_000
PRESET_MS = 30_000
"""The slowest head crosses its whole range in some 20 s at its slowest useful speed."""
CAMERA_POWER_MS = 60_000
"""A head initialises for 30–60 s after waking; recalls before are refused."""
CYCLE_MS = 15_000
"""Beyond its time off: the keeper's own steps."""
PORT_MS = 10_000
"""The longest way of an opening: five seconds to connect, five to the next try (hardware/pump.py)."""


def compile_room(cfg: RoomConfig) -> Room:
    """The core's table of this room."""
    rules = cfg.rules
    targets = {target.name: target for target in _targets(cfg)}
    return Room(
        name=cfg.room.slug,
        loads=tuple(_load(cfg, name, load) for name, load in cfg.loads.items()),
        targets=targets,
        edges=edges(cfg),
        facts=facts(cfg),
        buttons=tuple(Button(name, i.role, i.seat) for name, i in cfg.inputs.items()),
        lamps=tuple(Lamp(name, lamp.role, lamp.seat) for name, lamp in cfg.lamps.items()),
        cameras=tuple(cfg.cameras),
        displays=cfg.displays,
        seats=tuple(Seat(name, seat.camera, seat.preset) for name, seat in cfg.seats.items()),
        codec=cfg.spoken.kind if cfg.spoken is not None else "",
        pc=figures.pc(cfg.computer),
        has_ups=cfg.ups is not None,
        zones=tuple(figures.zones(cfg)),
        spots=tuple(
            Spot(place, rules.climate.report_low_lux, minutes_ms(rules.climate.dark_min)) for place in cfg.light
        ),
        buzzer=BUZZER_NAME if cfg.buzzer is not None else "",
        modes={rule: Mode(word) for rule, word in rules.modes.model_dump().items()},
        accepted=cfg.room.accepted,
        power_up=figures.power_up(rules, cfg.room.slug),
        idle=figures.idle(rules),
        mains=figures.mains(rules),
        battery=figures.battery(cfg),
        rehearsal=figures.rehearsal(cfg),
        upkeep=upkeep(rules.upkeep),
        devices=tuple(owned(name, row) for name, row in cfg.devices.items()),
        floor=figures.floor(rules),
        calls=figures.calls(rules),
        duty=figures.duty(rules),
        volume=figures.volume(cfg),
        close=Close(minutes_ms(rules.close.silent_min)),
        safety=figures.safety(rules),
        presence=figures.presence(rules),
        line=line_of(cfg),
        redial=redial_of(cfg),
        updates=updates_of(cfg.updates),
        storm=storm_of(cfg.storm),
        drift=drift_of(cfg),
        utc_offset_ms=_utc_offset_ms(cfg.room.timezone),
        clock_settle_ms=minutes_ms(rules.idle.clock_settle_min),
    )


def _proofs(cfg: RoomConfig, name: str) -> tuple[str, ...]:
    """The facts that show that what hangs on this load lives."""
    codec = ("codec.answers",) if cfg.spoken is not None and cfg.spoken.load == name else ()
    cameras = (n for n, camera in cfg.cameras.items() if camera.direct and camera.load == name)
    display = (f"display.{name}.answers",) if name in cfg.displays else ()
    return codec + display + tuple(f"camera.{camera}.answers" for camera in cameras)


def _load(cfg: RoomConfig, name: str, load: LoadConfig) -> Load:
    return Load(
        name=name,
        cls=Class(load.cls),
        needs=load.needs,
        meeting=load.for_meeting,
        proof=next(iter(_proofs(cfg, name)), ""),
        warmup_ms=load.warm_ms,
        settle_on_ms=ms(load.settle_on_s),
        settle_off_ms=ms(load.settle_off_s),
        min_off_ms=load.min_off_ms,
        max_on_ms=load.max_on_ms,
        watts=load.watts,
        on_ups=load.on_ups,
        shed=load.goes_early,
        holds_over_reset=load.survives,
    )


def _targets(cfg: RoomConfig) -> Iterator[Target]:
    for name, load in cfg.loads.items():
        yield _load_target(cfg, name, load)
        if load.cls == "network":  # one action of the keeper alone, who keeps its budget (field)
            rest_ms = load.min_off_ms + CYCLE_MS
            yield Target(f"load.{name}.cycle", "", (), (), prove_ms=rest_ms, tries=1)
    if cfg.spoken is not None:
        yield from _codec_targets(f"load.{cfg.spoken.load}", cfg.spoken.kind == "polycom")
        yield from _setting_targets(f"load.{cfg.spoken.load}", cfg.spoken.settings)
    if cfg.mute is not None:
        yield _plain("codec.mute", "", Evidence("codec.mute"), prefer="muted")
    for name, camera in cfg.cameras.items():
        yield from _camera_targets(f"camera.{name}", f"load.{cfg.camera_load(name)}", camera.direct)
    for name in cfg.displays:
        power = f"display.{name}.power"
        yield _plain(power, f"load.{name}", Evidence(power), DISPLAY_POWER_MS, "on")
    if cfg.ups is not None and cfg.ups.commands:
        yield from (_ups_shutdown("stale" if cfg.ups.kind == "megatec" else "down"), _UPS_TEST)


def _load_target(cfg: RoomConfig, name: str, load: LoadConfig) -> Target:
    contact = (Evidence(f"relay.{name}"),)
    return Target(
        name=f"load.{name}",
        carrier="",
        done=contact,
        proven=contact + tuple(Evidence(fact, when=ANSWERS) for fact in _proofs(cfg, name)),
        prefer="on",
        effect_ms=max(EFFECT_MIN_MS, load.warm_ms + EFFECT_MARGIN_MS),
        min_off_ms=load.min_off_ms,
        max_on_ms=load.max_on_ms,
    )


def _ups_shutdown(silent: str) -> Target:
    """Ordered once: seen by the UPS's silence, if anybody is left to see it. `silent`: what its link says then."""
    seen = (Evidence("ups.link", when=(("return", silent),)),)
    return Target("ups.shutdown", "", seen, seen, prove_ms=UPS_SHUTDOWN_MS, tries=1, again_ms=UPS_AGAIN_MS)


_UPS_TEST = Target(
    name="ups.test",
    carrier="",
    done=(Evidence("ups.testing", when=(("quick", True), ("stop", False))),),
    proven=(),
    prove_ms=UPS_TEST_MS,
    tries=1,
    again_ms=UPS_AGAIN_MS,
)


def _plain(
    name: str, carrier: str, evidence: Evidence, prove_ms: int = 10_000, prefer: str | None = None
) -> Target:
    """A target whose own device says both that it was done and that it is so."""
    return Target(name, carrier, (evidence,), (evidence,), prefer, prove_ms)


def _codec_targets(carrier: str, meter: bool) -> Iterator[Target]:
    yield _plain("codec.power", carrier, Evidence("codec.power"), CODEC_POWER_MS, "awake")
    yield _plain("codec.mute", carrier, Evidence("codec.mute"), prefer="muted")
    yield _plain("codec.volume", carrier, Evidence("codec.volume"))
    answers = Evidence("codec.autoanswer", when=ANSWERS)
    yield _plain("codec.autoanswer", carrier, answers, prefer="off")
    yield _plain("codec.hangup", carrier, Evidence("codec.calls", absent=True), HANGUP_MS)
    yield Target("codec.reboot", carrier, (), (), prove_ms=REBOOT_MS, tries=1)
    yield Target("codec.port", carrier, (), (), prove_ms=PORT_MS, tries=1)
    if meter:
        yield Target("codec.audiometer", carrier, (), (), prove_ms=METER_MS, tries=1)
    for once in ("codec.dial", "codec.answer"):
        # One action, no lasting fact: done when the codec says so, tried once, never repeated by itself.
        yield Target(once, carrier, (), (), prove_ms=DIAL_MS, tries=1)


def _setting_targets(carrier: str, names: Iterable[str]) -> Iterator[Target]:
    for name in names:
        yield _plain(f"codec.setting.{name}", carrier, Evidence(f"setting.{name}"), SETTING_MS)


def _camera_targets(name: str, carrier: str, direct: bool) -> Iterator[Target]:
    # One action, as a dialled call: done when the camera says so, tried once.
    yield Target(f"{name}.store", carrier, (), (), prove_ms=PRESET_MS, tries=1)
    if direct:
        yield _plain(f"{name}.power", carrier, Evidence(f"{name}.power"), CAMERA_POWER_MS, "on")
        yield Target(f"{name}.port", carrier, (), (), prove_ms=PORT_MS, tries=1)
    yield _plain(f"{name}.preset", carrier, Evidence(f"{name}.preset"), PRESET_MS)
    yield _plain(f"{name}.park", carrier, Evidence(f"{name}.parked", when=(("home", True),)), PRESET_MS)


def _utc_offset_ms(zone: str) -> int:
    """Of 2026 on: Vietnam has had no summer time since 1975, and the core's evening needs no more."""
    offset = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return round(offset.total_seconds() * 1000) if offset is not None else 0
