"""What the check says of a room on paper: each defect of the wiring and each contradiction, by key and sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.config import Severity, check
from controller.config_faults import files
from controller.texts import known
from tests.controller.rooms_on_paper import changed, codes, said, tree

ERROR, DEFECT, WARNING, NOTE = Severity

CAMERA_PORT = tree()["cameras"]["main"]["port"]
BOARD = {"boards": {"main": {"port": "/dev/serial/by-path/b"}}, "loads__mixer__board": "main"}
ON_BOARD = {
    "loads__codec__board": "main",
    "loads__codec__contact": "no",
    "loads__codec__holds_over_reset": False,
}
PC = {"kind": "pc", "load": "codec", "host": "10.0.0.2"}
MUTE = {"chip": "pcf8574", "pin": 7}
MIC_LAMP = {"role": "mic", "pin": 0}
AT_A = {"cameras__main__port": "/dev/a"}
SLOW = {"port": "/dev/a", "unit": 2, "baud": 4800}
CISCO = {"codec__kind": "cisco"}


def _rs232(**words: str) -> dict[str, object]:
    lg = {
        "on": "ka 01 01\r",
        "standby": "ka 01 00\r",
        "ask": "ka 01 ff\r",
        "said_on": "OK01",
        "said_standby": "OK00",
    }
    return {"loads__display__wake": "serial", "loads__display__rs232": {"port": "/dev/a", **lg, **words}}


def _setting(path: str, restore: bool = False) -> dict[str, object]:
    return {"codec__settings": {"x": {"path": path, "restore": restore}}}


CASES = [
    # References
    (ERROR, "codec.load", "check.no_load", {"codec__load": "kodec"}),
    (ERROR, "cameras.main.load", "check.no_load", {"cameras__main__load": "x"}),
    (ERROR, "climate.cabinet.fan", "check.no_load", {"climate__cabinet__fan": "x"}),
    (ERROR, "climate.room.dryer", "check.no_load", {"climate__room__dryer": "x"}),
    (ERROR, "loads.codec.needs", "check.needs_itself", {"loads__codec__needs": ["codec"]}),
    (ERROR, "seats.chair.camera", "check.no_camera", {"seats__chair__camera": "x"}),
    (ERROR, "inputs.talk_chair.seat", "check.no_seat", {"inputs__talk_chair__seat": "x"}),
    (ERROR, "lamps.talk_chair.seat", "check.no_seat", {"lamps__talk_chair__seat": "x"}),
    (ERROR, "inputs.talk_chair.seat", "check.talk_needs_seat", {"inputs__talk_chair__seat": None}),
    (ERROR, "inputs.power.role", "check.bypass_twice", {"inputs__power__role": "bypass"}),
    # Codec and cameras
    (ERROR, "codec.load", "check.codec_no_load", {"codec__load": None}),
    (ERROR, "codec.port", "check.no_port", {"codec__port": None}),
    (ERROR, "codec.load", "check.pc_blind", {"codec__kind": "pc"}),
    (ERROR, "loads.codec.class", "check.pc_class", {"codec": {"kind": "pc"}}),
    (ERROR, "loads.mixer.class", "check.pc_class", {"codec": {**PC, "load": "mixer"}}),
    (ERROR, "loads.codec.shed", "check.pc_cut", {"codec": PC, "loads__codec__shed": True}),
    (ERROR, "loads.codec.max_on_min", "check.pc_cut", {"codec": PC, "loads__codec__max_on_min": 60}),
    (ERROR, "codec.host", "check.pc_only", {"codec__host": "10.0.0.2"}),
    (ERROR, "codec.meter.port", "check.bus_taken", {"codec": {**PC, "meter": {"port": "/dev/a"}}, **AT_A}),
    (ERROR, "inputs.power.pin", "check.pin_twice", {"codec": {**PC, "mute": {"pin": 5}}}),
    (ERROR, "lamps.mute", "check.name_twice", {"codec": {**PC, "mute": MUTE}, "lamps__mute": MIC_LAMP}),
    (DEFECT, "codec.mute.contact", "check.pc_mute_rest", {"codec": {**PC, "mute": {**MUTE, "contact": "nc"}}}),
    (WARNING, "codec.mute", "check.pc_no_mute", {"codec": PC}),
    (WARNING, "line", "check.pc_no_witness", {"codec": PC, "line__first_hop": None, "line__far_end": None}),
    (WARNING, "codec.meter.port", "check.port_by_number", {"codec": {**PC, "meter": {"port": "/dev/ttyUSB0"}}}),
    (ERROR, "codec.port", "check.port_twice", {"codec__port": "/dev/a", "cameras__main__port": "/dev/a"}),
    (ERROR, "cameras.main.port", "check.no_port", {"cameras__main__port": None}),
    (ERROR, "cameras.main.load", "check.camera_no_load", {"cameras__main__load": None}),
    (ERROR, "cameras.main.via", "check.camera_no_codec", {"cameras__main__via": "codec", "codec": None}),
    (
        ERROR,
        "seats.overview.preset",
        "check.preset_range",
        {"codec__kind": "cisco", "cameras__main": {"via": "codec"}},
    ),
    (
        ERROR,
        "seats.chair.preset",
        "check.preset_range",
        {"cameras__main": {"via": "codec"}, "seats__chair__preset": 100},
    ),
    (ERROR, "cameras.main.address", "check.chain", {"cameras__main__address": 2}),
    (
        ERROR,
        "cameras.main.host",
        "check.no_host",
        {"cameras__main": {"via": "ip", "load": "camera"}},
    ),
    (ERROR, "cameras.main.load", "check.camera_no_load", {"cameras__main": {"via": "ip", "host": "10.0.0.9"}}),
    # Displays that can be asked
    (ERROR, "loads.display.host", "check.no_host", {"loads__display__wake": "pjlink"}),
    (ERROR, "loads.mixer.wake", "check.wake_display", {"loads__mixer__wake": "pjlink", "loads__mixer__host": "a"}),
    # The UPS on a serial port
    (ERROR, "ups.kind", "check.contact_cable", {"ups": {"kind": "contact", "serial": "/dev/a"}}),
    (ERROR, "ups.serial", "check.no_port", {"ups": {"kind": "megatec"}}),
    (ERROR, "ups.serial", "check.ups_serial", {"ups__serial": "/dev/a"}),
    (
        ERROR,
        "ups.serial",
        "check.port_twice",
        {"ups": {"kind": "megatec", "serial": "/dev/a"}, "cameras__main__port": "/dev/a"},
    ),
    (WARNING, "ups.serial", "check.port_by_number", {"ups": {"kind": "megatec", "serial": "/dev/ttyUSB0"}}),
    (NOTE, "ups.kind", "check.megatec_cable", {"ups": {"kind": "megatec", "serial": "/dev/a"}}),
    # Figures
    (ERROR, "loads.codec.min_off_s", "check.min_off", {"loads__codec__min_off_s": 14}),
    (
        ERROR,
        "loads.display.min_off_s",
        "check.min_off",
        {"loads__display__lamp": True, "loads__display__min_off_s": 60},
    ),
    (ERROR, "loads.codec.lost", "check.must_hold", {"loads__codec__lost": "off"}),
    (ERROR, "loads.network.lost", "check.must_hold", {"loads__network__lost": "off"}),
    (ERROR, "codec.max_age_s", "check.max_age", {"codec__max_age_s": 80}),
    (ERROR, "cameras.main.max_age_s", "check.max_age", {"cameras__main__max_age_s": 29}),
    (ERROR, "climate.room.max_age_s", "check.max_age", {"climate__room__max_age_s": 89}),
    (ERROR, "ups.max_age_s", "check.max_age", {"ups__max_age_s": 29}),
    (ERROR, "rules.climate.fan_off_c", "check.below", {"rules__climate__fan_off_c": 28}),
    (ERROR, "rules.climate.warn_c", "check.below", {"rules__climate__warn_c": 41}),
    (
        ERROR,
        "mqtt.discovery_buttons",
        "check.buttons_unannounced",
        {"mqtt__discovery": False, "mqtt__discovery_buttons": True},
    ),
    (ERROR, "mqtt.main.ca_file", "check.tls_needs_ca", {"mqtt__main__ca_file": None}),
    (ERROR, "mqtt.backup.cert_file", "check.cert_and_key", {"mqtt__backup__key_file": None}),
    (ERROR, "room.timezone", "check.timezone", {"room__timezone": "Asia/Sa_Thay"}),
    (ERROR, "room.timezone", "check.timezone", {"room__timezone": "../etc/passwd"}),
    # Circles
    (ERROR, "loads", "check.circle", {"loads__network__needs": ["codec"]}),
    (ERROR, "loads", "check.circle", {"loads__camera__needs": ["codec"]}),
    # Lines
    (ERROR, "loads.mixer.pin", "check.pin_twice", {"loads__mixer__pin": 17}),
    (ERROR, "inputs.help.pin", "check.pin_twice", {"inputs__help__pin": 17}),
    (ERROR, "buzzer.pin", "check.pin_twice", {"buzzer": {"pin": 17}}),
    (ERROR, "loads.mixer.pin", "check.pin_range", {"loads__mixer__pin": 28}),
    (ERROR, "lamps.codec", "check.name_twice", {"lamps__codec": {"role": "mic", "pin": 14}}),
    (ERROR, "lamps.buzzer", "check.name_twice", {"lamps__buzzer": {"role": "mic", "pin": 14}}),
    (ERROR, "loads.display.rs232", "check.no_words", {"loads__display__wake": "serial"}),
    (ERROR, "loads.display.rs232.said_on", "check.words_alike", _rs232(said_on="OK", said_standby="OK00")),
    (ERROR, "loads.display.rs232.port", "check.port_twice", _rs232(port=CAMERA_PORT)),
    (WARNING, "loads.display.rs232.port", "check.port_by_number", _rs232(port="/dev/ttyUSB3")),
    (ERROR, "codec.settings.x.path", "check.setting_secret", _setting("systemsetting meetingpassword")),
    (ERROR, "codec.settings.x.path", "check.setting_own", _setting("autoanswer")),
    (ERROR, "codec.settings.x.path", "check.setting_unknown", _setting("reboot")),
    (ERROR, "codec.settings.x.path", "check.setting_unknown", _setting("sleep")),
    (ERROR, "codec.settings.x.path", "check.setting_words", _setting("sleeptime 30")),
    (ERROR, "codec.settings.x.path", "check.setting_words", _setting("systemsetting")),
    (ERROR, "codec.settings.x.restore", "check.setting_kept", _setting("ipaddress", True)),
    (ERROR, "codec.settings.sleep.path", "check.setting_pc", {"codec__kind": "pc"}),
    (ERROR, "codec.settings.x.path", "check.setting_own", {**CISCO, **_setting("Conference/AutoAnswer/Mode")}),
    (ERROR, "codec.settings.x.path", "check.setting_secret", {**CISCO, **_setting("SIP Authentication Password")}),
    (ERROR, "loads.buzzer", "check.name_twice", {"loads__buzzer": {"class": "other", "pin": 14}}),
    (DEFECT, "inputs.help.pin", "check.pin_eeprom", {"inputs__help__pin": 1}),
    (DEFECT, "inputs.help.pin", "check.pin_i2c", {"inputs__help__pin": 2}),
    (DEFECT, "inputs.help.pin", "check.pin_uart", {"inputs__help__pin": 15}),
    (ERROR, "inputs.help.pull", "check.pull_against", {"inputs__help__pull": "down"}),
    (ERROR, "inputs.help.pull", "check.pull_against", {"inputs__help__active_low": False}),
    (WARNING, "inputs.help.pull", "check.pull_none", {"inputs__help__pull": "none"}),
    # Contacts, expanders, buses
    (WARNING, "inputs.smoke.contact", "check.wire_silent", {"inputs__smoke__contact": "no"}),
    (WARNING, "inputs.leak.contact", "check.wire_silent", {"inputs__leak__pull": "down"}),
    (WARNING, "inputs.help.chip", "check.button_on_chip", {"inputs__help__chip": "pcf8574"}),
    (ERROR, "inputs.help.pin", "check.pin_twice", {"inputs__help__chip": "pcf8574", "inputs__help__pin": 1}),
    (ERROR, "inputs.help.pin", "check.pin_range", {"inputs__help__pin": 40}),
    (ERROR, "loads.mixer.board", "check.no_board", {"loads__mixer__board": "x"}),
    (ERROR, "loads.mixer.chip", "check.board_and_chip", {**BOARD, "loads__mixer__chip": "pcf8574"}),
    (ERROR, "loads.mixer.boot", "check.boot_hold", {"loads__mixer__boot": "hold"}),
    (ERROR, "loads.fan.pin", "check.pin_twice", {**BOARD, "loads__fan__board": "main", "loads__fan__pin": 24}),
    (DEFECT, "loads.codec.contact", "check.falls_at_reset", {**BOARD, **ON_BOARD}),
    (WARNING, "boards.main.port", "check.port_by_number", {"boards": {"main": {"port": "/dev/ttyUSB3"}}}),
    (ERROR, "boards.main.port", "check.bus_taken", {"boards": {"main": {"port": CAMERA_PORT}}}),
    (ERROR, "boards.b.unit", "check.unit_twice", {"boards": {"a": {"port": "/dev/a"}, "b": {"port": "/dev/a"}}}),
    (ERROR, "boards.b.baud", "check.bus_speed", {"boards": {"a": {"port": "/dev/a"}, "b": SLOW}}),
    (ERROR, "climate.room.sensor", "check.sensor_or_modbus", {"climate__room__sensor": None}),
    (ERROR, "climate.room.sensor", "check.sensor_or_modbus", {"climate__room__modbus": {"port": "/dev/a"}}),
    (ERROR, "climate.room.modbus.port", "check.bus_taken", {"climate__room__modbus": {"port": CAMERA_PORT}}),
    (
        ERROR,
        "climate.room.modbus.port",
        "check.bus_taken",
        {"climate__room__modbus": {"port": "/dev/a"}, "boards": {"main": {"port": "/dev/a"}}},
    ),
    (ERROR, "light.table.max_age_s", "check.max_age", {"light__table__max_age_s": 80}),
    (ERROR, "updates.end", "check.empty_window", {"updates__end": "18:00"}),
    # What falls, what pulls
    (DEFECT, "loads.codec.contact", "check.falls_at_reset", {"loads__codec__contact": "no"}),
    (DEFECT, "loads.camera.contact", "check.falls_at_reset", {"loads__camera__holds_over_reset": False}),
    (WARNING, "loads.mixer.active_high", "check.active_low_board", {"loads__mixer__active_high": False}),
    (DEFECT, "loads.mixer.pin", "check.pulled_down", {"loads__mixer__active_high": False}),
    (DEFECT, "loads.mixer.pin", "check.pulled_up", {"loads__mixer__pin": 3}),
    (WARNING, "loads.fan.lost", "check.should_go_off", {"loads__fan__lost": "hold"}),
    (DEFECT, "loads.network.on_ups", "check.network_off_ups", {"loads__network__on_ups": False}),
    (WARNING, "loads.network.contact", "check.network_not_nc", {"loads__network__contact": "latching"}),
    (DEFECT, "loads.network.boot", "check.network_boot", {"loads__network__boot": "off"}),
    (WARNING, "loads.codec.on_ups", "check.codec_off_ups", {"loads__codec__on_ups": False}),
    # The room
    (DEFECT, "inputs", "check.no_bypass", {"inputs__bypass": None}),
    (DEFECT, "inputs", "check.no_power_button", {"inputs__power": None}),
    (WARNING, "lamps", "check.no_power_lamp", {"lamps__power": None}),
    (WARNING, "codec.port", "check.port_by_number", {"codec__port": "/dev/ttyUSB0"}),
    (WARNING, "cameras.main.port", "check.port_by_number", {"cameras__main__port": "/dev/ttyACM1"}),
    (NOTE, "room.accepted", "check.not_accepted", {}),
    (NOTE, "codec", "check.no_codec", {"codec": None}),
    (NOTE, "codec.kind", "check.pc", {"codec": PC}),
    (WARNING, "codec.host", "check.pc_no_life", {"codec": {"kind": "pc"}, "loads__codec": None}),
    (WARNING, "calendar.file", "check.no_calendar", {"calendar__file": None, "mqtt": None}),
    (NOTE, "calendar.holidays_file", "check.no_holidays", {"calendar__holidays_file": None}),
    (NOTE, "loads", "check.no_network_load", {"loads__network": None, "loads__codec__needs": []}),
    (WARNING, "ups", "check.no_ups", {"ups": None}),
    (WARNING, "ups.user", "check.ups_no_user", {"ups__user": ""}),
    (NOTE, "mqtt", "check.no_mqtt", {"mqtt": None}),
    (WARNING, "mqtt.main.tls", "check.no_tls", {"mqtt__main__tls": False}),
    (DEFECT, "mqtt.main.tls", "check.no_tls", {"mqtt__main__tls": False, "mqtt__main__password_file": "/p"}),
    (WARNING, "mqtt.main.user", "check.user_not_slug", {"mqtt__main__user": "other"}),
]


@pytest.mark.parametrize(
    ("severity", "key", "code", "changes"), CASES, ids=lambda row: row if isinstance(row, str) else ""
)
def test_it_is_found(severity: Severity, key: str, code: str, changes: dict[str, object]) -> None:
    found = {(row.severity, row.key, row.code) for row in check(changed(**changes))}
    assert (severity, key, code) in found


def test_every_code_is_in_the_catalogue() -> None:
    assert [code for _, _, code, _ in CASES if not known(code)] == []


def test_each_finding_says_its_values() -> None:
    row = said(changed(loads__codec__min_off_s=14), "check.min_off")
    assert row.text("en") == "14 s is too short for this class: at least 15 s, or the device is damaged"
    assert "ít nhất 15 s" in row.text("vi")


def test_errors_come_first() -> None:
    rows = check(changed(loads__mixer__pin=17, loads__codec__contact="no", ups=None))
    assert [row.severity for row in rows] == sorted((r.severity for r in rows), key=list(Severity).index)
    assert rows[0].severity is ERROR


def test_two_cameras_of_one_chain() -> None:
    port = {"via": "visca", "port": "/dev/a", "address": 2}
    both = {"cameras__main__port": "/dev/a", "cameras__hall": {**port, "load": "camera"}}
    assert "cameras.hall.load" not in codes(changed(**both))
    apart = {**both, "cameras__hall": {**port, "load": "display"}}
    assert codes(changed(**apart), DEFECT) == {"cameras.hall.load": "check.chain_two_loads"}
    fast = {**both, "cameras__hall": {**port, "load": "camera", "speeds": [115200]}}
    assert codes(changed(**fast), ERROR) == {"cameras.main.speeds": "check.chain_speeds"}


def test_ups_that_feeds_nothing() -> None:
    off = {f"loads__{name}__on_ups": False for name in ("network", "camera", "codec")}
    assert said(changed(**off), "check.ups_feeds_nothing").severity is WARNING


def test_a_board_on_an_expander_has_no_pulls_and_its_own_numbers() -> None:
    cfg = changed(loads__mixer__chip="pcf8574", loads__mixer__pin=2, loads__mixer__active_high=False)
    assert [key for key in codes(cfg) if key.startswith("loads.mixer")] == []


def test_an_active_low_board_on_pulled_up_pins_is_only_warned_of() -> None:
    cfg = changed(loads__mixer__pin=7, loads__mixer__active_high=False, inputs__check__pin=24)
    assert codes(cfg) == {
        "loads.mixer.active_high": "check.active_low_board",
        "room.accepted": "check.not_accepted",
    }


def test_brokers_on_the_pi_itself_need_no_tls() -> None:
    cfg = changed(mqtt={"main": {"host": "127.0.0.1", "tls": False}})
    assert [key for key in codes(cfg) if key.startswith("mqtt")] == []


def test_a_room_that_is_accepted_and_whole_has_nothing_to_be_said() -> None:
    assert check(changed(room__accepted=True)) == []


def test_files_are_named_by_their_keys() -> None:
    named = dict(files(changed(codec__password_file="/etc/diemcau/codec.password")))
    assert named["mqtt.main.key_file"] == "/etc/diemcau/identity/room.key"
    assert named["mqtt.backup.ca_file"] == "/etc/diemcau/identity/ca.crt"
    assert named["codec.password_file"] == "/etc/diemcau/codec.password"
    assert named["calendar.file"] == "/etc/diemcau/network.ics"
    assert "mqtt.main.password_file" not in named
    assert all(Path(path).is_absolute() for path in named.values())
    assert "mqtt.backup.ca_file" not in dict(files(changed(mqtt__backup=None)))
    alone = changed(mqtt=None, ups=None, codec=None, calendar=None, cameras=None, seats=None)
    assert files(alone) == ()
