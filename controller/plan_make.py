"""RoomConfig → Plan, and the process that does it: `python -m controller.plan_make LANGUAGE FILE…`.

The process writes the pickled plan to its standard output (read by nobody but its parent) and exits with 0, or
writes there in words what is wrong and exits with 78. LANGUAGE is `-` where the command line names none. Its
standard input is a pipe that only the parent holds: the end of the parent is its end, wherever it stands.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from controller import config, plan_kept
from controller.cli_words import CONFIG, sentence
from controller.config_compile import compile_room
from controller.config_devices import link_settings, ups_address
from controller.config_line_room import places, spot_of
from controller.config_loads import BUZZER_NAME, DisplayWords
from controller.config_model import RoomConfig
from controller.config_pc import MUTE_NAME
from controller.config_ports import sensor_ports, serial_ports
from controller.config_sensors import Climate
from controller.plan import (
    CameraPort,
    CodecPort,
    Computer,
    DisplayPort,
    Input,
    Outputs,
    Paths,
    Plan,
    Sensor,
    SensorBus,
    Times,
    UpsPort,
)
from controller.texts import DEFAULT_LANGUAGE, sentences
from hardware.camera import CameraPlace
from hardware.codec import SPEEDS
from hardware.display import SerialPlace
from hardware.line import GATEWAY, Place
from hardware.protocols.modbus_climate import ClimateUnit, Register
from hardware.protocols.modbus_power import Meter
from hardware.protocols.serial_display import Words
from hardware.ups import MegatecPort

SAID = (
    "calendar.",
    "errno.",
    "foreign.",
    "home.",
    "line.unwritten",
    "link.",
    "local.",
    "panel.",
    "run.no_lock",
    "thing.",
    "update.order_lost",
)
"""What a running controller says of its own beginnings: codes of `Station`'s notes, and the names in them; what
Home Assistant calls the room's entities."""


def plan_of(cfg: RoomConfig) -> Plan:
    """Everything that a running controller needs of a configuration that was checked before. Pure."""
    return Plan(
        slug=cfg.room.slug,
        name=cfg.room.name,
        language=cfg.room.language,
        room=compile_room(cfg),
        paths=_paths(cfg),
        outputs=_outputs(cfg),
        inputs={name: Input(row.pin, row.low_is_down, row.pull, row.chip) for name, row in cfg.inputs.items()},
        codec=_codec(cfg),
        computer=_computer(cfg),
        cameras=(*(_cameras(port, names, cfg) for port, names in cfg.chains().items()), *_net_cameras(cfg)),
        displays=tuple(_displays(cfg)),
        ups=_ups(cfg),
        sensors=tuple(_sensors(cfg)),
        buses=tuple(_bus(port, cfg) for port in sensor_ports(cfg)),
        ports=serial_ports(cfg),
        probes=tuple(_probe(cfg, place.name) for place in places(cfg)),
        times=_times(cfg),
        link=link_settings(cfg, ""),
        discovery=cfg.mqtt is not None and cfg.mqtt.discovery,
        discovery_buttons=cfg.mqtt is not None and cfg.mqtt.discovery_buttons,
        sayings=sentences(cfg.room.language, SAID),
    )


def _paths(cfg: RoomConfig) -> Paths:
    paths = cfg.paths
    limit_b = round(paths.journal_max_mb * 1_000_000)
    return Paths(Path(paths.journal), limit_b, Path(paths.state_dir), Path(paths.run_dir), Path(paths.update_dir))


def _outputs(cfg: RoomConfig) -> Outputs:
    lamps = (*cfg.lamps, *((BUZZER_NAME,) if cfg.buzzer else ()))
    relays = (*cfg.loads, *((MUTE_NAME,) if cfg.mute is not None else ()))
    return Outputs(cfg.keeper.socket, round(cfg.keeper.lease_s * 1000), relays, lamps)


def _codec(cfg: RoomConfig) -> CodecPort | None:
    codec = cfg.codec
    if codec is None or codec.kind == "pc" or codec.port is None:
        return None
    through = tuple(name for name, camera in cfg.cameras.items() if camera.via == "codec")
    speeds = tuple(codec.speeds or SPEEDS[codec.kind])
    settings = tuple((name, row.path) for name, row in codec.settings.items())
    return CodecPort(codec.kind, codec.port, speeds, codec.user, _path(codec.password_file), through, settings)


def _computer(cfg: RoomConfig) -> Computer | None:
    pc = cfg.computer
    if pc is None:
        return None
    kinds = ("icmp", *((f"tcp:{pc.tcp_port}",) if pc.tcp_port is not None else ()))
    mute, row = MUTE_NAME if pc.mute is not None else "", pc.meter
    plain = Computer(pc.host or "", kinds, round(pc.period_s * 1000), mute)
    if row is None:
        return plain
    meter = Meter(row.unit, row.function, row.power_register, row.scale)
    return replace(plain, meter=meter, meter_port=row.port, meter_baud=row.baud)


def _cameras(port: str, names: tuple[str, ...], cfg: RoomConfig) -> CameraPort:
    return CameraPort(port, tuple(cfg.cameras[names[0]].speeds), names)


def _net_cameras(cfg: RoomConfig) -> Iterator[CameraPort]:
    for name, camera in cfg.cameras.items():
        if camera.via == "ip" and camera.host is not None:
            yield CameraPort("", (), (name,), CameraPlace(camera.host, camera.ip_port, camera.transport))


def _displays(cfg: RoomConfig) -> Iterator[DisplayPort]:
    for name in cfg.displays:
        load = cfg.loads[name]
        row = load.rs232 if load.wake == "serial" else None
        yield DisplayPort(
            name, load.host or "", load.port, _path(load.password_file), None if row is None else _words(row)
        )


def _words(row: DisplayWords) -> SerialPlace:
    texts = (row.on, row.standby, row.ask, row.said_on, row.said_standby)
    return SerialPlace(row.port, row.baud, row.parity, Words(*(text.encode("latin-1") for text in texts)))


def _ups(cfg: RoomConfig) -> UpsPort | None:
    ups, address = cfg.ups, ups_address(cfg)
    if ups is not None and ups.kind == "megatec" and ups.serial is not None:
        delays = (ups.cut_after_s, ups.back_after_min)
        port = MegatecPort(
            ups.serial, ups.speed, ups.cable_power, ups.dialect, ups.nominal_v, ups.identify, *delays
        )
        return UpsPort(port, "", None)
    if ups is None or address is None:
        return None
    return UpsPort(address, ups.user, _path(ups.password_file))


def _sensors(cfg: RoomConfig) -> Iterator[Sensor]:
    for place, row in cfg.climate.items():
        if row.sensor is not None:
            yield Sensor(place, row.sensor, round(row.period_s * 1000))
    for place, light in cfg.light.items():
        yield Sensor(place, light.sensor, round(light.period_s * 1000), "light")


def _bus(port: str, cfg: RoomConfig) -> SensorBus:
    """The units of one port; that they agree on its speed was checked before."""
    rows = {place: row for place, row in cfg.climate.items() if row.modbus is not None and row.modbus.port == port}
    first = next(row.modbus for row in rows.values() if row.modbus is not None)
    return SensorBus(port, first.baud, first.parity, tuple(_unit(place, row) for place, row in rows.items()))


def _unit(place: str, row: Climate) -> ClimateUnit:
    sensor = row.modbus
    assert sensor is not None
    wet = sensor.humidity_register
    humidity = None if wet < 0 else Register(wet, sensor.humidity_scale)
    temp = Register(sensor.temp_register, sensor.temp_scale, sensor.temp_signed)
    return ClimateUnit(place, sensor.unit, sensor.function, temp, humidity, round(row.period_s * 1000))


def _probe(cfg: RoomConfig, name: str) -> Place:
    spot = spot_of(cfg, name)
    return Place(name, cfg.line.gateway or GATEWAY) if spot is None else Place(name, spot.address, spot.kinds)


def _times(cfg: RoomConfig) -> Times:
    length_ms = round(cfg.rules.meeting.length_min * 60_000)
    calendar = cfg.calendar
    return Times(
        _path(calendar.file),
        _path(calendar.holidays_file),
        length_ms,
        cfg.room.timezone,
        cfg.rules.rehearsal.day_rule,
    )


def _path(text: str | Path | None) -> Path | None:
    return Path(text) if text is not None else None


def main(words: Sequence[str]) -> int:
    """Read, check, compile, hand over, keep."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lang, *names = words
    files = [Path(name) for name in names]
    try:
        before = _marks(files)
        plan = plan_of(config.load(files))
        known = before if before == _marks(files) else None
    except config.ConfigError as error:
        sys.stdout.buffer.write((sentence(error, DEFAULT_LANGUAGE if lang == "-" else lang) + "\n").encode())
        return CONFIG
    sys.stdout.buffer.write(pickle.dumps(plan, pickle.HIGHEST_PROTOCOL))
    sys.stdout.buffer.flush()
    if known is not None:  # else: somebody is writing these files; the next start reads them again
        plan_kept.keep(plan_kept.folder(os.environ), files, known, plan)
    return 0


def _marks(files: Sequence[Path]) -> plan_kept.Marks | None:
    """Only where they are of use: a second reading of every file costs the start some milliseconds."""
    return plan_kept.marks(config.named(files)) if plan_kept.folder(os.environ) is not None else None


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(CONFIG)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
