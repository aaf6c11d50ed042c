"""Rules: pure functions from a View to yields. One file per family; its head names the rule and its clause.

`RULES` is the only list: each rule with the id whose mode governs it: `off` (not asked at all), `watch` (what it
would do is written down, nothing is said in the room), `remind` (people are asked to do it), `enforce`.
'' stands for what is never switched off: people's set-points, the use lock, what only reports (danger that is seen
is told in every mode), what cuts nothing (network, fans) and what only holds back (R3: edges; R13: closing.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from controller.core.ask import Rule
from controller.rules.battery import plan, plan_over, self_test
from controller.rules.battery import report as battery_report
from controller.rules.battery_start import battery_start
from controller.rules.by_hand import by_hand
from controller.rules.calls import calls, dialled
from controller.rules.checks import asked, at_ready, results
from controller.rules.climate import climate, condensation, dark, protect
from controller.rules.climate import report as climate_report
from controller.rules.closing import closing, seen_updating
from controller.rules.closing import record as closing_record
from controller.rules.computer import computer
from controller.rules.devices import accounts, devices, own_parts
from controller.rules.drift import commissioned, identities, pictures, settings
from controller.rules.duty import duty
from controller.rules.floor import closed, long_turn, out_of_turn
from controller.rules.heal import heal
from controller.rules.idle_off import idle_off
from controller.rules.incoming import answer, autoanswer
from controller.rules.kept import kept
from controller.rules.line import desk_away, line_cut, pace_line, phone, quality
from controller.rules.lost import lost, media, witness
from controller.rules.mains import health, notice, rest, settle, shed, stop, watch
from controller.rules.maintenance import maintenance
from controller.rules.manual import bypass, manual
from controller.rules.outputs import max_on
from controller.rules.people import count, unseen
from controller.rules.ports import ports
from controller.rules.power_up import network, pause, power_up, readiness
from controller.rules.presence import motion
from controller.rules.redial import redial
from controller.rules.rehearsal import rehearse
from controller.rules.safety import alarm, contacts, cut, decided
from controller.rules.sags import figures
from controller.rules.saved import saved
from controller.rules.seats import frame
from controller.rules.tamper import tamper
from controller.rules.updating import updating
from controller.rules.upkeep import due, hours
from controller.rules.use_lock import calling, lock_ends, use_lock
from controller.rules.volume import changed as volume_changed
from controller.rules.volume import put_back

RULES: Sequence[tuple[str, Rule]] = (
    ("", bypass),
    ("", manual),
    ("", calling),
    ("", use_lock),
    ("", lock_ends),
    ("", updating),
    ("", maintenance),
    ("", network),
    ("", battery_start),
    ("R1", power_up),
    ("R1", pause),
    ("", readiness),
    ("", alarm),
    ("", decided),
    ("R16", cut),
    ("", contacts),
    ("", tamper),
    ("", motion),
    ("", rehearse),
    ("", kept),
    ("R2", idle_off),
    ("", computer),
    ("", seen_updating),
    ("", closing),
    ("", closing_record),
    ("", climate_report),
    ("", condensation),
    ("", dark),
    ("", climate),
    ("R4", protect),
    ("", watch),
    ("", figures),
    ("", by_hand),
    ("", settle),
    ("R5", shed),
    ("R5", stop),
    ("R5", rest),
    ("R5", plan),
    ("", plan_over),
    ("", notice),
    ("", self_test),
    ("", battery_report),
    ("", health),
    ("", asked),
    ("", at_ready),
    ("", results),
    ("R9", closed),
    ("", out_of_turn),
    ("", duty),
    ("", count),
    ("R21", unseen),
    ("", put_back),
    ("", volume_changed),
    ("", long_turn),
    ("", frame),
    ("R11", calls),
    ("", dialled),
    ("", answer),
    ("", autoanswer),
    ("", pace_line),
    ("", line_cut),
    ("", phone),
    ("", desk_away),
    ("", quality),
    ("", witness),
    ("", lost),
    ("", media),
    ("R12", redial),
    ("", heal),
    ("", devices),
    ("", own_parts),
    ("", commissioned),
    ("", identities),
    ("", settings),
    ("", pictures),
    ("", ports),
    ("", accounts),
    ("", max_on),
    ("", hours),
    ("", saved),
    ("", due),
)
