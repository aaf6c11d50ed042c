"""The only place that computes a check (R6, R7; form A): per item one of five results, with its figure. Pure.

Passed, failed, could not be made (and why), not applicable, not due. Unknown is never passed, and what is rightly
off is not failed. The rehearsal, the check at T-60, KIỂM TRA, the command `check`, detail/checks and `diemcau
status` all show these rows; none of them judges by itself.
Must not: demand anything, or know who asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.core.instant import Trust
from controller.core.room import Load, Rank
from controller.core.room_figures import Pc, Zone
from controller.core.state import Proof
from controller.core.tables import target
from controller.core.view import UNKNOWN, Known, View
from hardware.contract import Value


class Verdict(StrEnum):
    """What a check came to. PARTLY: nothing failed, but something could not be made; only of a whole check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_MADE = "not_made"
    NOT_APPLICABLE = "not_applicable"
    NOT_DUE = "not_due"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Check:
    """One row: the item, its result, the figure that was read, and a word why (`why.<word>` in the catalogue)."""

    item: str
    result: Verdict
    figure: Value = None
    why: str = ""

    def row(self) -> tuple[Value, ...]:
        """As it is written down."""
        return (self.item, self.result.value, self.figure, self.why)


ON_ITS_WAY = "on_its_way"
SEATS = "seats"
"""Mark of the rehearsal: ((seat, 'passed' | 'failed'), …), pictures recalled and confirmed by inquiry (R8)."""
TEST_CALL, AUDIO, SPEAKER = "test_call", "test_audio", "test_speaker"
"""Marks of the rehearsal: (result, figure, why) of its call to `test_address` (kbit/s) and of its audio meter."""
LOSS_BAD, RTT_BAD_MS, JITTER_BAD_MS = 0.05, 300.0, 50.0
"""People 4, line *bad*: loss 5 %, round trip 300 ms, jitter 50 ms over 60 s."""
_LINE = (("loss_ratio", LOSS_BAD), ("rtt_ms", RTT_BAD_MS), ("jitter_ms", JITTER_BAD_MS))


def checks(v: View) -> tuple[Check, ...]:
    """Every item of the room as it stands now."""
    return (
        *_power(v),
        *(_load(v, load) for load in v.tables.meeting),
        *_codec(v),
        *_trials(v),
        *_cameras(v),
        *_seats(v),
        *(row for zone in v.room.zones for row in _zone(v, zone)),
        *_line(v),
        _told(v, "journal", "journal.state", "ok"),
        Check("clock", Verdict.PASSED if v.trust >= Trust.RTC else Verdict.FAILED, v.trust.name.lower()),
    )


def at_deadline(rows: Sequence[Check]) -> tuple[Check, ...]:
    """The same rows when there is no more time: what is still on its way has failed."""
    return tuple(replace(row, result=Verdict.FAILED) if row.why == ON_ITS_WAY else row for row in rows)


def overall(rows: Sequence[Check]) -> Verdict:
    """Of all rows together: one failed item is a failed check."""
    results = {row.result for row in rows}
    if Verdict.FAILED in results:
        return Verdict.FAILED
    return Verdict.PARTLY if Verdict.NOT_MADE in results else Verdict.PASSED


def items(rows: Sequence[Check], result: Verdict) -> tuple[str, ...]:
    return tuple(row.item for row in rows if row.result is result)


def _is(item: str, fact: Known, good: Value, figure: Value = None) -> Check:
    """Passed if the fact is as it should be; without a good word of the device it could not be made."""
    if fact is UNKNOWN:
        return Check(item, Verdict.NOT_MADE, None, "no_word")
    shown = figure if figure is not None else fact
    return Check(item, Verdict.PASSED if fact == good else Verdict.FAILED, shown)


def _told(v: View, item: str, fact: str, good: Value) -> Check:
    """Of a source that has never spoken there is none in this room: a room may live without a centre."""
    if v.last(fact) is None:
        return Check(item, Verdict.NOT_APPLICABLE)
    return _is(item, v.get(fact), good)


def _power(v: View) -> Iterator[Check]:
    """R7: mains, charge and runtime by the UPS's word, its last self-test."""
    if not v.room.has_ups:
        yield from (
            Check(item, Verdict.NOT_APPLICABLE) for item in ("mains", "ups", "ups.runtime", "ups.self_test")
        )
        return
    volts = v.number("ups.input_v")
    yield _is("mains", v.get("ups.source"), "mains", volts)
    yield _is("ups", v.get("ups.link"), "ok", v.number("ups.charge_pct"))
    yield _limit("ups.runtime", v.number("ups.runtime_s"), low=v.room.battery.want_ms / 1000)
    yield _self_test(v)


def _self_test(v: View) -> Check:
    """The last one that came to an end; a test never made says nothing of the battery."""
    kept = v.mark("!self_test")
    stage = kept[0] if isinstance(kept, tuple) and kept else ""
    if "ups.test" not in v.room.targets:
        return Check("ups.self_test", Verdict.NOT_APPLICABLE)
    if stage in ("passed", "failed"):
        when = kept[2] if isinstance(kept, tuple) and len(kept) == 3 else None
        return Check("ups.self_test", Verdict(stage), when)
    return Check("ups.self_test", Verdict.NOT_DUE, None, "not_tested_yet")


def _limit(item: str, figure: float | None, low: float | None = None, high: float | None = None) -> Check:
    if figure is None:
        return Check(item, Verdict.NOT_MADE, None, "no_word")
    outside = (low is not None and figure < low) or (high is not None and figure > high)
    return Check(item, Verdict.FAILED if outside else Verdict.PASSED, figure)


def _load(v: View, load: Load) -> Check:
    """By contact and effect. A load that is off and that nobody wants on is not due."""
    name = target(load)
    track = v.track(name)
    if track is None or track.seen is None:
        return Check(name, Verdict.NOT_MADE, None, "no_word")
    if track.proof is Proof.FAILED:
        return Check(name, Verdict.FAILED, track.seen, track.failed)
    wish = v.desired(name)
    healing = wish is not None and wish.rank is Rank.HEAL
    if healing or (track.want == "on" and track.proof is not Proof.PROVEN):
        return Check(name, Verdict.NOT_MADE, track.seen, ON_ITS_WAY)
    if track.seen == "off":
        return Check(name, Verdict.NOT_DUE, "off")
    return Check(name, Verdict.PASSED if track.proof is Proof.PROVEN else Verdict.NOT_MADE, "on")


def _off(v: View, carrier: str) -> bool:
    return bool(carrier) and v.seen(carrier) == "off"


def _codec(v: View) -> Iterator[Check]:
    if v.room.pc is not None:
        yield from _computer(v, v.room.pc)
        return
    if not v.room.codec:
        yield Check("codec", Verdict.NOT_APPLICABLE)
        return
    power = v.track(v.tables.codec_load)
    if _off(v, v.tables.codec_load):
        yield Check("codec", Verdict.NOT_DUE, None, "off")
        return
    if power is not None and power.want == "on" and power.proof in (Proof.ORDERED, Proof.DONE):
        yield Check("codec", Verdict.NOT_MADE, None, ON_ITS_WAY)
        return
    identity = v.last("codec.identity")
    yield _is("codec", v.get("codec.answers"), True, identity if isinstance(identity, str) and identity else None)
    if v.get("codec.login") == "refused":
        yield Check("codec.login", Verdict.FAILED, "refused")
    if v.last("codec.registered") is not None:  # a codec that cannot say so is not asked
        yield _is("codec.registered", v.get("codec.registered"), True)
    yield _mic(v)


def _computer(v: View, pc: Pc) -> Iterator[Check]:
    """Whether it lives, and its microphone's relay; what only a codec has is not applicable, and never passed."""
    answers, watts = v.get("codec.answers"), v.number("codec.watts")
    draws = pc.run_w is not None and watts is not None and watts >= pc.run_w
    if _off(v, v.tables.codec_load):
        yield Check("computer", Verdict.NOT_DUE, None, "off")
    elif not pc.asked and pc.run_w is None:
        yield Check("computer", Verdict.NOT_MADE, None, "no_means")
    else:
        told = answers is not UNKNOWN or watts is not None
        yield _is("computer", (answers is True or draws) if told else UNKNOWN, True, watts)
    yield from (Check(item, Verdict.NOT_APPLICABLE, None, "computer") for item in ("codec", "codec.registered"))
    yield _mic(v) if pc.mutes else Check("codec.mic", Verdict.NOT_APPLICABLE, None, "computer")


def _mic(v: View) -> Check:
    """Does it close when it is told to? Nobody has told it anything: not due. Levels are for the audio meter."""
    mute = v.get("codec.mute")
    if mute != "muted" and v.was("codec.mute") != "muted":
        return Check("codec.mic", Verdict.NOT_DUE, None if mute is UNKNOWN else mute)
    return _is("codec.mic", mute, "muted")


def _trials(v: View) -> Iterator[Check]:
    """What only a rehearsal tries: it calls somebody, and it listens to the microphone."""
    calls = bool(v.room.codec) and bool(v.room.rehearsal.test_address) and "codec.dial" in v.room.targets
    yield _tried("codec.test_call", calls, v.mark(TEST_CALL))
    meter = "codec.audiometer" in v.room.targets
    yield _tried("codec.audio", meter, v.mark(AUDIO))
    if calls and meter and v.room.rehearsal.test_output:
        made = v.mark(SPEAKER) or (("not_made", None, "no_call") if v.mark(TEST_CALL) else None)
        yield _tried("codec.speaker", True, made)


def _tried(item: str, applies: bool, made: Value) -> Check:
    if not applies:
        return Check(item, Verdict.NOT_APPLICABLE)
    if not (isinstance(made, tuple) and len(made) == 3):
        return Check(item, Verdict.NOT_DUE, None, "in_rehearsal")
    return Check(item, Verdict(str(made[0])), made[1], str(made[2]))


def _cameras(v: View) -> Iterator[Check]:
    for camera in v.room.cameras:
        item = f"camera.{camera}"
        spec = v.room.targets.get(f"{item}.preset")
        if spec is not None and _off(v, spec.carrier):
            yield Check(item, Verdict.NOT_DUE, None, "off")
            continue
        identity = v.last(f"{item}.identity")
        shown = identity if isinstance(identity, str) and identity else None
        yield _is(item, v.get(f"{item}.ready"), True, shown)


def _seats(v: View) -> Iterator[Check]:
    """R8: pictures are recalled where nobody sits, so only in a rehearsal."""
    made = v.mark(SEATS)
    known = {row[0]: row[1:] for row in made if isinstance(row, tuple)} if isinstance(made, tuple) else {}
    for name, _camera, preset in v.room.seats:
        told = known.get(name)
        result = Verdict(str(told[0])) if told else Verdict.NOT_DUE
        yield Check(f"seat.{name}", result, preset, "" if told else "in_rehearsal")


def _zone(v: View, zone: Zone) -> Iterator[Check]:
    name = f"climate.{zone.place}"
    yield _limit(f"{name}.temp_c", v.number(f"{name}.temp_c"), zone.report_low_c, zone.report_high_c)
    if v.last(f"{name}.humidity_pct") is not None:
        yield _limit(f"{name}.humidity_pct", v.number(f"{name}.humidity_pct"), high=zone.warn_pct)


def _line(v: View) -> Iterator[Check]:
    """The way to the desk, and what the probes of the line measure, where there are any."""
    # By the backup broker the desk is reached as well.
    yield _told(v, "line", "link.desk", "backup" if v.get("link.desk") == "backup" else "up")
    for fact in sorted(v.facts("line.")):
        high = dict(_LINE).get(fact.rpartition(".")[2])
        if high is not None and v.last(fact) is not None:
            yield _limit(fact, v.number(fact), high=high)
