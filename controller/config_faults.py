"""What makes a room.toml unusable before anything is switched: references, circles, figures that contradict each
other.

What is dangerous but usable (a codec on a plain contact …) is said by config_check. Pure: files are only named
(`files`), whoever reads them looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from controller.config_base import Sampled
from controller.config_drift import faults
from controller.config_faults_pc import computer
from controller.config_finding import Finding as Finding
from controller.config_finding import Severity as Severity
from controller.config_finding import error
from controller.config_line import TAKEN
from controller.config_loads import DisplayWords
from controller.config_model import RoomConfig
from controller.config_sensors import Board, ModbusSensor
from controller.config_sequence import cycle, edges


def errors(cfg: RoomConfig) -> list[Finding]:
    """Everything that makes this configuration unusable."""
    found = [
        *_references(cfg),
        *_cameras(cfg),
        *_codec(cfg),
        *_ups(cfg),
        *_displays(cfg),
        *_seats(cfg),
        *_figures(cfg),
        *_zone(cfg),
        *_boards(cfg),
        *_buses(cfg),
    ]
    # A sequence can only be built from good references.
    return found or list(_circles(cfg))


def files(cfg: RoomConfig) -> tuple[tuple[str, str], ...]:
    """Key and path of every file that must be there and readable."""
    rows = [("calendar.file", cfg.calendar.file), ("calendar.holidays_file", cfg.calendar.holidays_file)]
    rows += [
        (f"{name}.password_file", t.password_file) for name, t in (("ups", cfg.ups), ("codec", cfg.codec)) if t
    ]
    rows += [(f"loads.{name}.password_file", load.password_file) for name, load in cfg.loads.items()]
    for name, broker in (("main", cfg.mqtt.main), ("backup", cfg.mqtt.backup)) if cfg.mqtt else ():
        if broker is not None:
            keys = ("ca_file", "cert_file", "key_file", "password_file")
            rows += [(f"mqtt.{name}.{key}", getattr(broker, key)) for key in keys]
    return tuple((key, path) for key, path in rows if path is not None)


def _references(cfg: RoomConfig) -> Iterator[Finding]:
    for key, load in _named_loads(cfg):
        if load not in cfg.loads:
            yield error(key, "check.no_load", load, ", ".join(sorted(cfg.loads)))
    for name, load_table in cfg.loads.items():
        if name in load_table.needs:
            yield error(f"loads.{name}.needs", "check.needs_itself", name)


def _named_loads(cfg: RoomConfig) -> Iterator[tuple[str, str]]:
    """Key and load of every place that names one."""
    for name, load in cfg.loads.items():
        yield from ((f"loads.{name}.needs", parent) for parent in load.needs)
    if cfg.codec is not None and cfg.codec.load is not None:
        yield "codec.load", cfg.codec.load
    for name, camera in cfg.cameras.items():
        if camera.load is not None:
            yield f"cameras.{name}.load", camera.load
    for place, climate in cfg.climate.items():
        yield from ((f"climate.{place}.{k}", n) for k, n in (("fan", climate.fan), ("dryer", climate.dryer)) if n)


def _boards(cfg: RoomConfig) -> Iterator[Finding]:
    for name, load in cfg.loads.items():
        if load.board is not None and load.board not in cfg.boards:
            yield error(f"loads.{name}.board", "check.no_board", load.board, ", ".join(sorted(cfg.boards)))
        if load.board is not None and load.chip:
            yield error(f"loads.{name}.chip", "check.board_and_chip", name)
        if load.board is None and load.boot == "hold":
            yield error(f"loads.{name}.boot", "check.boot_hold", name)
        if load.board is not None and load.boot == "last":
            yield error(f"loads.{name}.boot", "check.boot_last", name)


def _buses(cfg: RoomConfig) -> Iterator[Finding]:
    """Errors of all Modbus sensors and boards."""
    for place, row in cfg.climate.items():
        if (row.sensor is None) == (row.modbus is None):
            yield error(f"climate.{place}.sensor", "check.sensor_or_modbus", place)
    boards: list[tuple[str, Board | ModbusSensor]] = [(f"boards.{n}", board) for n, board in cfg.boards.items()]
    units = [(f"climate.{n}.modbus", row.modbus) for n, row in cfg.climate.items() if row.modbus is not None]
    yield from _agree(boards)
    yield from _agree(list(units))
    taken = set(cfg.chains()) | ({cfg.codec.port} if cfg.codec is not None else set())
    for key, unit in units:
        if unit.port in taken | {board.port for board in cfg.boards.values()}:
            yield error(f"{key}.port", "check.bus_taken", unit.port)
    for key, board in boards:
        if board.port in taken:
            yield error(f"{key}.port", "check.bus_taken", board.port)


def _agree(rows: list[tuple[str, Board | ModbusSensor]]) -> Iterator[Finding]:
    """On one port: one speed, and each address once."""
    for n, (key, row) in enumerate(rows):
        for other_key, other in rows[:n]:
            if other.port != row.port:
                continue
            if (other.baud, other.parity) != (row.baud, row.parity):
                yield error(f"{key}.baud", "check.bus_speed", row.port)
            if other.unit == row.unit:
                yield error(f"{key}.unit", "check.unit_twice", row.unit, other_key)


def _cameras(cfg: RoomConfig) -> Iterator[Finding]:
    for name, camera in cfg.cameras.items():
        if camera.via == "codec" and cfg.spoken is None:
            yield error(f"cameras.{name}.via", "check.camera_no_codec", name)
        if camera.via == "visca" and camera.port is None:
            yield error(f"cameras.{name}.port", "check.no_port")
        if camera.via == "ip" and camera.host is None:
            yield error(f"cameras.{name}.host", "check.no_host", name)
        if camera.direct and camera.load is None:
            yield error(f"cameras.{name}.load", "check.camera_no_load", name)
    for port, names in cfg.chains().items():
        if [cfg.cameras[n].address for n in names] != list(range(1, len(names) + 1)):
            yield error(f"cameras.{names[0]}.address", "check.chain", port, ", ".join(names))
        if len({cfg.cameras[n].speeds for n in names}) > 1:
            yield error(f"cameras.{names[0]}.speeds", "check.chain_speeds", port)


def _codec(cfg: RoomConfig) -> Iterator[Finding]:
    codec = cfg.codec
    if codec is None:
        return
    yield from computer(cfg, codec)
    if codec.kind != "pc" and codec.load is None:
        yield error("codec.load", "check.codec_no_load")
    if codec.kind != "pc" and codec.port is None:
        yield error("codec.port", "check.no_port")
    if codec.port is not None and codec.port in cfg.chains():
        yield error("codec.port", "check.port_twice", codec.port)
    yield from (error(key, code, *args) for key, code, args in faults(codec))


def _ups(cfg: RoomConfig) -> Iterator[Finding]:
    ups = cfg.ups
    if ups is None:
        return
    if ups.kind == "contact":
        yield error("ups.kind", "check.contact_cable")
    if ups.kind == "megatec" and ups.serial is None:
        yield error("ups.serial", "check.no_port")
    if ups.kind != "megatec" and ups.serial is not None:
        yield error("ups.serial", "check.ups_serial", ups.kind)
    others = {*cfg.chains(), cfg.codec.port if cfg.codec is not None else None}
    if ups.serial is not None and ups.serial in others:
        yield error("ups.serial", "check.port_twice", ups.serial)


def _displays(cfg: RoomConfig) -> Iterator[Finding]:
    for name in cfg.displays:
        load = cfg.loads[name]
        if load.wake == "pjlink" and load.host is None:
            yield error(f"loads.{name}.host", "check.no_host", name)
        if load.wake == "serial" and load.rs232 is None:
            yield error(f"loads.{name}.rs232", "check.no_words", name)
        if load.rs232 is not None and _alike(load.rs232):
            yield error(f"loads.{name}.rs232.said_on", "check.words_alike", name)
        if load.rs232 is not None and load.rs232.port in {cfg.codec.port if cfg.codec else None, *cfg.chains()}:
            yield error(f"loads.{name}.rs232.port", "check.port_twice", load.rs232.port)
        if cfg.loads[name].cls != "display":
            yield error(f"loads.{name}.wake", "check.wake_display", name)


def _alike(words: DisplayWords) -> bool:
    return words.said_on in words.said_standby or words.said_standby in words.said_on


PRESETS = {"polycom": range(100), "cisco": range(1, 36)}
"""Camera presets of a codec: two digits (Polycom Integrator's Reference Manual), 1-35 (Cisco API guides)."""


def _seats(cfg: RoomConfig) -> Iterator[Finding]:
    for name, seat in cfg.seats.items():
        camera = cfg.cameras.get(seat.camera)
        presets = PRESETS.get(cfg.spoken.kind, range(255)) if cfg.spoken is not None else range(255)
        if camera is not None and camera.via == "codec" and seat.preset not in presets:
            yield error(f"seats.{name}.preset", "check.preset_range", seat.preset, presets[0], presets[-1])
        if seat.camera not in cfg.cameras:
            yield error(f"seats.{name}.camera", "check.no_camera", seat.camera, ", ".join(sorted(cfg.cameras)))
    for table, rows in (("inputs", cfg.inputs.items()), ("lamps", cfg.lamps.items())):
        for name, row in rows:
            if row.seat and row.seat not in cfg.seats:
                yield error(f"{table}.{name}.seat", "check.no_seat", row.seat, ", ".join(sorted(cfg.seats)))
    for name, button in cfg.inputs.items():
        if button.role == "talk" and not button.seat:
            yield error(f"inputs.{name}.seat", "check.talk_needs_seat", name)
    bypasses = [name for name, button in cfg.inputs.items() if button.role == "bypass"]
    if len(bypasses) > 1:
        yield error(f"inputs.{bypasses[1]}.role", "check.bypass_twice", ", ".join(bypasses))


_BELOW = (
    ("fan_off_c", "fan_on_c"),
    ("report_low_c", "report_high_c"),
    ("warn_c", "hard_c"),
    ("report_low_pct", "report_high_pct"),
    ("dry_off_pct", "dry_on_pct"),
)


def _figures(cfg: RoomConfig) -> Iterator[Finding]:
    climate = cfg.rules.climate
    for low, high in _BELOW:
        if getattr(climate, low) >= getattr(climate, high):
            yield error(f"rules.climate.{low}", "check.below", getattr(climate, low), high, getattr(climate, high))
    for name, load in cfg.loads.items():
        if load.min_off_s is not None and load.min_off_s < load.least_off_s:
            yield error(f"loads.{name}.min_off_s", "check.min_off", load.min_off_s, load.least_off_s)
        if load.cls in ("codec", "camera", "network") and load.when_lost != "hold":
            yield error(f"loads.{name}.lost", "check.must_hold", name)
    for key, row in _sampled(cfg):
        if row.max_age_s is not None and row.max_age_s < 3 * row.period_s:
            yield error(f"{key}.max_age_s", "check.max_age", row.max_age_s, 3 * row.period_s)
    mains = cfg.rules.mains
    if mains.closing_from >= mains.closing_to:
        yield error("rules.mains.closing_from", "check.below", mains.closing_from, "closing_to", mains.closing_to)
    if cfg.updates.weekday != "never" and cfg.updates.start == cfg.updates.end:
        yield error("updates.end", "check.empty_window")
    yield from _brokers(cfg)
    yield from _line(cfg)


def _sampled(cfg: RoomConfig) -> list[tuple[str, Sampled]]:
    rows: list[tuple[str, Sampled]] = [(f"cameras.{name}", camera) for name, camera in cfg.cameras.items()]
    rows += [(f"climate.{place}", climate) for place, climate in cfg.climate.items()]
    rows += [(f"light.{place}", light) for place, light in cfg.light.items()]
    rows += [("codec", cfg.codec)] if cfg.codec is not None else []
    return rows + ([("ups", cfg.ups)] if cfg.ups is not None else [])


def _brokers(cfg: RoomConfig) -> Iterator[Finding]:
    if cfg.mqtt and cfg.mqtt.discovery_buttons and not cfg.mqtt.discovery:
        yield error("mqtt.discovery_buttons", "check.buttons_unannounced")
    for name, broker in (("main", cfg.mqtt.main), ("backup", cfg.mqtt.backup)) if cfg.mqtt else ():
        if broker is not None and broker.tls and broker.ca_file is None:
            yield error(f"mqtt.{name}.ca_file", "check.tls_needs_ca")
        if broker is not None and (broker.cert_file is None) != (broker.key_file is None):
            yield error(f"mqtt.{name}.cert_file", "check.cert_and_key")


def _line(cfg: RoomConfig) -> Iterator[Finding]:
    for name in TAKEN:
        if name in cfg.line.targets:
            yield error(f"line.targets.{name}", "check.place_taken", name)
    line = cfg.rules.line
    for figure in ("loss_pct", "rtt_ms", "jitter_ms"):
        warn, bad = getattr(line, f"warn_{figure}"), getattr(line, f"bad_{figure}")
        if warn >= bad:
            yield error(f"rules.line.warn_{figure}", "check.below", warn, f"bad_{figure}", bad)
    if line.redial_least_s > line.redial_most_s:
        yield error(
            "rules.line.redial_least_s", "check.below", line.redial_least_s, "redial_most_s", line.redial_most_s
        )


def _zone(cfg: RoomConfig) -> Iterator[Finding]:
    try:
        ZoneInfo(cfg.room.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield error("room.timezone", "check.timezone", cfg.room.timezone)


def _circles(cfg: RoomConfig) -> Iterator[Finding]:
    circle = cycle(edges(cfg))
    if circle:
        yield error("loads", "check.circle", " → ".join(circle))
