"""RoomConfig → controller.core.room.Room: the table by which the core decides. Pure; the configuration was
checked before.

How a load is proven: its contact is read back from the line; where a device hangs on it that can be asked, the
device must answer (on) or fall silent (off). A load without such a device is proven by its relay only, and says
so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from controller.config_drift import drift_of
from controller.config_facts import facts
from controller.config_line_room import line_of, redial_of
from controller.config_loads import BUZZER_NAME, LoadConfig
from controller.config_model import Codec, RoomConfig
from controller.config_rules import Rules
from controller.config_sequence import edges
from controller.config_upkeep import owned, unix_ms, upkeep
from controller.config_window import storm_of, updates_of
from controller.core.room import Button, Class, Evidence, Lamp, Load, Mode, Room, Seat, Target
from controller.core.room_figures import (
    Battery,
    Calls,
    Close,
    Duty,
    Floor,
    Idle,
    Mains,
    Pc,
    PowerUp,
    Presence,
    Rehearsal,
    Safety,
    Spot,
    Volume,
    Zone,
)

MIN_MS = 60_000
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
        pc=_pc(cfg.computer),
        has_ups=cfg.ups is not None,
        zones=tuple(_zones(cfg)),
        spots=tuple(Spot(place, rules.climate.report_low_lux, _min(rules.climate.dark_min)) for place in cfg.light),
        buzzer=BUZZER_NAME if cfg.buzzer is not None else "",
        modes={rule: Mode(word) for rule, word in rules.modes.model_dump().items()},
        accepted=cfg.room.accepted,
        power_up=_power_up(rules, cfg.room.slug),
        idle=_idle(rules),
        mains=_mains(rules),
        battery=_battery(cfg),
        rehearsal=_rehearsal(cfg),
        upkeep=upkeep(rules.upkeep),
        devices=tuple(owned(name, row) for name, row in cfg.devices.items()),
        floor=_floor(rules),
        calls=_calls(rules),
        duty=_duty(rules),
        volume=_volume(cfg),
        close=Close(_min(rules.close.silent_min)),
        safety=_safety(rules),
        presence=_presence(rules),
        line=line_of(cfg),
        redial=redial_of(cfg),
        updates=updates_of(cfg.updates),
        storm=storm_of(cfg.storm),
        drift=drift_of(cfg),
        utc_offset_ms=_utc_offset_ms(cfg.room.timezone),
        clock_settle_ms=_min(rules.idle.clock_settle_min),
    )


def stagger_ms(slug: str, most_s: float) -> int:
    """The room's own wait after mains return: spread over a province, the same at every return of one room."""
    share = int.from_bytes(sha256(slug.encode()).digest()[:4], "big") / 2**32
    return round(share * most_s * 1000)


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
        settle_on_ms=_ms(load.settle_on_s),
        settle_off_ms=_ms(load.settle_off_s),
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


def _rehearsal(cfg: RoomConfig) -> Rehearsal:
    rules = cfg.rules.rehearsal
    spoken = cfg.spoken
    return Rehearsal(
        press_ms=_min(rules.press_min),
        spread_ms=stagger_ms(cfg.room.slug, rules.spread_max_min * 60),
        test_address="" if spoken is None else spoken.test_address,
        test_input="" if spoken is None else spoken.test_input,
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


def _pc(codec: Codec | None) -> Pc | None:
    if codec is None:
        return None
    run_w = codec.meter.run_w if codec.meter is not None else None
    return Pc(asked=codec.host is not None, run_w=run_w, mutes=codec.mute is not None)


def _zones(cfg: RoomConfig) -> Iterator[Zone]:
    limits = cfg.rules.climate.model_dump(exclude={"hard_min", "warn_min", "report_low_lux", "dark_min"})
    times = {"hard_ms": _min(cfg.rules.climate.hard_min), "warn_ms": _min(cfg.rules.climate.warn_min)}
    nobody = {"report_low_c": -40.0, "report_high_c": 85.0, "report_low_pct": 0.0, "report_high_pct": 100.0}
    for place, climate in cfg.climate.items():
        own = limits if climate.people else {**limits, **nobody}
        yield Zone(place, climate.fan or "", climate.dryer or "", **own, **times)


def _power_up(rules: Rules, slug: str) -> PowerUp:
    r = rules.power_up
    return PowerUp(
        ready_before_ms=_min(r.ready_before_min),
        margin_ms=_ms(r.margin_s),
        stagger_ms=stagger_ms(slug, r.stagger_max_s),
        inrush_gap_ms=_ms(r.inrush_gap_s),
        grace_ms=_ms(r.grace_s),
        press_hold_ms=_min(r.press_hold_min),
        press_more_ms=_min(r.press_more_min),
    )


def _idle(rules: Rules) -> Idle:
    r = rules.idle
    hour, minute = r.evening.split(":")
    return Idle(
        end_grace_ms=_min(r.end_grace_min),
        no_call_ms=_min(r.no_call_min),
        idle_ms=_min(r.idle_min),
        warn_ms=_min(r.warn_min),
        evening=(int(hour), int(minute)),
        break_max_ms=_min(r.break_max_min),
        saved_max_ms=_min(60 * r.saved_max_h),
    )


def _mains(rules: Rules) -> Mains:
    r = rules.mains
    return Mains(
        lost_ms=_ms(r.lost_s),
        back_ms=_ms(r.back_s),
        settle_ms=_ms(r.settle_s),
        unknown_settle_ms=_min(r.unknown_settle_min),
        shed_ms=_ms(r.shed_s),
        return_charge_pct=r.return_charge_pct,
        stop_runtime_s=r.stop_runtime_s,
        stop_charge_pct=r.stop_charge_pct,
        notice_ms=_min(r.notice_min),
        start_carry_ms=_min(r.start_carry_min),
        start_load_factor=r.start_load_factor,
        test_ms=_ms(r.test_s),
        closing_ms=(_of_day(r.closing_from), _of_day(r.closing_to)),
        by_hand_times=r.by_hand_times,
    )


def _battery(cfg: RoomConfig) -> Battery:
    r = cfg.rules.battery
    put_in = cfg.ups.battery_since if cfg.ups is not None else None
    return Battery(
        since_ms=unix_ms(put_in),
        every_ms=_min(r.test_every_days * 1440),
        mains_ms=_min(r.test_mains_h * 60),
        charge_pct=r.test_charge_pct,
        age_ms=_min(r.age_months * 30.44 * 1440),
        want_ms=_min(r.want_min),
    )


def _safety(rules: Rules) -> Safety:
    r = rules.safety
    return Safety(_ms(r.filter_s), _ms(r.cut_s), _min(r.put_off_min), _ms(r.open_s))


def _floor(rules: Rules) -> Floor:
    r = rules.floor
    return Floor(_ms(r.close_after_s), _ms(r.excuse_s), r.remutes, _min(r.remute_window_min), _min(r.remind_min))


def _calls(rules: Rules) -> Calls:
    r = rules.calls
    return Calls(_ms(r.warn_s), _min(r.by_phone_min), r.allowed, r.who_dials)


def _presence(rules: Rules) -> Presence:
    r = rules.presence
    return Presence(_min(r.empty_min), _min(r.stuck_min), r.people_max)


def _volume(cfg: RoomConfig) -> Volume:
    spoken = cfg.spoken
    return Volume() if spoken is None else Volume(spoken.volume, spoken.volume_min, spoken.volume_max)


def _duty(rules: Rules) -> Duty:
    r = rules.duty
    rollcall = _min(r.rollcall_from_min), _min(r.rollcall_to_min)
    return Duty(_min(r.remind_min), _min(r.centre_min), _min(r.leader_min), *rollcall)


def _of_day(clock: str) -> int:
    hour, minute = clock.split(":")
    return _min(int(hour) * 60 + int(minute))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _min(minutes: float) -> int:
    return round(minutes * MIN_MS)


def _utc_offset_ms(zone: str) -> int:
    """Of 2026 on: Vietnam has had no summer time since 1975, and the core's evening needs no more."""
    offset = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return round(offset.total_seconds() * 1000) if offset is not None else 0
