"""The figures of a room by rule, as room.toml gives them: what each rule measures with, not what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PowerUp:
    """R1 and N11."""

    ready_before_ms: int = 3_600_000
    margin_ms: int = 120_000
    stagger_ms: int = 0
    inrush_gap_ms: int = 2_000
    grace_ms: int = 10_000
    press_hold_ms: int = 4 * 3_600_000
    press_more_ms: int = 3_600_000


@dataclass(frozen=True, slots=True)
class Idle:
    """R2. `saved_max_ms`: the most that one closing counts as saved."""

    end_grace_ms: int = 1_800_000
    no_call_ms: int = 900_000
    idle_ms: int = 1_800_000
    warn_ms: int = 600_000
    evening: tuple[int, int] = (20, 0)
    break_max_ms: int = 3 * 3_600_000
    saved_max_ms: int = 14 * 3_600_000


@dataclass(frozen=True, slots=True)
class Zone:
    """R4: limits of one climate place; `fan`, `dryer` are loads switched with hysteresis ('' = none)."""

    place: str
    fan: str = ""
    dryer: str = ""
    fan_on_c: float = 28.0
    fan_off_c: float = 26.0
    report_low_c: float = 20.0
    report_high_c: float = 34.0
    warn_c: float = 35.0
    hard_c: float = 40.0
    hard_ms: int = 300_000
    report_low_pct: float = 40.0
    report_high_pct: float = 80.0
    warn_pct: float = 85.0
    warn_ms: int = 1_800_000
    wet_pct: float = 92.0
    dry_on_pct: float = 75.0
    dry_off_pct: float = 65.0


@dataclass(frozen=True, slots=True)
class Spot:
    """R4: one place whose light is measured; darker than `low_lux` for `dark_ms` is reported while it is used."""

    place: str
    low_lux: float = 300.0
    dark_ms: int = 300_000


@dataclass(frozen=True, slots=True)
class Safety:
    """R16, R14: how long a smoke or leak contact must stand (`filter_ms`), when loads are cut after that with
    people in the room, how long KIỂM TRA held puts that off, how long the cabinet may stand open."""

    filter_ms: int = 3_000
    cut_ms: int = 30_000
    put_off_ms: int = 300_000
    open_ms: int = 120_000


@dataclass(frozen=True, slots=True)
class Presence:
    """Motion sensors: nobody moved for `empty_ms` = nobody there; moving without a pause for `stuck_ms` = stuck.
    `people_max`: more, by the codec's count, are reported (R19)."""

    empty_ms: int = 600_000
    stuck_ms: int = 12 * 3_600_000
    people_max: int = 40


@dataclass(frozen=True, slots=True)
class Mains:
    """R5, N11, N12. `closing_ms`: from when to when of the day somebody may be leaving; `by_hand_times`: as often
    in a week the mains must have gone off then to be a habit."""

    lost_ms: int = 5_000
    back_ms: int = 30_000
    settle_ms: int = 120_000
    unknown_settle_ms: int = 900_000
    shed_ms: int = 60_000
    return_charge_pct: float = 30.0
    stop_runtime_s: int = 300
    stop_charge_pct: float = 20.0
    notice_ms: int = 300_000
    start_carry_ms: int = 900_000
    start_load_factor: float = 3.0
    test_ms: int = 60_000
    closing_ms: tuple[int, int] = (59_400_000, 72_000_000)
    by_hand_times: int = 2


@dataclass(frozen=True, slots=True)
class Battery:
    """R7: the UPS's battery. `since_ms`: Unix time at which it was put in, 0 = nobody said."""

    since_ms: int = 0
    every_ms: int = 30 * 24 * 3_600_000
    mains_ms: int = 4 * 3_600_000
    charge_pct: float = 90.0
    age_ms: int = 36 * 30 * 24 * 3_600_000
    want_ms: int = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """R6. `spread_ms`: this room's own wait in each span, so that a network does not begin at once. `test_address`:
    whom the codec calls in it, '' = nobody; `test_input`: where its audio meter listens, `test_output`: and during
    the call, '' = nowhere."""

    press_ms: int = 1_800_000
    spread_ms: int = 0
    test_address: str = ""
    test_input: str = "micleft"
    test_output: str = ""


@dataclass(frozen=True, slots=True)
class Owned:
    """R17: one row of the list of devices. `warranty_ms`: Unix time at which it ends, 0 = nobody said."""

    name: str
    warranty_ms: int = 0
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """R17: how often what is to be done, and how long before its end a warranty is told of."""

    every_ms: tuple[tuple[str, int], ...] = ()
    warranty_ms: int = 30 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Floor:
    """R9, R10."""

    close_after_ms: int = 3_000
    excuse_ms: int = 10_000
    remutes: int = 3
    remute_window_ms: int = 600_000
    remind_ms: int = 300_000


@dataclass(frozen=True, slots=True)
class Pc:
    """A computer runs the meeting: `asked` over the network whether it lives; from `run_w` watts at its socket on
    it runs (None = not measured); `mutes`: a relay closes its microphone."""

    asked: bool = False
    run_w: float | None = None
    mutes: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """R28: what the codec gets at power-up (None = whatever it had), and the band in which people may change it."""

    level: int | None = None
    low: int = 0
    high: int = 50


@dataclass(frozen=True, slots=True)
class Duty:
    """R20: so long before the start the room is reminded, the desk told, the leader phoned. R26: from when to when
    before the start the roll-call is made."""

    remind_ms: int = 45 * 60_000
    centre_ms: int = 30 * 60_000
    leader_ms: int = 15 * 60_000
    rollcall_from_ms: int = 45 * 60_000
    rollcall_to_ms: int = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Calls:
    """R11, R12: `who_dials` = mcu (the main site calls the rooms), room or either."""

    warn_ms: int = 60_000
    by_phone_ms: int = 600_000
    allowed: tuple[str, ...] = ()
    who_dials: str = "mcu"


@dataclass(frozen=True, slots=True)
class Close:
    """R13."""

    silent_ms: int = 1_800_000
