"""The figures of the rules, from room.toml's units (seconds, minutes, hours) to the core's milliseconds. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from controller.config_model import Codec, RoomConfig
from controller.config_rules import Rules
from controller.config_upkeep import unix_ms
from controller.core.room_figures import (
    Battery,
    Calls,
    Duty,
    Floor,
    Idle,
    Mains,
    Pc,
    PowerUp,
    Presence,
    Rehearsal,
    Safety,
    Volume,
    Zone,
)

MIN_MS = 60_000


def stagger_ms(slug: str, most_s: float) -> int:
    """The room's own wait after mains return: spread over a province, the same at every return of one room."""
    share = int.from_bytes(sha256(slug.encode()).digest()[:4], "big") / 2**32
    return round(share * most_s * 1000)


def rehearsal(cfg: RoomConfig) -> Rehearsal:
    """R6: when it may begin, whom it calls, and at which input it listens."""
    rules = cfg.rules.rehearsal
    spoken = cfg.spoken
    return Rehearsal(
        press_ms=minutes_ms(rules.press_min),
        spread_ms=stagger_ms(cfg.room.slug, rules.spread_max_min * 60),
        test_address="" if spoken is None else spoken.test_address,
        test_input="" if spoken is None else spoken.test_input,
        test_output="" if spoken is None else spoken.test_output or "",
    )


def pc(codec: Codec | None) -> Pc | None:
    """A computer in place of a codec; None where there is none."""
    if codec is None:
        return None
    run_w = codec.meter.run_w if codec.meter is not None else None
    return Pc(asked=codec.host is not None, run_w=run_w, mutes=codec.mute is not None)


def zones(cfg: RoomConfig) -> Iterator[Zone]:
    """R4: the same limits for every place with a climate sensor."""
    limits = cfg.rules.climate.model_dump(exclude={"hard_min", "warn_min", "report_low_lux", "dark_min"})
    times = {"hard_ms": minutes_ms(cfg.rules.climate.hard_min), "warn_ms": minutes_ms(cfg.rules.climate.warn_min)}
    nobody = {"report_low_c": -40.0, "report_high_c": 85.0, "report_low_pct": 0.0, "report_high_pct": 100.0}
    for place, climate in cfg.climate.items():
        own = limits if climate.people else {**limits, **nobody}
        yield Zone(place, climate.fan or "", climate.dryer or "", **own, **times)


def power_up(rules: Rules, slug: str) -> PowerUp:
    """R1 and N11; `slug` decides the room's own wait after an outage."""
    r = rules.power_up
    return PowerUp(
        ready_before_ms=minutes_ms(r.ready_before_min),
        margin_ms=ms(r.margin_s),
        stagger_ms=stagger_ms(slug, r.stagger_max_s),
        inrush_gap_ms=ms(r.inrush_gap_s),
        grace_ms=ms(r.grace_s),
        press_hold_ms=minutes_ms(r.press_hold_min),
        press_more_ms=minutes_ms(r.press_more_min),
    )


def idle(rules: Rules) -> Idle:
    """R2."""
    r = rules.idle
    hour, minute = r.evening.split(":")
    return Idle(
        end_grace_ms=minutes_ms(r.end_grace_min),
        no_call_ms=minutes_ms(r.no_call_min),
        idle_ms=minutes_ms(r.idle_min),
        warn_ms=minutes_ms(r.warn_min),
        evening=(int(hour), int(minute)),
        break_max_ms=minutes_ms(r.break_max_min),
        saved_max_ms=minutes_ms(60 * r.saved_max_h),
    )


def mains(rules: Rules) -> Mains:
    """R5."""
    r = rules.mains
    return Mains(
        lost_ms=ms(r.lost_s),
        back_ms=ms(r.back_s),
        settle_ms=ms(r.settle_s),
        unknown_settle_ms=minutes_ms(r.unknown_settle_min),
        shed_ms=ms(r.shed_s),
        return_charge_pct=r.return_charge_pct,
        stop_runtime_s=r.stop_runtime_s,
        stop_charge_pct=r.stop_charge_pct,
        notice_ms=minutes_ms(r.notice_min),
        start_carry_ms=minutes_ms(r.start_carry_min),
        start_load_factor=r.start_load_factor,
        test_ms=ms(r.test_s),
        closing_ms=(of_day_ms(r.closing_from), of_day_ms(r.closing_to)),
        by_hand_times=r.by_hand_times,
    )


def battery(cfg: RoomConfig) -> Battery:
    """R7 and N12; without a UPS the defaults."""
    r = cfg.rules.battery
    put_in = cfg.ups.battery_since if cfg.ups is not None else None
    return Battery(
        since_ms=unix_ms(put_in),
        every_ms=minutes_ms(r.test_every_days * 1440),
        mains_ms=minutes_ms(r.test_mains_h * 60),
        charge_pct=r.test_charge_pct,
        age_ms=minutes_ms(r.age_months * 30.44 * 1440),
        want_ms=minutes_ms(r.want_min),
    )


def safety(rules: Rules) -> Safety:
    """R16."""
    r = rules.safety
    return Safety(ms(r.filter_s), ms(r.cut_s), minutes_ms(r.put_off_min), ms(r.open_s))


def floor(rules: Rules) -> Floor:
    """R9."""
    r = rules.floor
    return Floor(
        ms(r.close_after_s), ms(r.excuse_s), r.remutes, minutes_ms(r.remute_window_min), minutes_ms(r.remind_min)
    )


def calls(rules: Rules) -> Calls:
    """R11."""
    r = rules.calls
    return Calls(ms(r.warn_s), minutes_ms(r.by_phone_min), r.allowed, r.who_dials)


def presence(rules: Rules) -> Presence:
    """R21 and R19."""
    r = rules.presence
    return Presence(minutes_ms(r.empty_min), minutes_ms(r.stuck_min), r.people_max)


def volume(cfg: RoomConfig) -> Volume:
    """R28; without a codec the defaults."""
    spoken = cfg.spoken
    return Volume() if spoken is None else Volume(spoken.volume, spoken.volume_min, spoken.volume_max)


def duty(rules: Rules) -> Duty:
    """R20 and R26."""
    r = rules.duty
    rollcall = minutes_ms(r.rollcall_from_min), minutes_ms(r.rollcall_to_min)
    return Duty(minutes_ms(r.remind_min), minutes_ms(r.centre_min), minutes_ms(r.leader_min), *rollcall)


def of_day_ms(clock: str) -> int:
    """`hh:mm` as the time since midnight."""
    hour, minute = clock.split(":")
    return minutes_ms(int(hour) * 60 + int(minute))


def ms(seconds: float) -> int:
    """Seconds as whole milliseconds."""
    return round(seconds * 1000)


def minutes_ms(minutes: float) -> int:
    """Minutes as whole milliseconds."""
    return round(minutes * MIN_MS)
