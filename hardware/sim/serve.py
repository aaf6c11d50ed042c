"""Starts one far end alone, in real time, where other programs can reach it: `diemcau sim camera --link PATH`.

Must not live here: the far ends and their carriers (pty.py, listen.py). Far ends are imported when asked for,
so that starting one loads no other. Serial devices come on a pty linked at the given path; the UPS is a
network daemon and listens at HOST:PORT or on a Unix socket at a path; a camera over IP and a
projector at HOST:PORT.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Protocol

from hardware.contract import Peer
from hardware.sim.listen import Address, ListenFarEnd
from hardware.sim.pty import PtyFarEnd


class Carrier(Protocol):
    """A far end that runs: `call(f)` runs `f(now_ms)` on its thread, to make and cure faults."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def call(self, function: Callable[[int], None]) -> bool: ...


SERIAL = {
    "camera": ("hardware.sim.camera", "CameraChain"),
    "codec": ("hardware.sim.polycom", "PolycomCodec"),
    "megatec": ("hardware.sim.megatec", "MegatecUps"),
    "modbus": ("hardware.sim.modbus", "SensorBus"),
    "relayboard": ("hardware.sim.modbus", "BoardBus"),
    "cisco": ("hardware.sim.cisco", "CiscoCodec"),
}
"""Module and class of the far ends on a serial line; each takes `seed` and names its flags `faults`."""

KINDS = (*SERIAL, "camera-ip", "pjlink", "ups")


class NotServed(ValueError):
    """It cannot be started like that; `code` and `told` name the sentence of whoever speaks with a person."""

    def __init__(self, code: str, *told: str) -> None:
        super().__init__(f"{code}: {'; '.join(told)}")
        self.code, self.told = code, told


class FaultError(NotServed):
    """This far end has no such fault, or none with that value."""


def carrier(
    kind: str, link: str, *, seed: int = 0, faults: Sequence[str] = (), clock_ms: Callable[[], int] | None = None
) -> Carrier:
    """A far end of `kind` (one of KINDS) for `link`, not yet started.

    `faults` are `name` or `name=value`, set from the start. Raises NotServed for a kind, fault or link that
    does not exist; `start` raises OSError when the link cannot be made.
    """
    clock = clock_ms or monotonic_ms
    if kind == "ups":
        return _upsd(link, faults, clock)
    if kind == "camera-ip":
        return _camera_ip(link, seed, faults, clock)
    if kind == "pjlink":
        return _projector(link, faults, clock)
    if kind not in SERIAL:
        raise NotServed("sim.kind", kind, ", ".join(KINDS))
    module, name = SERIAL[kind]
    peer: Peer = getattr(import_module(module), name)(seed=seed)
    set_faults(_faults_of(peer), faults)
    return PtyFarEnd(peer, Path(link), clock)


def serve(kind: str, link: str, *, seed: int = 0, faults: Sequence[str] = (), stop: Event) -> None:
    """Run a far end until `stop` is set. Errors as `carrier`."""
    far_end = carrier(kind, link, seed=seed, faults=faults)
    far_end.start()
    try:
        stop.wait()
    finally:
        far_end.stop()


def monotonic_ms() -> int:
    """Real time, for far ends that run in it."""
    return time.monotonic_ns() // 1_000_000


def set_faults(flags: object, wanted: Sequence[str]) -> None:
    """Set fields of a faults dataclass from `name` (True) or `name=value`. Raises FaultError."""
    all_ = {item.name: getattr(flags, item.name) for item in fields(flags)} if is_dataclass(flags) else {}
    kept = {name: present for name, present in all_.items() if isinstance(present, int | float | str)}
    for text in wanted:
        name, _, value = text.partition("=")
        if name not in kept:
            raise FaultError("sim.no_fault" if kept else "sim.no_faults", name, ", ".join(kept))
        setattr(flags, name, _as(kept[name], name, value))


def _as(present: float | str, name: str, value: str) -> object:
    """`value` in the type of the field's present value."""
    try:
        if isinstance(present, bool):
            return {"": True, "1": True, "true": True, "0": False, "false": False}[value]
        return type(present)(value)
    except KeyError:
        raise FaultError("sim.fault_flag", name, value) from None
    except ValueError:
        raise FaultError("sim.fault_number", name, value) from None


def _faults_of(peer: Peer) -> object:
    """The flags of a far end; of the first device, where it is a chain."""
    found: object = getattr(peer, "faults", None)
    return found(0) if callable(found) else found


def _upsd(link: str, faults: Sequence[str], clock_ms: Callable[[], int]) -> Carrier:
    from hardware.sim.nut import Upsd, UpsdUser
    from hardware.sim.nut_vars import UpsdFaults
    from hardware.sim.ups import SimUps

    ups, flags = SimUps(now_ms=clock_ms()), UpsdFaults()
    users = {"diemcau": UpsdUser("diemcau")}
    set_faults(flags, faults)
    return ListenFarEnd(lambda: Upsd(ups, users=users, faults=flags), address(link), clock_ms)


def _camera_ip(link: str, seed: int, faults: Sequence[str], clock_ms: Callable[[], int]) -> Carrier:
    from hardware.sim.camera_ip import CameraOverIp, cut
    from hardware.sim.udp import UdpFarEnd

    place, camera = address(link), CameraOverIp(seed)
    if isinstance(place, Path):
        raise NotServed("sim.link_host", link)
    set_faults(camera.faults, faults)
    return UdpFarEnd(camera, place, cut, clock_ms)


def _projector(link: str, faults: Sequence[str], clock_ms: Callable[[], int]) -> Carrier:
    from hardware.sim.pjlink import PjLinkServer, Projector

    body = Projector()
    set_faults(body.faults, faults)
    return ListenFarEnd(lambda: PjLinkServer(body), address(link), clock_ms)


def address(link: str) -> Address:
    """HOST:PORT, or the path of a Unix socket. Raises NotServed for a port that is none."""
    host, colon, port = link.rpartition(":")
    if not colon or "/" in link:
        return Path(link)
    if not port.isdecimal() or int(port) > 65_535:
        raise NotServed("sim.link", link)
    return host or "127.0.0.1", int(port)
