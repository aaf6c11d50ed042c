"""What the laws are held against is no quiet life: all that can happen happens in the corpus."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from controller.core.events import Event
from controller.core.phases import PHASES
from controller.rules import RULES
from controller.simulation.acts import _PEOPLE
from controller.simulation.fault_names import (
    FAULTS,
)
from controller.simulation.simulate import Run
from controller.texts import catalogue, known
from tests.law.days import CORPUS, lived

pytestmark = pytest.mark.timeout(600)
"""The first test of a session lives all of them, and the machine may have other things to do."""


def runs() -> list[Run]:
    return [lived(seed, faulty) for seed, faulty in CORPUS]


def bodies(*kinds: str) -> list[dict[str, object]]:
    return [dict(e.body) for run in runs() for e in run.world.entries if not kinds or e.kind in kinds]


def test_every_fault_strikes() -> None:
    struck = {name for run in runs() for name in run.report.acts}
    assert set(FAULTS) <= struck


N22 = {
    "mains cut": ("mains_cut",),
    "brown-out flapping": ("mains_flicker", "voltage_sag"),
    "clock jump": ("clock_jump", "clock_lost", "clock_dead"),
    "disk full": ("disk_full",),
    "disk read-only": ("disk_readonly",),
    "disk failing": ("disk_failing",),
    "serial noise": ("serial_noise",),
    "half-open MQTT": ("half_open",),
    "stale UPS": ("ups_stale",),
    "codec that acknowledges but does nothing": ("codec_deaf",),
}
"""The words of N22, and the faults that they are here."""


@pytest.mark.parametrize("words", N22)
def test_every_fault_on_demand_is_there_and_strikes(words: str) -> None:
    struck = {name for run in runs() for name in run.report.acts}
    assert set(N22[words]) <= set(FAULTS) & struck


SEEN: dict[str, tuple[str, ...]] = {
    "mains_cut": ("alert on_battery",),
    "codec_hang": ("alert lost", "alert failed"),
    "codec_deaf": ("alert failed",),
    "codec_reboot": ("alert dropped", "alert lost"),
    "codec_update": ("alert silent_codec",),
    "camera_hang": ("alert lost", "alert failed"),
    "camera_idle": ("alert frame_missing", "alert failed"),
    "sensor_dead": ("alert sensor_lost",),
    "sensor_wild": ("alert sensor_lost", "alert heat"),
    "sensor_stuck": ("alert sensor_stuck",),
    "ups_stale": ("alert ups_unknown",),
    "ups_driver": ("alert ups_unknown",),
    "controller_crash": ("started True",),
    "call_reset": ("started False",),
    "call_reboot": ("alert dropped",),
    "clock_jump": ("clock.stepped",),
    "clock_lost": ("clock.stepped",),
    "clock_dead": ("started False", "clock.stepped"),
    "hand_key": ("alert bypass",),
    "desk_away": ("alert desk_away",),
    "half_open": ("alert desk_away",),
    "welded_relay": ("alert failed",),
    "relay_stuck": ("alert failed",),
    "heat": ("alert heat",),
    "smoke_false": ("alert smoke",),
    "leak": ("alert leak",),
    "wire_bitten": ("alert cut_put_off",),
    "motion_stuck": ("alert motion_stuck",),
    "cabinet_open": ("alert door",),
    "dim": ("alert dark",),
    "line_cut": ("alert line_down",),
    "lan_cut": ("alert line_down",),
    "far_gone": ("alert line_down",),
    "congestion": ("alert line_bad",),
    "media_stops": ("alert no_media",),
    "voltage_sag": ("noted regulated",),
    "disk_full": ("journal.full",),
    "disk_readonly": ("journal.readonly",),
    "disk_failing": ("journal.failed",),
    "cable_out": ("alert lost",),
    "setting_changed": ("alert setting_drift",),
    "preset_moved": ("alert frame_drift",),
}
"""What each leaves in the journal, all of it somewhere in the corpus."""
UNSEEN = {
    "mains_flicker": "the UPS bridges it: a figure, no outage",
    "camera_power": "it comes back by itself, and only its next picture waits",
    "keeper_restart": "a third of a second, in which no line moves",
    "serial_noise": "what was hit is asked for again",
    "button_chatter": "no contact of a millisecond is a press",
    "icmp_blocked": "what cannot be measured is never called lost",
}
"""Those that a room is to bear without a word, and why."""


def evidence() -> set[str]:
    found = set()
    for run in runs():
        for entry in run.world.entries:
            body = dict(entry.body)
            words = (entry.kind, f"{entry.kind} {entry.subject}", f"{entry.kind} {body.get('alert')}")
            found |= {*words, str(body.get("code")), f"{entry.kind} {body.get('same_boot')}"}
    return found


def test_what_a_fault_does_is_seen_by_the_room() -> None:
    """Not only struck: each leaves its own mark in the journal, or its reason why it must not is here."""
    assert set(SEEN) | set(UNSEEN) == set(FAULTS)
    assert set(SEEN).isdisjoint(UNSEEN)
    found = evidence()
    assert {name: marks for name, marks in SEEN.items() if not found.issuperset(marks)} == {}


ELSEWHERE: dict[str, tuple[str, str]] = {
    "backup_short": ("rules/test_battery", "the simulated battery is new"),
    "battery_failed": ("rules/test_battery", "the simulated battery is new"),
    "battery_old": ("rules/test_battery", "the simulated battery is new"),
    "battery_short": ("rules/test_mains_day", "twenty days have no long outage in a meeting; a year has"),
    "by_hand": ("rules/test_by_hand", "nobody switches the mains off at closing time, twice a week"),
    "check_missing": (
        "rules/test_rehearsal",
        "a day before that no span of a rehearsal was good for; a year has it",
    ),
    "cleaning_due": ("rules/test_upkeep", "after ninety days"),
    "computer_off": ("rules/test_computer", "the simulated computer starts with its power"),
    "condensation": ("rules/test_climate", "the simulated air is never damp"),
    "contact_lost": ("rules/test_contacts", "the simulated contacts can always be read"),
    "disk": ("rules/test_people_and_parts", "the simulated card is as empty as it was"),
    "from_battery": ("rules/test_battery_start", "an outage in the hour before a start; a year may have it"),
    "humidity": ("rules/test_climate", "the simulated air is never damp"),
    "keeper_down": ("rules/test_people_and_parts", "the simulated keeper is back at once"),
    "line_slow": ("rules/test_line", "a simulated line that is busy loses packets, and that is worse"),
    "login_refused": (
        "simulation/test_secrets",
        "the simulated devices ask for no password unless they are told to",
    ),
    "maintenance_due": ("rules/test_upkeep", "after half a year"),
    "mic_fighting": ("rules/test_floor", "nobody opens the simulated microphone four times in ten minutes"),
    "motion_blind": ("rules/test_contacts", "whoever comes is seen by the sensors"),
    "no_picture": ("rules/test_lost", "picture and sound of the simulated codecs stop together"),
    "no_sound": ("rules/test_lost", "picture and sound of the simulated codecs stop together"),
    "overload": ("rules/test_mains", "the simulated UPS is large enough"),
    "port_moved": ("rules/test_ports", "nobody plugs a cable into another port"),
    "redial_spent": ("rules/test_lost", "the far end comes back in time"),
    "remind": ("rules/test_modes", "the rules of the simulated room act"),
    "replace_battery": ("rules/test_mains", "the simulated battery is new"),
    "tamper": ("rules/test_contacts", "the example has no such contact"),
    "undervoltage": ("rules/test_people_and_parts", "the simulated Pi has a good supply"),
    "volume_outside": ("rules/test_volume", "the desk's volumes are within the band"),
    "warranty": ("rules/test_upkeep", "the example lists no devices"),
}
"""Alerts that twenty simulated days cannot raise: the test that does, and why they cannot."""
WORDS = {"end", "heal"}
"""Of the catalogue's, those that are no alert's code."""


def test_every_alert_is_raised_here_or_elsewhere_for_a_reason() -> None:
    codes = {key.removeprefix("alert.") for key in catalogue() if key.startswith("alert.")} - WORDS
    raised = {str(body["alert"]) for body in bodies("alert")}
    assert set(ELSEWHERE).isdisjoint(raised), "it is raised now, and needs no excuse"
    assert codes == raised | set(ELSEWHERE)


@pytest.mark.parametrize("code", ELSEWHERE)
def test_the_test_that_raises_it_is_there(code: str) -> None:
    file = Path(__file__).parents[1] / "controller" / f"{ELSEWHERE[code][0]}.py"
    assert re.search(rf"\b{code}\b", file.read_text(encoding="utf-8"))


KINDS = {
    *("started", "calendar", "wish", "proof", "phase", "order", "noted", "hold", "hold.end", "command", "alert"),
    *("alert.end", "press", "refused", "hazard.seen", "clock.stepped", "meeting.booked", "meeting.cancelled"),
    *(
        "meeting.changed",
        "meeting.skipped",
        "command.rejected",
        "command.rejected.more",
        "out_of_order",
        "maintenance.done",
    ),
}
"""Records that a room writes in its life, as differ and absorb make them."""


def test_every_kind_of_record_is_written() -> None:
    written = {entry.kind for run in runs() for entry in run.world.entries}
    assert written >= KINDS


def test_people_do_everything_that_they_can() -> None:
    assert set(_PEOPLE) <= {name for run in runs() for name in run.report.acts}


def test_every_class_of_event_comes() -> None:
    assert {kind for run in runs() for kind in run.world.kinds} == set(get_args(Event))


def test_the_room_is_seen_in_every_phase() -> None:
    assert {body[way] for body in bodies("phase") for way in ("from", "to")} == set(PHASES)


def test_a_room_with_faults_restarts_and_loses_its_power() -> None:
    started = bodies("started")
    assert {body["same_boot"] for body in started} == {True, False}
    assert {body["boot"] for body in started} > {"boot1"}


@pytest.mark.parametrize(
    "rule",
    [
        *("R1", "R2", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R16", "R19"),
        *("R20", "R21", "R22", "R28", "N4", "N7", "N9", "N11", "N13", "N14", "N15", "N19"),
    ],
)
def test_every_rule_has_something_to_say(rule: str) -> None:
    assert rule in {body.get("rule") for body in bodies()}


def test_every_reason_has_a_sentence() -> None:
    codes = {str(body["code"]) for body in bodies() if body.get("code")}
    assert [code for code in sorted(codes) if not (known(code) or known(f"reply.{code}"))] == []
    alerts = {str(body["alert"]) for body in bodies("alert")}
    assert [code for code in sorted(alerts) if not known(f"alert.{code}")] == []


def test_the_rules_are_those_that_ship() -> None:
    assert all(run.world.rules is RULES for run in runs())


@pytest.mark.parametrize("item", ["codec.test_call", "codec.audio"])
def test_rehearsals_try_the_codec(item: str) -> None:
    """On real bytes, with both makes of codec; what became of it is never left open."""
    kept = [v for b in bodies("noted") if isinstance(v := b["value"], tuple) and len(v) == 5]
    rows = [row for v in kept for row in v[4] if isinstance(row, tuple) and row[0] == item]
    assert {"passed", "not_due"} <= {row[1] for row in rows}
