"""`[rules.*]`: the figures of the written rules with their defaults and sources; what a province's rule pack may
change.

A pack is a TOML file with `[pack]` (document, clauses) and `[rules.*]` tables only. room.toml overrides the pack,
the pack overrides these defaults. Nothing here knows devices or how a rule works: that is controller/rules.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from controller.config_base import ASSUMPTION, Clock, Strict, key, need, table
from controller.config_drift import DriftRules
from controller.config_upkeep import UpkeepRules

SA_THAY = "UBND huyện Sa Thầy 2021, mục 1: bật thiết bị trước 1 tiếng"
QUY_CHE = "Quyết định 1444/QĐ-SGD&ĐT Hòa Bình 2013"
QCVN_26 = "QCVN 26:2016/BYT, bảng 1, lao động nhẹ"
INDUSTRY = "custom of the trade, to be verified per device"

_CUSTOM = "custom of the trade, over 60 s, unverified"

ModeWord = Literal["off", "watch", "remind", "enforce"]
Fixed = Literal["enforce"]
"""R3 and R13 only hold orders back; whoever could switch them off would weld relays and cut codecs that update."""


class PowerUpRules(Strict):
    """R1, N11: when the room comes up."""

    ready_before_min: float = key(60, "ready so long before the start", SA_THAY, gt=0, le=240)
    margin_s: float = key(120, "added to the slowest warm-up when the start is reckoned", ge=0, le=1800)
    stagger_max_s: float = key(60, "longest wait of a room after mains return, by its name", ge=0, le=600)
    inrush_gap_s: float = key(2, "least time between two loads that come on", "N11", ge=0.5, le=60)
    grace_s: float = key(10, "nothing is ordered so long after a start without evidence", ge=0, le=120)
    press_hold_min: float = key(240, "a press of BẬT keeps the room so long", ge=10, le=720)
    press_more_min: float = key(60, "each further press of BẬT adds so much", ge=5, le=240)


class IdleRules(Strict):
    """R2: when the room is closed."""

    end_grace_min: float = key(30, "stays on after the booked end", ge=0, le=240)
    no_call_min: float = key(15, "and so long after the last call", ge=0, le=240)
    idle_min: float = key(30, "no call, nobody there, no press for so long = idle", ge=5, le=480)
    warn_min: float = key(10, "lamp warns so long before the cut", ge=1, le=60)
    evening: Clock = key("20:00", "with too little evidence nothing is cut before this hour")
    clock_settle_min: float = key(
        15, "after the clock was set it switches nothing off for so long", "N3", ge=0, le=240
    )
    break_max_min: float = key(180, "a pause up to this on one day keeps the room on", ge=0, le=720)
    saved_max_h: float = key(
        14,
        "one closing counts as saved no longer",
        "assumption: who leaves a room on finds it next morning",
        ge=0,
        le=72,
    )


class ClimateRules(Strict):
    """R4: limits of every climate place."""

    fan_on_c: float = key(28, "fan comes on above", f"{QCVN_26}; 28 = upper end of the target", ge=0, le=60)
    fan_off_c: float = key(26, "fan goes off below", ASSUMPTION, ge=0, le=60)
    report_low_c: float = key(20, "reported below, where people sit", QCVN_26, ge=-20, le=40)
    report_high_c: float = key(34, "reported above, where people sit", QCVN_26, ge=0, le=60)
    warn_c: float = key(35, "equipment is warned of above", ASSUMPTION, ge=0, le=60)
    hard_c: float = key(
        40, "equipment is protected above", "usual data-sheet maximum, verify per device", ge=20, le=70
    )
    hard_min: float = key(5, "after so long above the hard limit", ge=0.5, le=60)
    report_low_pct: float = key(40, "dry air reported below", QCVN_26, ge=0, le=100)
    report_high_pct: float = key(80, "damp air reported above", QCVN_26, ge=0, le=100)
    warn_pct: float = key(85, "damp air warned of above", ge=0, le=100)
    warn_min: float = key(30, "after so long above it", ge=0.5, le=240)
    wet_pct: float = key(92, "condensation is likely above: ventilate before power-up", ge=0, le=100)
    dry_on_pct: float = key(75, "dehumidifier comes on above", ge=0, le=100)
    dry_off_pct: float = key(65, "dehumidifier goes off below", ge=0, le=100)
    report_low_lux: float = key(
        300, "less light at the table is reported while the room is used", "office lighting guides: ≥ 300 lux", ge=0
    )
    dark_min: float = key(5, "after so long with less", ge=0.5, le=240)


class MainsRules(Strict):
    """R5, N11, N12: mains and battery."""

    lost_s: float = key(5, "shorter sags are figures, not outages", "N11", ge=0, le=120)
    back_s: float = key(30, "mains counts as back after", ge=1, le=600)
    settle_s: float = key(120, "loads return after mains have been stable so long", ge=0, le=3600)
    unknown_settle_min: float = key(15, "the same while the battery's charge is unknown", "N11", ge=0, le=120)
    shed_s: float = key(60, "on battery so long: loads marked `shed` go off", ge=0, le=1800)
    return_charge_pct: float = key(30, "loads return with at least this charge", ge=0, le=100)
    stop_runtime_s: int = key(300, "ordered stop below this runtime", ge=60, le=3600)
    stop_charge_pct: float = key(20, "ordered stop below this charge", ge=5, le=90)
    notice_min: float = key(5, "notice when the runtime is less than the meeting and this", ge=0, le=60)
    start_carry_min: float = key(
        15,
        "without mains a meeting is begun only if the battery lasts so far into it: time for a generator",
        "N12; wall card: wait 5 min, then the generator; rest assumption",
        ge=0,
        le=240,
    )
    start_load_factor: float = key(
        3,
        "with codec and camera on the UPS lasts so many times shorter than without",
        "some 75 W of codec and camera beside 33 W of line and controller; learnt at commissioning",
        ge=1,
        le=10,
    )
    closing_from: Clock = key("16:30", "mains that goes off from here on may have been switched off by hand")
    closing_to: Clock = key("20:00", "and until here")
    by_hand_times: int = key(2, "so often in a week it is a habit: a report, no incident", "field", ge=2, le=14)
    test_s: float = key(60, "length of the UPS's self-test", "manuals of small UPSes", ge=5, le=600)


class BatteryRules(Strict):
    """R7: the UPS's battery."""

    test_every_days: float = key(30, "the UPS tests itself so often, never near a meeting", "R7", ge=7, le=365)
    test_mains_h: float = key(4, "mains must have been good so long before a test", ge=0, le=48)
    test_charge_pct: float = key(90, "and the battery charged so far", ge=0, le=100)
    age_months: float = key(36, "a battery older than this is to be replaced", ge=6, le=120)
    want_min: float = key(30, "codec and line should run so long without mains", f"{QUY_CHE}, Đ8.3", ge=0, le=600)


class SafetyRules(Strict):
    """R16, R14: smoke, water, cabinet."""

    filter_s: float = key(3, "a smoke or leak contact must stand so long", "detectors: filter 2–5 s", ge=0.5, le=10)
    cut_s: float = key(30, "with people in the room loads are cut so long after the alarm", ge=5, le=300)
    put_off_min: float = key(5, "KIỂM TRA held puts the cut off for so long", ge=1, le=30)
    open_s: float = key(120, "the cabinet may stand open so long", ge=10, le=3600)


class PresenceRules(Strict):
    """People and motion as evidence (R2, R16, R19, R21)."""

    empty_min: float = key(10, "no motion for so long = nobody there", ge=1, le=120)
    stuck_min: float = key(720, "motion without a pause for so long = sensor stuck", ge=60, le=2880)
    people_max: int = key(
        40, "more people than this, by the codec's count, are reported", f"{QUY_CHE}, Đ4.3", ge=1, le=1000
    )


class RehearsalRules(Strict):
    """R6: the unattended rehearsal the day before."""

    day_rule: Literal["hours", "day"] = key(
        "hours", "a day before: 24 hours, or the end of the calendar day before", f"{QUY_CHE}, Đ8.2"
    )
    press_min: float = key(30, "nobody has pressed a button for so long", "R6", ge=5, le=240)
    spread_max_min: float = key(
        45, "the rooms of a network begin within this, each at its own time: they share one test site", ge=0, le=60
    )


class FloorRules(Strict):
    """R9: the microphone."""

    close_after_s: float = key(3, "open out of turn so long before it is closed", ge=1, le=60)
    excuse_s: float = key(10, "changes so near to a call's begin or end are not judged", ge=0, le=60)
    remutes: int = key(3, "closes at most so often, then only reports", ge=0, le=20)
    remute_window_min: float = key(10, "in so long a time", ge=1, le=120)
    remind_min: float = key(5, "the chair is reminded of a turn that lasts so long; nobody is cut", ge=1, le=120)


class DutyRules(Strict):
    """R20: TRỰC is asked for from T-60; who is told when nobody presses. R26: the roll-call."""

    remind_min: float = key(45, "so long before the start the room is reminded of TRỰC", ge=0, le=240)
    centre_min: float = key(30, "the desk is told to phone the technician", ge=0, le=240)
    leader_min: float = key(15, "the desk is told to phone the unit's leader", ge=0, le=240)
    rollcall_from_min: float = key(45, "the roll-call is made from so long before the start", ge=0, le=240)
    rollcall_to_min: float = key(15, "and is over so long before it", "custom: lists 15 min before", ge=0, le=240)


class CallRules(Strict):
    """R11, R12: calls out and in."""

    warn_s: float = key(60, "countdown before an unexplained call is ended", ge=10, le=600)
    by_phone_min: float = key(10, "GỌI HỖ TRỢ held explains dialling so long", ge=1, le=60)
    allowed: tuple[str, ...] = key(
        (), "numbers that may always be dialled", ASSUMPTION, strict=False, max_length=64
    )
    who_dials: Literal["mcu", "room", "either"] = key(
        "mcu", "who calls in a meeting: only where the room dials does its codec never answer by itself", "R12"
    )


class LineRules(Strict):
    """R12, R22: when the line is slow, bad, lost; when the provider is phoned; when the room calls again."""

    warn_loss_pct: float = key(1, "packets lost: warned of from", _CUSTOM, ge=0, le=100)
    bad_loss_pct: float = key(5, "packets lost: bad from", _CUSTOM, ge=0, le=100)
    warn_rtt_ms: float = key(150, "round trip: warned of from", _CUSTOM, ge=1, le=5000)
    bad_rtt_ms: float = key(300, "round trip: bad from", _CUSTOM, ge=1, le=5000)
    warn_jitter_ms: float = key(30, "jitter: warned of from", _CUSTOM, ge=1, le=5000)
    bad_jitter_ms: float = key(50, "jitter: bad from", _CUSTOM, ge=1, le=5000)
    phone_min: float = key(5, "not back in so long: phone the provider", ge=1, le=120)
    ask_min: float = key(30, "the expected end is asked for so often", ge=5, le=240)
    redial_least_s: float = key(20, "least wait before the room calls again", "R12", ge=5, le=600)
    redial_most_s: float = key(
        60, "longest wait; each room has its own, so that not all call at once", "R12", ge=5, le=600
    )
    redial_alone_s: float = key(
        180, "longest wait without the centre, which could have said that many fell together", ge=5, le=1800
    )
    redial_tries: int = key(3, "calls at most, after one loss", "R12", ge=1, le=3)


class CloseRules(Strict):
    """R13: before the power is cut."""

    silent_min: float = key(30, "a codec that falls silent stays on so long", INDUSTRY, ge=1, le=120)


class MeetingRules(Strict):
    """R18: what a calendar leaves out."""

    length_min: float = key(
        240, "length of a meeting without an end", "hướng dẫn k12online.vn: tối đa 4 giờ", ge=15, le=720
    )


_START = "how far a new network trusts the machine; changed by a decision whose number is kept"


class ModeRules(Strict):
    """How far each rule that cuts, hangs up or mutes may go. A room that is not accepted never exceeds `watch`."""

    R1: ModeWord = key("enforce", "power-up before meetings", SA_THAY)
    R2: ModeWord = key("enforce", "cut when unused", f"{QUY_CHE}, Đ6.6")
    R3: Fixed = key("enforce", "order of switching; always in force", f"{QUY_CHE}, Đ6.5")
    R4: ModeWord = key("enforce", "climate", f"{QUY_CHE}, Đ6.2")
    R5: ModeWord = key("enforce", "mains and battery", f"{QUY_CHE}, Đ6.2, Đ8.3")
    R6: ModeWord = key(
        "enforce",
        "the unattended rehearsal the day before; whatever the mode, asked checks are made",
        f"{QUY_CHE}, Đ8.2",
    )
    R9: ModeWord = key("remind", "microphone out of turn", f"{QUY_CHE}, Đ9.2; {_START}")
    R11: ModeWord = key("watch", "dialling on one's own", f"{QUY_CHE}, Đ9.2; {_START}")
    R12: ModeWord = key("enforce", "calling again after a loss, where who_dials lets the room", f"{QUY_CHE}, Đ9.2")
    R13: Fixed = key("enforce", "checks before the cut; always in force", f"{QUY_CHE}, Đ9.2")
    R16: ModeWord = key("enforce", "cut at smoke or water; the alarm is never off", f"{QUY_CHE}, Đ6.1")
    R21: ModeWord = key("watch", "a question to the desk when nobody seems to be there", f"Gia Lai; {_START}")


class Rules(Strict):
    """All figures of the rules."""

    power_up: PowerUpRules = table(PowerUpRules, "R1: when the room comes up")
    idle: IdleRules = table(IdleRules, "R2: when it is closed")
    climate: ClimateRules = table(ClimateRules, "R4: temperature and humidity")
    mains: MainsRules = table(MainsRules, "R5: mains and battery")
    battery: BatteryRules = table(BatteryRules, "R7: the UPS's battery")
    upkeep: UpkeepRules = table(UpkeepRules, "R17: cleaning and maintenance")
    safety: SafetyRules = table(SafetyRules, "R16, R14: smoke, water, cabinet")
    drift: DriftRules = table(DriftRules, "R14: settings and pictures as approved")
    presence: PresenceRules = table(PresenceRules, "motion sensors as evidence")
    rehearsal: RehearsalRules = table(RehearsalRules, "R6: the unattended rehearsal the day before")
    floor: FloorRules = table(FloorRules, "R9: the microphone")
    duty: DutyRules = table(DutyRules, "R20: who is told when nobody presses TRỰC")
    calls: CallRules = table(CallRules, "R11, R12: calls")
    line: LineRules = table(LineRules, "R12, R22: the line")
    close: CloseRules = table(CloseRules, "R13: before the cut")
    meeting: MeetingRules = table(MeetingRules, "R18: what a calendar leaves out")
    modes: ModeRules = table(ModeRules, "how far each rule may go")


class Pack(Strict):
    """Where a province's figures come from."""

    document: str = need("number of the document, e.g. 1444/QĐ-SGD&ĐT", min_length=1, max_length=120)
    issued_by: str = key("", "who issued it", max_length=200)
    issued: date | None = key(None, "its date")
    clauses: dict[str, str] = Field(
        default_factory=dict, description="key → clause text, for every key that the pack sets", max_length=200
    )


class PackFile(Strict):
    """A whole rule pack."""

    pack: Pack = need("the document")
    rules: Rules = table(Rules, "the figures it sets")
