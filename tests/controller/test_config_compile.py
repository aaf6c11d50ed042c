"""What the core is given: targets and their proof, the sequence up and down, facts, figures of the rules."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller import config
from controller.config import Severity, check
from controller.config_compile import compile_room
from controller.config_devices import inputs, keeper_table, link_settings, ups_address
from controller.config_figures import stagger_ms
from controller.config_sequence import closing_order, cycle, edges
from controller.core.room import Class, Edge, Evidence, Mode, Room
from controller.core.room_figures import Pc
from controller.core.tables import tables
from controller.plan import Computer
from controller.plan_make import plan_of
from hardware.contract import FIELDS, TARGETS
from hardware.keeper_table import dumps, loads
from hardware.protocols.modbus_power import Meter
from tests.controller.pc_kit import METER, on_paper
from tests.controller.rooms_on_paper import SMALLEST, changed

ROOM = compile_room(changed())
SWITCHED = (("on", True), ("off", False))


def waits(room: Room, target: str, value: object) -> dict[tuple[str, object], Edge]:
    """What this target waits for, by (after, is)."""
    return {(e.after, e.is_): e for e in room.edges if (e.target, e.value) == (target, value)}


def ordered(room: Room, value: str) -> list[str]:
    """The loads in an order that keeps every row."""
    loads = [load.name for load in room.loads]
    done: list[str] = []
    while len(done) < len(loads):
        free = [n for n in loads if n not in done and not _open_rows(room, n, value, done)]
        done.append(free[0])
    return done


def _open_rows(room: Room, name: str, value: str, done: list[str]) -> list[Edge]:
    rows = waits(room, f"load.{name}", value).values()
    return [e for e in rows if e.after.startswith("load.") and e.after.removeprefix("load.") not in done]


# Targets


def test_a_codecs_load_is_proven_by_its_answer_and_its_silence() -> None:
    target = ROOM.targets["load.codec"]
    assert target.done == (Evidence("relay.codec"),)
    assert target.proven == (Evidence("relay.codec"), Evidence("codec.answers", when=SWITCHED))
    assert (target.carrier, target.prefer, target.min_off_ms) == ("", "on", 15_000)
    assert target.effect_ms == 180_000


def test_a_cameras_load_is_proven_by_the_camera() -> None:
    target = ROOM.targets["load.camera"]
    assert target.proven[1:] == (Evidence("camera.main.answers", when=SWITCHED),)


def test_a_load_without_a_device_is_proven_by_its_relay() -> None:
    assert ROOM.targets["load.display"].proven == ROOM.targets["load.display"].done
    proofs = {load.name: load.proof for load in ROOM.loads}
    assert proofs["display"] == ""
    assert proofs["codec"] == "codec.answers"
    assert proofs["camera"] == "camera.main.answers"


def test_devices_stand_on_their_load() -> None:
    carriers = {name: t.carrier for name, t in ROOM.targets.items() if t.carrier}
    assert carriers == {
        "codec.power": "load.codec",
        "codec.mute": "load.codec",
        "codec.volume": "load.codec",
        "codec.hangup": "load.codec",
        "codec.audiometer": "load.codec",
        "codec.dial": "load.codec",
        "codec.answer": "load.codec",
        "codec.autoanswer": "load.codec",
        "codec.port": "load.codec",
        "codec.setting.sleep": "load.codec",
        "codec.reboot": "load.codec",
        "camera.main.port": "load.camera",
        "camera.main.power": "load.camera",
        "camera.main.preset": "load.camera",
        "camera.main.park": "load.camera",
        "camera.main.store": "load.camera",
    }
    assert ROOM.targets["codec.mute"].prefer == "muted"
    assert ROOM.targets["codec.hangup"].done == (Evidence("codec.calls", absent=True),)
    assert ROOM.targets["camera.main.park"].done == (Evidence("camera.main.parked", when=(("home", True),)),)


def test_a_camera_on_the_codec_lives_on_the_codecs_load() -> None:
    cfg = changed(cameras__main={"via": "codec"})
    room = compile_room(cfg)
    assert room.targets["camera.main.preset"].carrier == "load.codec"
    assert "camera.main.power" not in room.targets
    assert room.targets["load.camera"].proven == (Evidence("relay.camera"),)
    assert room.facts["camera.main.preset"].max_age_ms == 100_000
    assert cfg.chains() == {}


def test_the_ups_is_told_to_end_only_where_a_user_may() -> None:
    assert ROOM.targets["ups.shutdown"].tries == 1
    assert "ups.shutdown" not in compile_room(changed(ups__user="")).targets
    assert "ups.shutdown" not in compile_room(changed(ups=None)).targets


def test_targets_and_their_evidence_are_words_of_the_contract() -> None:
    for target in ROOM.targets.values():
        assert any(fnmatchcase(target.name, name) for name in TARGETS), target.name
        for evidence in (*target.done, *target.proven):
            assert evidence.fact in ROOM.facts


# The sequence


def test_up_amplifier_last_and_down_amplifier_first() -> None:
    up = ordered(ROOM, "on")
    assert [n for n in up if n != "fan"] == ["network", "display", "camera", "codec", "mixer", "amplifier"]
    assert list(waits(ROOM, "load.mixer", "off")) == [("load.amplifier", "off")]
    assert ROOM.edges == edges(changed())


def test_each_class_waits_for_the_class_before() -> None:
    assert list(waits(ROOM, "load.display", "on")) == [("load.network", "on")]
    edge = waits(ROOM, "load.amplifier", "on")["load.mixer", "on"]
    assert (edge.settle_ms, edge.give_up_ms, edge.hard, edge.effect) == (2_000, 60_000, False, False)


def test_a_child_needs_its_parents_effect() -> None:
    edge = waits(ROOM, "load.codec", "on")["load.network", "on"]
    assert (edge.hard, edge.effect, edge.give_up_ms) == (True, True, 150_000)
    back = waits(ROOM, "load.network", "off")["load.codec", "off"]
    assert (back.hard, back.effect) == (False, False)


def test_farewells_before_sleep_before_power() -> None:
    asleep = waits(ROOM, "codec.power", "asleep")
    assert asleep["codec.hangup", "all"].give_up_ms == 10_000 + 20_000
    assert asleep["camera.main.park", "home"].give_up_ms == 10_000 + 30_000
    assert all(edge.effect for edge in asleep.values())
    assert list(waits(ROOM, "codec.hangup", "all")) == [("load.mixer", "off")]
    assert list(waits(ROOM, "camera.main.park", "home")) == [("load.mixer", "off")]
    for name in ("camera", "display", "codec"):
        edge = waits(ROOM, f"load.{name}", "off")["codec.power", "asleep"]
        assert edge.effect
        assert edge.give_up_ms >= 35 * 60_000
    assert ("camera.main.park", "home") in waits(ROOM, "load.camera", "off")


def test_no_row_is_overtaken_by_the_one_before() -> None:
    rows = [
        waits(ROOM, target, value)[after, value].give_up_ms
        for target, after, value in (
            ("load.display", "load.camera", "off"),
            ("load.codec", "load.display", "off"),
            ("load.network", "load.codec", "off"),
        )
    ]
    assert rows == sorted(rows)
    assert rows[0] > waits(ROOM, "load.camera", "off")["codec.power", "asleep"].give_up_ms


def test_fans_stand_in_no_sequence() -> None:
    assert not [e for e in ROOM.edges if "fan" in e.target + e.after]


def test_a_class_that_no_meeting_wants_does_not_break_the_chain() -> None:
    room = compile_room(changed(loads__camera__meeting=False))
    assert ("load.display", "on") in waits(room, "load.codec", "on")
    assert ("load.display", "on") in waits(room, "load.camera", "on")


def test_every_load_of_a_class_waits_for_each_of_the_class_before() -> None:
    light = {"class": "light", "pin": 14}
    room = compile_room(changed(loads__light_a=light, loads__light_b={**light, "pin": 15}))
    assert {("load.light_a", "on"), ("load.light_b", "on")} == set(waits(room, "load.display", "on"))
    assert ("load.light_a", "off") in waits(room, "load.display", "off")
    assert ("codec.power", "asleep") in waits(room, "load.light_a", "off")


def test_a_room_without_codec_parks_its_camera_before_the_cut() -> None:
    room = compile_room(changed(codec=None, loads__codec=None))
    assert room.codec == ""
    assert "codec.power" not in room.targets
    assert ("camera.main.park", "home") in waits(room, "load.display", "off")


def test_a_room_without_devices_goes_off_by_its_classes() -> None:
    room = compile_room(changed(codec=None, cameras=None, seats=None))
    assert ("load.mixer", "off") in waits(room, "load.camera", "off")
    assert ordered(room, "off")[:2] == ["amplifier", "mixer"]


def test_the_keeper_alone_closes_children_before_parents() -> None:
    second = {"class": "camera", "pin": 14, "needs": ["camera"]}
    order = closing_order(changed(loads__second=second))
    assert order.index("second") == order.index("camera") - 1
    assert closing_order(changed()) == ("fan", "amplifier", "mixer", "camera", "display", "codec", "network")


def test_a_circle_is_named() -> None:
    cfg = changed(loads__network__needs=["codec"])
    assert set(cycle(edges(cfg))) >= {"load.network on", "load.codec on"}
    assert len(closing_order(cfg)) == 7


CLASSES = [c.value for c in Class]


@given(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=10), st.data())
def test_any_room_has_a_sequence_or_is_refused(classes: list[str], data: st.DataObject) -> None:
    names = [f"load{n}" for n in range(len(classes))]
    loads = {
        name: {
            "class": cls,
            "pin": n,
            "chip": "x",
            "needs": data.draw(st.lists(st.sampled_from(names), max_size=2)),
        }
        for n, (name, cls) in enumerate(zip(names, classes, strict=True))
    }
    cfg = config.RoomConfig.model_validate({"room": {"slug": "a", "name": "A"}, "loads": loads})
    if any(row.severity is Severity.ERROR for row in check(cfg)):
        return
    room = compile_room(cfg)
    assert cycle(room.edges) == ()
    assert sorted(ordered(room, "on")) == sorted(ordered(room, "off")) == sorted(names)
    order = closing_order(cfg)
    assert sorted(order) == sorted(names)
    for name, load in cfg.loads.items():
        assert all(order.index(name) < order.index(parent) for parent in load.needs)


# Facts


def test_every_field_of_every_source_has_limits() -> None:
    assert {name for name in ROOM.facts if name.startswith("codec.")} == {f"codec.{f}" for f in FIELDS["codec"]}
    assert "relay.codec" in ROOM.facts
    assert "input.bypass" in ROOM.facts
    assert "camera.main.parked" in ROOM.facts
    assert "climate.cabinet.temp_c" in ROOM.facts


def test_ages_are_three_periods_and_a_margin() -> None:
    ages = {name: spec.max_age_ms for name, spec in ROOM.facts.items()}
    assert ages["codec.mute"] == 100_000
    assert ages["camera.main.answers"] == 35_000
    assert ages["relay.codec"] == ages["keeper.up"] == ages["ups.source"] == 35_000
    assert ages["climate.room.temp_c"] == 100_000
    assert ages["input.power"] == ages["link.desk"] == ages["journal.state"] == ages["codec.identity"] == 0
    assert compile_room(changed(codec__max_age_s=200)).facts["codec.mute"].max_age_ms == 200_000


def test_sensors_are_not_believed_outside_their_range() -> None:
    spec = ROOM.facts["climate.room.temp_c"]
    assert (spec.low, spec.high, spec.jump, spec.dead_band) == (-40, 85, 5, 0.2)
    spec = ROOM.facts["climate.room.humidity_pct"]
    assert (spec.low, spec.high, spec.jump, spec.dead_band) == (0, 100, 20, 1)


def test_a_room_without_devices_has_no_facts_of_them() -> None:
    names = compile_room(config.loads(SMALLEST)).facts
    assert not [n for n in names if n.startswith(("codec.", "camera.", "ups.", "climate."))]


# Figures


def test_figures_reach_the_core_in_milliseconds() -> None:
    assert ROOM.power_up.ready_before_ms == 3_600_000
    assert ROOM.power_up.press_hold_ms == 4 * 3_600_000
    assert ROOM.idle.evening == (20, 0)
    assert ROOM.idle.no_call_ms == 900_000
    assert ROOM.mains.unknown_settle_ms == 900_000
    assert ROOM.mains.stop_runtime_s == 300
    assert ROOM.floor.remute_window_ms == 600_000
    assert ROOM.calls.by_phone_ms == 600_000
    assert ROOM.close.silent_ms == 1_800_000
    assert ROOM.utc_offset_ms == 7 * 3_600_000
    assert ROOM.clock_settle_ms == 900_000


def test_a_compiled_default_room_has_the_cores_own_defaults() -> None:
    cores = Room("x", (), {}, (), {})
    assert ROOM.idle == cores.idle
    assert ROOM.mains == cores.mains
    assert ROOM.floor == cores.floor
    assert ROOM.calls == cores.calls
    assert ROOM.close == cores.close
    assert ROOM.clock_settle_ms == cores.clock_settle_ms


def test_fractions_of_minutes_are_kept() -> None:
    assert compile_room(changed(rules__power_up__ready_before_min=0.5)).power_up.ready_before_ms == 30_000


def test_modes_start_as_the_network_trusts_them() -> None:
    assert not ROOM.accepted
    assert ROOM.modes["R9"] is Mode.REMIND
    assert ROOM.modes["R11"] is Mode.WATCH
    assert {ROOM.modes[r] for r in ("R1", "R2", "R3", "R4", "R5", "R13")} == {Mode.ENFORCE}


def test_zones_where_nobody_sits_only_protect_the_equipment() -> None:
    room, cabinet = ROOM.zones
    assert (room.place, room.report_low_c, room.fan, room.hard_ms) == ("room", 20, "", 300_000)
    assert (cabinet.place, cabinet.report_low_c, cabinet.report_high_pct) == ("cabinet", -40, 100)
    assert (cabinet.fan, cabinet.hard_c) == ("fan", 40)


def test_panel_and_loads_reach_the_core() -> None:
    assert ("talk_chair", "talk", "chair") in [(b.input, b.role, b.seat) for b in ROOM.buttons]
    assert {lamp.role for lamp in ROOM.lamps} >= {"ready", "power", "device", "line", "mic", "talk"}
    network = ROOM.loads[0]
    assert (network.cls, network.on_ups, network.holds_over_reset, network.min_off_ms) == (
        Class.NETWORK,
        True,
        True,
        15_000,
    )
    assert ROOM.has_ups
    assert ROOM.cameras == ("main",)
    assert ROOM.codec == "polycom"


def test_a_computer_is_no_codec_to_be_spoken_to() -> None:
    room = compile_room(changed(codec={"kind": "pc"}))
    assert (room.codec, room.pc) == ("", Pc())
    assert not [n for n in room.targets if n.startswith("codec.")]
    assert {n for n in room.facts if n.startswith("codec.")} == {"codec.answers", "codec.watts", "codec.mute"}


def test_a_computers_load_is_proven_by_its_relay_and_its_microphone_by_its_own() -> None:
    room = compile_room(on_paper(meter=METER))
    assert room.pc == Pc(asked=True, run_w=12, mutes=True)
    contact = (Evidence("relay.codec"),)
    assert (room.targets["load.codec"].proven, tables(room).loads["load.codec"].proof) == (contact, "")
    assert room.targets["codec.mute"].proven == (Evidence("codec.mute"),)


def test_the_keeper_never_closes_a_computer_and_opens_its_microphone_when_it_is_alone() -> None:
    lines = {line.name: line for line in keeper_table(on_paper()).lines}
    assert [name for name, line in lines.items() if line.keeps] == ["codec"]
    mute = lines["mute"]
    assert (mute.pin, mute.chip, mute.active_high, mute.boot, mute.lost) == (5, "pcf8574", True, "off", "off")
    held = on_paper(mute={"chip": "pcf8574", "pin": 5, "contact": "nc", "lost": "hold"})
    assert [(line.active_high, line.lost) for line in keeper_table(held).lines if line.name == "mute"] == [
        (False, "hold")
    ]
    assert loads(dumps(keeper_table(held))) == keeper_table(held)


def test_a_computer_in_the_plan() -> None:
    plan = plan_of(on_paper(meter={**METER, "unit": 3}, tcp_port=445, period_s=10.0))
    assert plan.codec is None
    pc = Computer("192.168.10.20", ("icmp", "tcp:445"), 10_000, "mute", Meter(unit=3), METER["port"], 9600)
    assert plan.computer == pc
    assert "mute" in plan.outputs.loads
    assert plan_of(on_paper(mute=None)).outputs.loads == tuple(on_paper().loads)


@given(st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,39}\Z"), st.floats(0, 600))
def test_stagger_is_the_rooms_own(slug: str, most_s: float) -> None:
    assert 0 <= stagger_ms(slug, most_s) <= most_s * 1000
    assert stagger_ms(slug, most_s) == stagger_ms(slug, most_s)


def test_stagger_spreads_a_province() -> None:
    rows = [stagger_ms(f"room-{n}", 60) for n in range(164)]
    assert len(set(rows)) > 150
    assert max(rows) > 45_000 > 15_000 > min(rows)


@pytest.mark.parametrize(
    ("cls", "changes", "min_off_ms", "max_on_ms", "meeting", "shed", "warm_ms"),
    [
        ("codec", {}, 15_000, 0, True, False, 120_000),
        ("display", {"lamp": True}, 300_000, 0, True, False, 20_000),
        ("dehumidifier", {}, 240_000, 720 * 60_000, False, True, 0),
        ("light", {}, 5_000, 0, True, True, 0),
        ("other", {"min_off_s": 9, "max_on_min": 1, "meeting": False}, 9_000, 60_000, False, True, 0),
        ("other", {"shed": False, "warmup_s": 3}, 5_000, 0, True, False, 3_000),
    ],
)
def test_classes_have_their_own_defaults(
    cls: str, changes: dict[str, object], min_off_ms: int, max_on_ms: int, meeting: bool, shed: bool, warm_ms: int
) -> None:
    room = compile_room(changed(loads__x={"class": cls, "pin": 14, **changes}))
    load = room.loads[-1]
    assert (load.min_off_ms, load.max_on_ms) == (min_off_ms, max_on_ms)
    assert (load.meeting, load.shed, load.warmup_ms) == (meeting, shed, warm_ms)


# The devices' side


def test_the_keeper_gets_every_output_line() -> None:
    table = keeper_table(changed(buzzer={"pin": 14}, lamps__mic__chip="pcf8574"))
    lines = {line.name: line for line in table.lines}
    assert loads(dumps(table)) == table
    assert len(lines) == 7 + 9 + 1
    assert not lines["network"].active_high  # normally closed: on while the coil is not pulled
    assert (lines["network"].boot, lines["network"].cycles_a_day) == ("on", 2)
    assert (lines["codec"].lost, lines["fan"].lost) == ("hold", "off")
    assert lines["amplifier"].close_order < lines["codec"].close_order < lines["network"].close_order
    assert (lines["mic"].kind, lines["mic"].chip, lines["buzzer"].kind) == ("lamp", "pcf8574", "buzzer")
    assert table.hold_max_ms == 12 * 3_600_000
    assert keeper_table(config.loads(SMALLEST)).lines[0].name == "lamp"


ON_BOARD: dict[str, object] = {
    "boards": {"main": {"port": "/dev/serial/by-path/b", "unit": 3, "write": 15, "parity": "even"}},
    "loads__codec__board": "main",
    "loads__codec__pin": 0,
    "loads__codec__contact": "no",
}


def test_a_coil_of_a_board_is_a_line_of_the_keeper() -> None:
    table = keeper_table(changed(**ON_BOARD))
    codec = next(line for line in table.lines if line.name == "codec")
    assert (codec.port, codec.unit, codec.pin, codec.function) == ("/dev/serial/by-path/b", 3, 0, 15)
    assert (codec.boot, codec.parity, codec.active_high) == ("hold", "even", True)
    assert loads(dumps(table)) == table
    falls = keeper_table(changed(**ON_BOARD, loads__codec__holds_over_reset=False))
    assert next(line for line in falls.lines if line.name == "codec").boot == "off"
    assert compile_room(changed(**ON_BOARD)).loads[3].holds_over_reset


def test_a_board_holds_over_a_reset_and_is_no_defect() -> None:
    assert [row.code for row in check(changed(**ON_BOARD)) if row.severity < Severity.NOTE] == []


def test_sensors_by_kernel_and_by_bus() -> None:
    bus = {"port": "/dev/serial/by-path/s", "function": 3, "humidity_register": -1}
    plan = plan_of(changed(climate__room__sensor=None, climate__room__modbus=bus))
    assert [(s.kind, s.place) for s in plan.sensors] == [("climate", "cabinet"), ("light", "table")]
    (line,) = plan.buses
    assert (line.port, line.baud, line.parity) == ("/dev/serial/by-path/s", 9600, "none")
    (unit,) = line.units
    assert (unit.place, unit.function, unit.humidity, unit.temp.signed) == ("room", 3, None, True)


def test_the_room_knows_its_contacts_light_and_buzzer() -> None:
    room = compile_room(changed(rules__safety__cut_s=20, rules__climate__report_low_lux=250))
    assert tables(room).contacts == {"smoke": "smoke", "leak": "leak", "motion": "motion", "cabinet": "door"}
    assert (room.safety.cut_ms, room.spots[0].low_lux, room.buzzer) == (20_000, 250, "buzzer")
    assert room.facts["input.smoke"].max_age_ms == 35_000
    assert room.facts["input.power"].max_age_ms == 0
    assert room.facts["light.table.lux"].max_age_ms == 100_000


def test_the_panel_gets_every_input() -> None:
    specs = {spec.name: spec for spec in inputs(changed())}
    assert len(specs) == 10
    assert (specs["smoke"].active_low, specs["motion"].active_low) == (False, True)  # closed while all is well
    moved = {s.name: s for s in inputs(changed(inputs__smoke__chip="mcp23017", inputs__motion__active_low=False))}
    assert (moved["smoke"].chip, moved["motion"].active_low) == ("mcp23017", False)
    assert (specs["bypass"].pin, specs["bypass"].active_low, specs["bypass"].pull) == (4, True, "up")


def test_the_link_gets_its_brokers() -> None:
    settings = link_settings(changed(mqtt__keepalive_s=7, mqtt__failover_s=3.5), "boot-1")
    assert settings is not None
    assert (settings.room, settings.boot) == ("tttgdtx-lac-thuy", "boot-1")
    assert settings.main.tls is not None
    assert str(settings.main.tls.key) == "/etc/diemcau/identity/room.key"
    assert settings.backup is not None
    assert settings.backup.host == "mqtt-2.sogddt.example"
    assert (settings.times.keepalive_s, settings.times.failover_s) == (7, 3.5)
    plain = link_settings(changed(mqtt={"main": {"host": "localhost", "port": 1883, "tls": False}}), "b")
    assert plain is not None
    assert plain.main.tls is None
    assert plain.backup is None
    assert link_settings(changed(mqtt=None), "b") is None


def test_the_ups_has_an_address() -> None:
    address = ups_address(changed())
    assert address is not None
    assert (address.ups, address.host, address.port) == ("ups", "127.0.0.1", 3493)
    assert ups_address(changed(ups=None)) is None
