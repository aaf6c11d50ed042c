"""room.toml as a whole: the room, its devices, brokers, calendar. Secrets never stand here, only paths of their
files.

Tables of lines are in config_loads, figures of rules in config_rules. What one table cannot know of another is
checked by config_check; nothing here is I/O.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from controller.config_base import AbsolutePath, Address, Clock, Host, Name, Sampled, Slug, Strict, key, need, table
from controller.config_drift import Learnt, Setting
from controller.config_line import Contact, LineTable, Redial
from controller.config_loads import BuzzerConfig, InputConfig, LampConfig, LoadConfig
from controller.config_pc import Meter, Mute
from controller.config_rules import Rules
from controller.config_sensors import Board, Climate, Light
from controller.config_upkeep import DeviceConfig, Firmware

VOLUME = "R28; assumption: clearly heard in a room of forty seats, below feedback; by ear at commissioning"


class RoomTable(Strict):
    """Who this room is."""

    slug: Slug = need("stable name: client id, user name and certificate name at the broker")
    name: str = need("what people call it", min_length=1, max_length=120)
    language: Literal["vi", "en"] = key("vi", "language of lists and messages", "")
    timezone: str = key("Asia/Ho_Chi_Minh", "time zone of its calendar", "", max_length=64)
    accepted: bool = key(False, "false withholds acceptance; true is its record's word only", "acceptance record")
    rule_packs: tuple[str, ...] = key(
        (), "rule packs under this file, weakest first; relative to it", "", strict=False, max_length=4
    )


class Paths(Strict):
    """Where things are kept."""

    state_dir: AbsolutePath = key("/var/lib/diemcau", "what must survive power cuts", "FHS")
    journal: AbsolutePath = key("/var/lib/diemcau/journal.db", "the journal", "FHS")
    journal_max_mb: float = key(
        200, "size at which old acknowledged records go", "a year and more of evidence", ge=5, le=4000
    )
    run_dir: AbsolutePath = key("/run/diemcau", "what may vanish at a restart", "FHS")
    update_dir: AbsolutePath = key("/var/lib/diemcau-update", "what the updater tells", "FHS")


class Keeper(Strict):
    """The process that owns the relay lines."""

    socket: AbsolutePath = key("/run/diemcau/keeper.sock", "its socket", "FHS")
    lease_s: float = key(30, "a controller silent for so long is lost", "N10", ge=5, le=120)
    hold_max_h: float = key(
        12, "held loads are closed in order after so long without a controller", "N10", gt=0, le=72
    )


class Codec(Sampled):
    """The video codec."""

    kind: Literal["polycom", "cisco", "pc"] = need(
        "polycom = HDX or Group; cisco = C, SX, MX, Room or Board series; pc = a computer runs the meeting"
    )
    load: Name | None = key(None, "the load that feeds it; a computer's goes off only once it is down", "")
    port: AbsolutePath | None = key(None, "its serial port, by path", "udev by-path")
    speeds: tuple[int, ...] | None = key(
        None,
        "tried in this order; left out: those of its make",
        "Polycom, Cisco",
        strict=False,
        min_length=1,
        max_length=6,
    )
    period_s: float = key(30, "how often its state is asked for when idle", "Polycom", ge=5, le=300)
    user: str = key("", "login, where the port asks for one", "Polycom, Cisco", max_length=64)
    password_file: AbsolutePath | None = key(None, "file that holds the password", "R15")
    host: Address | None = key(None, "with kind = pc: the computer's address, asked whether it lives", "N4")
    tcp_port: int | None = key(
        None, "with kind = pc: a port that answers where its firewall drops ping", "Windows: 445", ge=1, le=65_535
    )
    meter: Meter | None = key(None, "with kind = pc: a meter of what its socket draws", "N4")
    mute: Mute | None = key(None, "with kind = pc: the relay in the microphone's line", "R9")
    test_address: str = key(
        "", "number that the rehearsal calls, muted; left out: no test call is made", "R6", max_length=128
    )
    test_input: Literal["micleft", "micright", "lineinleft", "lineinright"] = key(
        "micleft", "input at which the rehearsal listens, where the codec has an audio meter", "R6, Polycom"
    )
    test_output: Literal["lineoutleft", "lineoutright", "farendleft", "farendright"] | None = key(
        None, "where it listens during the test call: what goes to the loudspeakers; left out: not", "R6, Polycom"
    )
    volume: int | None = key(None, "volume after power-up", "R28", ge=0, le=50)
    volume_min: int = key(5, "people may turn it down so far without being asked", VOLUME, ge=0, le=50)
    volume_max: int = key(40, "and up so far", VOLUME, ge=0, le=50)
    settings: dict[Name, Setting] = Field(
        default_factory=dict, description="settings that must stay as approved", max_length=16
    )


class Camera(Sampled):
    """One camera; cameras with the same `port` are one VISCA chain: `[cameras.main]`."""

    via: Literal["visca", "ip", "codec"] = key("visca", "a serial line, the network, or the codec speaks to it", "")
    load: Name | None = key(None, "the load that feeds it; left out with via = codec: the codec's", "")
    port: AbsolutePath | None = key(None, "serial port of its chain, by path", "udev by-path")
    speeds: tuple[int, ...] = key(
        (9600, 38400), "tried in this order", "Sony EVI-D70", strict=False, min_length=1, max_length=4
    )
    address: int = key(1, "place on its chain, 1 = next to the Pi", "VISCA", ge=1, le=7)
    host: Host | None = key(None, "with via = ip: its address", "")
    transport: Literal["sony", "udp", "tcp"] = key(
        "sony",
        "with via = ip: sony = UDP with header; udp, tcp = bare packets of many clones",
        "Sony, PTZOptics",
    )
    ip_port: int = key(
        0,
        "with via = ip: its port; 0 = 52381 (sony), 1259 (udp), 5678 (tcp)",
        "Sony, PTZOptics",
        ge=0,
        le=65_535,
    )

    @property
    def direct(self) -> bool:
        """We speak to it ourselves."""
        return self.via != "codec"


class Seat(Strict):
    """A named seat and the picture of it: `[seats.chair]`."""

    preset: int = need("camera preset", ge=0, le=254)
    camera: Name = key("main", "which camera holds the preset", "")
    label: str = key("", "what people call it", "", max_length=60)


class Ups(Sampled):
    """The UPS: by NUT's network protocol, or a Megatec unit on a serial port of the Pi."""

    kind: Literal["nut", "megatec", "contact"] = key(
        "nut", "nut = by upsd; megatec = Q1 protocol on a serial port; contact = a contact cable", "NUT"
    )
    serial: AbsolutePath | None = key(None, "megatec: its serial port, by path", "udev by-path")
    speed: int = key(2400, "megatec: its speed", "NUT nutdrv_qx", ge=1200, le=115_200)
    dialect: Literal["megatec", "mustek", "voltronic-qs"] = key(
        "megatec",
        "megatec: Q1; mustek: QS; voltronic-qs: QS and QI, which tells charge and runtime",
        "NUT nutdrv_qx",
    )
    cable_power: Literal["normal", "reverse", "both", "none"] = key(
        "normal", "megatec: normal = DTR on, RTS off; some cables feed their converter otherwise", "NUT nutdrv_qx"
    )
    nominal_v: float = key(
        0, "megatec: nominal battery voltage for units that hang when asked; 0 = ask", "NUT norating", ge=0, le=400
    )
    identify: bool = key(True, "megatec: ask who it is; some units hang on it", "NUT novendor")
    cut_after_s: float = key(30, "megatec: an ordered end cuts so long after the order", "NUT", ge=12, le=600)
    back_after_min: int = key(3, "megatec: and returns after so long; old firmware needs 3", "NUT", ge=1, le=99)
    host: Host = key("127.0.0.1", "where upsd runs", "NUT")
    port: int = key(3493, "its port", "NUT, IANA", ge=1, le=65535)
    name: str = key("ups", "the UPS's name in ups.conf", "NUT", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    user: str = key("", "NUT user for self-test and shutdown", "NUT", max_length=64)
    password_file: AbsolutePath | None = key(None, "file that holds its password", "R15")
    battery_since: date | None = key(None, "day on which its battery was put in", "R7")

    @property
    def commands(self) -> bool:
        """May it be told to test itself and to cut? upsd takes orders of a user only."""
        return self.kind == "megatec" or bool(self.user)


class BrokerTable(Strict):
    """One MQTT broker."""

    host: Host = need("its name or address")
    port: int = key(8883, "its port", "IANA", ge=1, le=65535)
    tls: bool = key(True, "TLS 1.3", "")
    ca_file: AbsolutePath | None = key(None, "the province's own authority", "")
    cert_file: AbsolutePath | None = key(None, "this room's certificate", "")
    key_file: AbsolutePath | None = key(None, "its private key", "R15")
    user: str = key("", "user name; left out: the slug, by the certificate", "", max_length=64)
    password_file: AbsolutePath | None = key(None, "file that holds the password", "R15")


class Mqtt(Strict):
    """The link to the centre."""

    main: BrokerTable = need("the province's broker")
    backup: BrokerTable | None = key(None, "the backup site's broker", "R25")
    keepalive_s: int = key(20, "a frozen broker is noticed after twice this", "MQTT 5", ge=5, le=300)
    failover_s: float = key(30, "without the main broker for so long: the backup", "R25", ge=1, le=3600)
    discovery: bool = key(True, "announce the room to Home Assistant", "")
    discovery_buttons: bool = key(False, "with buttons there: power on, power by schedule, check now", "")


class CalendarTable(Strict):
    """Meetings known without the centre."""

    file: AbsolutePath | None = key(None, "iCalendar file; one from the centre replaces it", "R18")
    holidays_file: AbsolutePath | None = key(None, "rest days, one date a line", "R18")


class Updates(Strict):
    """When codecs may update themselves: codec and network stay on then."""

    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "never"] = key("never", "the day", "")
    start: Clock = key("18:00", "from", "")
    end: Clock = key("20:00", "to", "")


class Storm(Strict):
    """Storm and flood: the codec keeps its power, asleep, so that a call by night reaches the room."""

    until: AwareDatetime | None = key(
        None, "storm mode until then, with its offset; usually the desk orders it", "R2"
    )
    max_h: float = key(
        72, "one order of the desk lasts so long at most", "a typhoon's passage; rest assumption", gt=0, le=168
    )


class Poster(Strict):
    """The sheet on the room's wall (R29)."""

    rules: tuple[str, ...] = key(
        (), "the province's own house rules; left out: those of the regulation", "R29", strict=False, max_length=20
    )
    page: str = key("", "address of the room's phone page, shown as QR code", "R29", max_length=200)


class RoomConfig(Strict):
    """room.toml, complete: every key given or defaulted, every reference good."""

    room: RoomTable = need("who this room is")
    paths: Paths = table(Paths, "where things are kept")
    keeper: Keeper = table(Keeper, "the process that owns the relay lines")
    loads: dict[Name, LoadConfig] = Field(description="switched outlet groups", min_length=1, max_length=32)
    inputs: dict[Name, InputConfig] = Field(default_factory=dict, description="buttons and contacts", max_length=32)
    lamps: dict[Name, LampConfig] = Field(default_factory=dict, description="lamps", max_length=48)
    buzzer: BuzzerConfig | None = key(None, "the buzzer", "")
    codec: Codec | None = key(None, "the video codec", "")
    cameras: dict[Name, Camera] = Field(default_factory=dict, description="cameras", max_length=7)
    seats: dict[Name, Seat] = Field(default_factory=dict, description="seats", max_length=64)
    ups: Ups | None = key(None, "the UPS", "R5")
    climate: dict[Name, Climate] = Field(default_factory=dict, description="places measured", max_length=8)
    light: dict[Name, Light] = Field(default_factory=dict, description="light measured", max_length=4)
    devices: dict[Name, DeviceConfig] = Field(default_factory=dict, description="list of devices", max_length=64)
    boards: dict[Name, Board] = Field(default_factory=dict, description="Modbus relay boards", max_length=4)
    mqtt: Mqtt | None = key(None, "the link to the centre; left out: the room is alone", "")
    calendar: CalendarTable = table(CalendarTable, "meetings known without the centre")
    line: LineTable = table(LineTable, "the line to the network: what is probed, who provides it")
    redial: Redial = table(Redial, "whom the room calls again after a loss")
    contacts: dict[Name, Contact] = Field(default_factory=dict, description="whom people phone", max_length=16)
    firmware: Firmware = table(Firmware, "where signed updates of this program come from")
    updates: Updates = table(Updates, "when codecs may update themselves")
    storm: Storm = table(Storm, "storm and flood: calls by night must reach the room")
    poster: Poster = table(Poster, "the sheet on the room's wall")
    learnt: Learnt = table(Learnt, "what commissioning has found; stands in learnt.toml")
    rules: Rules = table(Rules, "figures of the rules")

    @property
    def displays(self) -> tuple[str, ...]:
        """The loads whose display can be asked and told."""
        return tuple(name for name, load in self.loads.items() if load.wake != "mains")

    @property
    def spoken(self) -> Codec | None:
        """The codec that we can speak to; None when there is none or a computer runs the meeting."""
        return self.codec if self.codec is not None and self.codec.kind != "pc" else None

    @property
    def computer(self) -> Codec | None:
        """The computer that runs the meeting; None in a room with a codec."""
        return self.codec if self.codec is not None and self.codec.kind == "pc" else None

    @property
    def mute(self) -> Mute | None:
        """The relay that closes the microphone where there is no codec to do it."""
        return self.computer.mute if self.computer is not None else None

    def camera_load(self, name: str) -> str:
        """The load that feeds this camera; '' when none is known."""
        camera = self.cameras[name]
        if camera.load is not None:
            return camera.load
        return (self.codec.load or "") if camera.via == "codec" and self.codec is not None else ""

    def chains(self) -> dict[str, tuple[str, ...]]:
        """Serial port → its cameras in the order of the chain."""
        ports: dict[str, list[str]] = {}
        for name, camera in self.cameras.items():
            if camera.via == "visca" and camera.port is not None:
                ports.setdefault(camera.port, []).append(name)
        return {p: tuple(sorted(names, key=lambda n: self.cameras[n].address)) for p, names in ports.items()}
