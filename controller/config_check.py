"""`check`: everything to be said about a room on paper: the faults of config_faults, and what an old hand would
say of its wiring: usable, but one day it ends a meeting.

Pure. A GPIO output does not survive a reset of the Pi (watchdog, brown-out, reboot): what hangs on a normally-
open contact falls. Pulls after power-on: GPIO 0–8 up, 9–27 down (BCM2835 ARM peripherals, p. 102).
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.config_faults import Finding, Severity, errors
from controller.config_line_room import places
from controller.config_loads import CONTACTS, InputConfig, Line, LoadConfig
from controller.config_model import BrokerTable, Codec, RoomConfig
from controller.config_pc import MUTE_NAME

PULLED_UP = range(9)
RESERVED = {0: "check.pin_eeprom", 1: "check.pin_eeprom", 2: "check.pin_i2c", 3: "check.pin_i2c"}
RESERVED |= {14: "check.pin_uart", 15: "check.pin_uart"}
HEADER_PINS = 28
MUST_SURVIVE = ("codec", "camera", "network")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check(cfg: RoomConfig) -> list[Finding]:
    """Everything to be said about this configuration, errors first."""
    found = [*errors(cfg), *_pins(cfg), *_names(cfg)]
    found += [row for name, load in cfg.loads.items() for row in _load(name, load, cfg)]
    found += [*_inputs(cfg), *_chains(cfg), *_room(cfg), *_power(cfg), *_link(cfg), *_line(cfg)]
    order = list(Severity)
    return sorted(found, key=lambda row: order.index(row.severity))


def _said(severity: Severity, key: str, code: str, *args: object) -> Finding:
    return Finding(severity, key, code, args)


def _places(cfg: RoomConfig) -> Iterator[tuple[str, str, int]]:
    """Key, chip and pin of every line."""
    outputs: list[tuple[str, Line]] = [(f"loads.{name}", load) for name, load in cfg.loads.items()]
    outputs += [(f"lamps.{name}", lamp) for name, lamp in cfg.lamps.items()]
    outputs += [("buzzer", cfg.buzzer)] if cfg.buzzer is not None else []
    outputs += [("codec.mute", cfg.mute)] if cfg.mute is not None else []
    outputs += [(f"inputs.{name}", row) for name, row in cfg.inputs.items()]
    yield from ((key, _chip(line), line.pin) for key, line in outputs)


def _chip(line: Line) -> str:
    """What the pin is counted on: '' = the Pi's header."""
    return f"board {line.board}" if isinstance(line, LoadConfig) and line.board else line.chip


def _pins(cfg: RoomConfig) -> Iterator[Finding]:
    owner: dict[tuple[str, int], str] = {}
    for key, chip, pin in _places(cfg):
        if (chip, pin) in owner:
            yield _said(Severity.ERROR, f"{key}.pin", "check.pin_twice", pin, owner[chip, pin])
        owner.setdefault((chip, pin), key)
        if not chip and pin >= HEADER_PINS:
            yield _said(Severity.ERROR, f"{key}.pin", "check.pin_range", pin)
        if not chip and pin in RESERVED:
            yield _said(Severity.DEFECT, f"{key}.pin", RESERVED[pin], pin)


def _names(cfg: RoomConfig) -> Iterator[Finding]:
    """Relays and lamps are lines of one keeper: their names must differ."""
    for name in cfg.lamps:
        if name in cfg.loads or name == "buzzer":
            yield _said(Severity.ERROR, f"lamps.{name}", "check.name_twice", name)
    if "buzzer" in cfg.loads:
        yield _said(Severity.ERROR, "loads.buzzer", "check.name_twice", "buzzer")
    for table, names in (("loads", cfg.loads), ("lamps", cfg.lamps)):
        if cfg.mute is not None and MUTE_NAME in names:
            yield _said(Severity.ERROR, f"{table}.{MUTE_NAME}", "check.name_twice", MUTE_NAME)


def _load(name: str, load: LoadConfig, cfg: RoomConfig) -> Iterator[Finding]:
    key = f"loads.{name}"
    if load.cls in MUST_SURVIVE and not load.survives:
        yield _said(Severity.DEFECT, f"{key}.contact", "check.falls_at_reset", name)
    if not _chip(load) and load.contact != "latching":
        yield from _at_boot(key, name, load)
    if load.cls in ("fan", "dehumidifier") and load.when_lost == "hold":
        yield _said(Severity.WARNING, f"{key}.lost", "check.should_go_off", name)
    if load.cls == "network":
        yield from _network(key, name, load, cfg)
    if load.cls == "codec" and cfg.ups is not None and not load.on_ups:
        yield _said(Severity.WARNING, f"{key}.on_ups", "check.codec_off_ups", name)


def _at_boot(key: str, name: str, load: LoadConfig) -> Iterator[Finding]:
    """What the coil does between power-on and the keeper."""
    if not load.active_high:
        yield _said(Severity.WARNING, f"{key}.active_high", "check.active_low_board", name)
    pulled_up = load.pin in PULLED_UP
    if pulled_up and load.active_high:
        yield _said(Severity.DEFECT, f"{key}.pin", "check.pulled_up", name, load.pin)
    if not pulled_up and not load.active_high:
        yield _said(Severity.DEFECT, f"{key}.pin", "check.pulled_down", name, load.pin)


def _network(key: str, name: str, load: LoadConfig, cfg: RoomConfig) -> Iterator[Finding]:
    if cfg.ups is not None and not load.on_ups:
        yield _said(Severity.DEFECT, f"{key}.on_ups", "check.network_off_ups", name)
    if load.contact != "nc":
        yield _said(Severity.WARNING, f"{key}.contact", "check.network_not_nc", name)
    if load.at_boot in ("off", "last") or (load.at_boot == "hold" and load.contact != "nc"):
        yield _said(Severity.DEFECT, f"{key}.boot", "check.network_boot", name)


def _inputs(cfg: RoomConfig) -> Iterator[Finding]:
    for name, row in cfg.inputs.items():
        yield from _pull(f"inputs.{name}.pull", name, row)
        yield from _contact(f"inputs.{name}", name, row)
    roles = {row.role for row in cfg.inputs.values()}
    if "bypass" not in roles:
        yield _said(Severity.DEFECT, "inputs", "check.no_bypass")
    if "power" not in roles:
        yield _said(Severity.DEFECT, "inputs", "check.no_power_button")
    if "power" not in {lamp.role for lamp in cfg.lamps.values()}:
        yield _said(Severity.WARNING, "lamps", "check.no_power_lamp")


def _contact(key: str, name: str, row: InputConfig) -> Iterator[Finding]:
    if row.chip and row.role not in CONTACTS:
        yield _said(Severity.WARNING, f"{key}.chip", "check.button_on_chip", name, row.chip)
    broken_alarms = row.contact == "nc" and row.pull == ("down" if row.low_is_down else "up")
    if row.role in ("smoke", "leak", "tamper") and not broken_alarms:
        yield _said(Severity.WARNING, f"{key}.contact", "check.wire_silent", name)


def _pull(key: str, name: str, row: InputConfig) -> Iterator[Finding]:
    against = "down" if row.low_is_down else "up"
    if row.pull == against and row.contact == "no":
        yield _said(Severity.ERROR, key, "check.pull_against", name, row.pull)
    if row.pull == "none":
        yield _said(Severity.WARNING, key, "check.pull_none", name)


def _chains(cfg: RoomConfig) -> Iterator[Finding]:
    for port, names in cfg.chains().items():
        loads = sorted({cfg.camera_load(name) for name in names})
        if len(loads) > 1:
            yield _said(
                Severity.DEFECT, f"cameras.{names[1]}.load", "check.chain_two_loads", port, ", ".join(loads)
            )
    ports = [(f"cameras.{name}.port", camera.port) for name, camera in cfg.cameras.items()]
    ports += [(f"boards.{name}.port", board.port) for name, board in cfg.boards.items()]
    ports += [
        (f"climate.{n}.modbus.port", row.modbus.port) for n, row in cfg.climate.items() if row.modbus is not None
    ]
    ports += [("codec.port", cfg.codec.port)] if cfg.codec is not None else []
    ports += [(f"loads.{n}.rs232.port", row.rs232.port) for n, row in cfg.loads.items() if row.rs232 is not None]
    ports += [("codec.meter.port", cfg.codec.meter.port)] if cfg.codec is not None and cfg.codec.meter else []
    ports += [("ups.serial", cfg.ups.serial)] if cfg.ups is not None else []
    for key, path in ports:
        if path is not None and path.startswith(("/dev/ttyUSB", "/dev/ttyACM")):
            yield _said(Severity.WARNING, key, "check.port_by_number", path)


def _room(cfg: RoomConfig) -> Iterator[Finding]:
    if not cfg.room.accepted:
        yield _said(Severity.NOTE, "room.accepted", "check.not_accepted")
    if cfg.codec is None:
        yield _said(Severity.NOTE, "codec", "check.no_codec")
    if cfg.computer is not None:
        yield from _computer(cfg, cfg.computer)
    if cfg.calendar.file is None and cfg.mqtt is None:
        yield _said(Severity.WARNING, "calendar.file", "check.no_calendar")
    if cfg.calendar.holidays_file is None:
        yield _said(Severity.NOTE, "calendar.holidays_file", "check.no_holidays")


def _computer(cfg: RoomConfig, pc: Codec) -> Iterator[Finding]:
    yield _said(Severity.NOTE, "codec.kind", "check.pc")
    if pc.host is None and pc.meter is None:
        yield _said(Severity.WARNING, "codec.host", "check.pc_no_life")
    if pc.meter is None and pc.load is not None and not places(cfg):
        yield _said(Severity.WARNING, "line", "check.pc_no_witness")
    if pc.mute is None:
        yield _said(Severity.WARNING, "codec.mute", "check.pc_no_mute")
    elif pc.mute.contact == "nc":
        yield _said(Severity.DEFECT, "codec.mute.contact", "check.pc_mute_rest")


def _power(cfg: RoomConfig) -> Iterator[Finding]:
    if not any(load.cls == "network" for load in cfg.loads.values()):
        yield _said(Severity.NOTE, "loads", "check.no_network_load")
    if cfg.ups is None:
        yield _said(Severity.WARNING, "ups", "check.no_ups")
    elif not cfg.ups.commands:
        yield _said(Severity.WARNING, "ups.user", "check.ups_no_user")
    if cfg.ups is not None and cfg.ups.kind == "megatec":
        yield _said(Severity.NOTE, "ups.kind", "check.megatec_cable")
    if cfg.ups is not None and not any(load.on_ups for load in cfg.loads.values()):
        yield _said(Severity.WARNING, "ups", "check.ups_feeds_nothing")


def _line(cfg: RoomConfig) -> Iterator[Finding]:
    if not places(cfg):
        yield _said(Severity.NOTE, "line", "check.no_line")
    elif cfg.line.measures != "line":
        yield _said(Severity.NOTE, "line.measures", "check.other_path")
    if cfg.rules.calls.who_dials != "mcu" and not cfg.redial.main:
        yield _said(Severity.WARNING, "redial.main", "check.no_redial")


def _link(cfg: RoomConfig) -> Iterator[Finding]:
    if cfg.mqtt is None:
        yield _said(Severity.NOTE, "mqtt", "check.no_mqtt")
        return
    for name, broker in (("main", cfg.mqtt.main), ("backup", cfg.mqtt.backup)):
        if broker is not None:
            yield from _broker(f"mqtt.{name}", broker, cfg.room.slug)


def _broker(key: str, broker: BrokerTable, slug: str) -> Iterator[Finding]:
    if not broker.tls and broker.host not in LOOPBACK:
        severity = Severity.DEFECT if broker.password_file is not None else Severity.WARNING
        yield _said(severity, f"{key}.tls", "check.no_tls", broker.host)
    if broker.user and broker.user != slug:
        yield _said(Severity.WARNING, f"{key}.user", "check.user_not_slug", broker.user, slug)
