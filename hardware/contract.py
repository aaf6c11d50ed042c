"""The vocabulary between devices and whoever decides: what a device may report and what it may be told.

Law of this file: frozen values only, no behaviour, no rule, no I/O, standard library only.

A device *reports* with `Reading` (levels, answers) and `Edge` (a wire changed), and *answers an order* with
`Result`. It *is told* with `Order`. All times are integers in milliseconds of the monotonic clock (`_ms`),
stamped where the thing was seen. A field's value is None when the device was asked and could not say: the
reader treats that as unknown, never as zero.

`FIELDS` lists every field that a source may report and `TARGETS` every target that may be ordered; a source
is a device class, or `class.name` where a room may have several (`camera.main`, `climate.room`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias, Union

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Union[Scalar, "tuple[Value, ...]", None]


class OrderId(NamedTuple):
    """Carries the boot, so that an answer that survives a restart matches no order of the new life."""

    boot: str
    n: int


class Reading(NamedTuple):
    """One answer of one device, with all the fields it carried, e.g. ("ups", (("charge_pct", 87.0),), 1234). A
    tuple, because most of what happens is one and a frozen dataclass takes twice as long."""

    source: str
    values: tuple[tuple[str, Value], ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A contact or a button changed; `down` is the logical level (pressed, contact active). Not debounced."""

    input: str
    down: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Order:
    """Bring `target` to `value`, and answer within `within_ms`. Set-points only, never toggles."""

    id: OrderId
    target: str
    value: Value
    within_ms: int


class Stage(StrEnum):
    """How far an order came. Only facts prove an effect: DONE means that the device said so."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an order; `code` is a short machine word (`timeout`, `not_executable`, `syntax` …)."""

    order: OrderId
    stage: Stage
    code: str = ""
    at_ms: int = 0


Report: TypeAlias = Reading | Edge | Result


class Peer(Protocol):
    """One side of a wire, as a value machine: a conversation of ours or a far end of the simulator.

    `feed` takes any bytes in any cuts and never raises. `tick` does what is due at `now_ms`; after it
    `wake_ms` > now_ms. `take` empties the bytes to send and the reports made since the last call.
    """

    @property
    def wake_ms(self) -> int: ...

    def feed(self, data: bytes, now_ms: int) -> None: ...

    def tick(self, now_ms: int) -> None: ...

    def take(self) -> tuple[bytes, tuple[Report, ...]]: ...


class Conversation(Peer, Protocol):
    """Our side of a wire. `opened` and `closed` tell it that the port came and went; orders asked while
    closed are refused with code `closed`. `pace` sets how often state is asked for (0 = default)."""

    def opened(self, now_ms: int) -> None: ...

    def closed(self, now_ms: int) -> None: ...

    def ask(self, order: Order, now_ms: int) -> None: ...

    def pace(self, period_ms: int) -> None: ...


NEVER_MS = 1 << 62
"""A wake time that does not come."""


class Field(NamedTuple):
    """What one field of a reading may hold: `kind` one of bool int float str tuple; `words` a closed list."""

    kind: str
    meaning: str
    words: tuple[str, ...] = ()


_ANSWERS = Field("bool", "True: answered our last inquiry; False: asked at least three times, silent")
_ON_OFF = ("on", "off")

FIELDS: Mapping[str, Mapping[str, Field]] = {
    # One field per load of the room, named after it; read back from the line, not from our memory.
    "relay": {"*": Field("str", "level of the load's line", _ON_OFF)},
    "keeper": {
        "up": Field("bool", "the keeper answers on its socket"),
        "since_ms": Field("int", "monotonic start of the keeper process: another value = it restarted"),
        "fault": Field("str", "what the keeper could not do, empty when all is well"),
    },
    # Reconciled levels of inputs, every 10 s and at start; edges come as Edge. One field per input.
    "input": {"*": Field("bool", "logical level of the input")},
    "ups": {
        "link": Field(
            "str", "how the UPS or its daemon answers", ("ok", "stale", "driver", "wait", "refused", "down")
        ),
        "source": Field("str", "where the load is fed from; None = unknown", ("mains", "battery")),
        "status": Field("str", "NUT status tokens, sorted, blank between"),
        "low": Field("bool", "battery low (LB or FSD)"),
        "testing": Field("bool", "calibration or self-test is running (CAL, or commanded by us)"),
        "charge_pct": Field("float", "battery charge, 0-100"),
        "estimated": Field("bool", "the charge is reckoned from the battery's voltage, not told by the UPS"),
        "runtime_s": Field("int", "seconds left on battery, by the UPS"),
        "load_pct": Field("float", "load, percent of nominal"),
        "input_v": Field("float", "input voltage"),
        "battery_v": Field("float", "battery voltage"),
        "temp_c": Field("float", "temperature inside the UPS"),
        "replace": Field("bool", "battery must be replaced (RB)"),
        "overload": Field("bool", "more load than it can carry (OVER)"),
        "bypassed": Field("bool", "no battery protection (BYPASS)"),
        "regulating": Field("bool", "voltage is being trimmed or boosted"),
        "alarm": Field("str", "the UPS's own alarm text, empty when none"),
        "beeper": Field("str", "does it beep on battery", _ON_OFF),
        "test_result": Field("str", "the UPS's own words about its last self-test"),
        "model": Field("str", "manufacturer and model"),
    },
    "climate": {
        "temp_c": Field("float", "temperature"),
        "humidity_pct": Field("float", "relative humidity"),
        "error": Field("str", "errno name while the sensor cannot be read, empty when it can"),
    },
    "light": {
        "lux": Field("float", "illuminance"),
        "error": Field("str", "errno name while the sensor cannot be read, empty when it can"),
    },
    "camera": {
        "answers": _ANSWERS,
        "identity": Field("str", "vendor:model:rom as answered, e.g. 0001:0513:0100"),
        "power": Field("str", "power inquiry", ("on", "standby", "fault")),
        "ready": Field("bool", "the head is initialised: presets may be recalled"),
        "moving": Field("bool", "head or lens is moving"),
        "preset": Field("int", "preset whose recall was completed and confirmed by inquiry; -1 = none"),
        "pan": Field("int", "signed position, model steps"),
        "tilt": Field("int", "signed position, model steps"),
        "zoom": Field("int", "position, model steps"),
        "parked": Field("bool", "at home after our park order and not moved since"),
        "fault": Field("str", "what the camera says is broken, empty when nothing"),
    },
    "display": {
        "answers": _ANSWERS,
        "login": Field("str", "login state of the port", ("ok", "asked", "refused")),
        "identity": Field("str", "manufacturer and model as answered"),
        "power": Field("str", "as it says; None = it cannot say", ("on", "standby", "cooling", "warming")),
        "lamp_h": Field("int", "hours of the first lamp"),
        "fault": Field("str", "parts that it calls failed, empty when none"),
    },
    "codec": {
        "answers": _ANSWERS,
        "login": Field("str", "login state of the port", ("ok", "asked", "refused")),
        "identity": Field("str", "model:serial as answered"),
        "software": Field("str", "software version"),
        "power": Field("str", "awake or asleep", ("awake", "asleep")),
        "updating": Field("bool", "its software is being updated or it rebooted in the last 10 min"),
        "reboots": Field("int", "reboots noticed since this conversation began"),
        "mute": Field("str", "the near microphone, and only that", ("muted", "open")),
        "volume": Field("int", "0-50"),
        "calls": Field("tuple", "((id, 'out'|'in'|'', 'ringing'|'connecting'|'connected', number, kind), …)"),
        "in_call": Field("bool", "at least one call is connected"),
        "registered": Field("bool", "registered with its gatekeeper or SIP server"),
        "autoanswer": Field("bool", "answers incoming calls by itself"),
        "rate_kbps": Field("int", "call rate received"),
        "loss_pct": Field("float", "packet loss in the call, percent: of what this room receives"),
        "jitter_ms": Field("float", "jitter in the call: of what this room receives"),
        "loss_out_pct": Field("float", "packet loss of what this room sends, where the codec is told, percent"),
        "jitter_out_ms": Field("float", "jitter of what this room sends, where the codec is told"),
        "people": Field("int", "people that it counts in the room; None = it does not count now"),
        "mic_level": Field("float", "microphone level of the audio meter"),
        "audio_in_kbps": Field("float", "sound received in the call, where the codec tells it apart"),
        "video_in_kbps": Field("float", "picture received in the call, where the codec tells it apart"),
        "ended": Field("str", "how the last call ended, where the codec tells", ("near", "far", "lost")),
        "watts": Field("float", "what the socket of a computer that runs the meeting draws, where it is measured"),
        "popup": Field("str", "a question on its screen that waits for a person, empty when none"),
    },
    # One field per setting that room.toml lists.
    "setting": {"*": Field("str", "a setting of the codec in its own words; None = it cannot say")},
    "serial": {
        "at": Field("tuple", "((port, adaptor), …) of the ports that the room names; '' = nothing is there"),
        "others": Field("tuple", "((place, adaptor), …): USB adaptors at places that the room does not name"),
    },
    # One source per target: line.gateway, line.provider, line.far, line.<configured>.
    "line": {
        "reachable": Field("bool", "answers; None = cannot be measured"),
        "measurable": Field("bool", "it has answered this kind of probe: its silence means something"),
        "loss_ratio": Field("float", "probes without an answer, of the last 60 s, 0-1"),
        "rtt_ms": Field("float", "median time to the answer, of the last 60 s"),
        "jitter_ms": Field("float", "mean difference of neighbouring times, of the last 60 s"),
        "kind": Field("str", "how it is probed; none = not at all", ("icmp", "tcp", "udp", "none")),
    },
    "host": {
        "cpu_temp_c": Field("float", "temperature of the Pi"),
        "undervoltage": Field("bool", "supply below 4.63 V now"),
        "throttled": Field("int", "firmware's throttling bits"),
        "disk_free_pct": Field("float", "free space where the journal lives"),
        "memory_free_pct": Field("float", "memory available"),
        "load_1m": Field("float", "load average of one minute"),
        "uptime_s": Field("int", "seconds since the Pi booted"),
    },
    "journal": {
        "state": Field("str", "can records be written", ("ok", "slow", "full", "readonly", "failed")),
        "unlogged_s": Field("float", "seconds that the last switching step waited for its record"),
    },
    "link": {
        "desk": Field("str", "MQTT connection to the centre", ("up", "backup", "down")),
        "centre": Field("bool", "a centre says it is online"),
        "login": Field("str", "whether the broker lets this room in", ("ok", "refused")),
    },
}

TARGETS: Mapping[str, str] = {
    "load.*": "'on' | 'off': the load's contact, by the keeper; 'cycle': off for its time and on again (network)",
    "load.*.cycle": "'cycle': the same, as one action that is done when the keeper says so",
    "camera.*.power": "'on' | 'standby'",
    "camera.*.preset": "int 0…254: recall, done when an inquiry confirms the frame",
    "camera.*.park": "'home': go home and stay there; shown by the field `parked`",
    "camera.*.store": "int 0…254: store the present frame under this number",
    "camera.*.drive": "(pan -24…24, tilt -20…20, zoom -7…7) speed steps, 0 = stop; stops by itself after 2 s",
    "camera.*.position": "(pan, tilt, zoom) absolute, model steps",
    "camera.*.port": "'reopen': the port of its line is closed and opened anew, whatever hangs on it",
    "display.*.power": "'on' | 'standby'",
    "codec.port": "'reopen': its port is closed and opened anew",
    "codec.reboot": "'now': its software starts anew, never in a call; done when it has taken the order",
    "codec.power": "'awake' | 'asleep'",
    "codec.mute": "'muted' | 'open': the near microphone",
    "codec.volume": "int 0…50",
    "codec.dial": "(address, 'h323'|'sip'|'auto', kbps)",
    "codec.hangup": "call id as str, or 'all'",
    "codec.answer": "'video': answer the call that rings",
    "codec.autoanswer": "'on' | 'off': does it take calls that come in by itself?",
    "codec.setting.*": "str: the setting of this name, as room.toml lists it, in the codec's own words",
    "codec.audiometer": "'micleft' | 'lineinleft' | … | 'off'",
    "ups.test": "'quick' | 'stop'",
    "ups.beeper": "'on' | 'off'",
    "ups.shutdown": "'return': cut the output after the UPS's delay, come back with the mains; 'stop'",
}
