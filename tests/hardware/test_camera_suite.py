"""What every camera must do behind the contract, whoever carries the words: a serial line, the codec, the network.

`camera` gives a wired camera; on a bench: classes/test_device_classes.py. Through the codec the head's own
power and readiness cannot be asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hardware.contract import FIELDS, Conversation, Peer, Stage
from hardware.protocols.polycom import Polycom
from hardware.protocols.visca import ViscaChain
from hardware.protocols.visca_ip import BareVisca, ViscaOverIp
from hardware.sim.camera import CameraChain
from hardware.sim.camera_head import Frame
from hardware.sim.camera_ip import CameraOverIp
from hardware.sim.polycom import PolycomCodec
from tests.hardware.protocols.duplex import Duplex

BROKEN_NET = 0.15
"""Share of datagrams that are lost in each direction, doubled and swapped, in one of the parameters."""


@dataclass
class Wired:
    """A camera on a wire; `chain` is the camera itself, None where the codec hides it."""

    wire: Duplex
    chain: CameraChain | None

    def lives(self) -> bool:
        """Does it come to answer, and to say that it is ready, where it can say so?"""
        ready = {} if self.chain is None else {"ready": True}
        return self.wire.shows(120_000, answers=True, **ready)


def over_ip(faulty: bool, bare: bool = False) -> tuple[Conversation, Peer, CameraChain]:
    far = CameraOverIp(seed=5)
    far.faults.no_header = bare
    if faulty:
        far.faults.lost_there = far.faults.lost_back = far.faults.doubled = far.faults.swapped = BROKEN_NET
    return BareVisca("main") if bare else ViscaOverIp("main"), far, far.chain


def ends(kind: str) -> tuple[Conversation, Peer, CameraChain | None]:
    if kind == "codec":
        return Polycom("main"), PolycomCodec(), None
    if kind == "serial":
        chain = CameraChain()
        return ViscaChain(["main"]), chain, chain
    return over_ip(kind == "bad network", kind == "bare packets")


@pytest.fixture(params=["serial", "codec", "ip", "bad network", "bare packets"])
def camera(request: pytest.FixtureRequest) -> Wired:
    ours, far, chain = ends(str(request.param))
    if chain is not None:
        chain.unit(0).presets |= {2: Frame(500, 0, 0), 3: Frame(-500, 100, 0)}
    wired = Wired(Duplex(ours, far, "camera.main"), chain)
    wired.wire.open()
    assert wired.lives()
    return wired


def test_every_word_is_one_of_the_contract(camera: Wired) -> None:
    camera.wire.run(30_000)
    kinds = {"bool": bool, "int": int, "float": int | float, "str": str}
    last = camera.wire.last()
    assert {"answers", "identity"} <= last.keys() <= FIELDS["camera"].keys()
    for name, value in last.items():
        field = FIELDS["camera"][name]
        assert value is None or isinstance(value, kinds[field.kind]), name
        assert not field.words or value is None or value in field.words, name


def test_a_preset_is_recalled_and_proven(camera: Wired) -> None:
    if camera.chain is None:
        assert camera.wire.finish("camera.main.store", 2)[0] is Stage.DONE
    assert camera.wire.finish("camera.main.preset", 2)[0] is Stage.DONE
    assert camera.wire.last()["preset"] == 2
    if camera.chain is not None:
        assert camera.chain.frame(0, camera.wire.now_ms).pan == 500


def test_the_newer_of_two_recalls_wins(camera: Wired) -> None:
    first = camera.wire.order("camera.main.preset", 2)
    assert camera.wire.finish("camera.main.preset", 3)[0] in (Stage.DONE, Stage.FAILED)
    assert camera.wire.results(first)[-1][0] in (Stage.SUPERSEDED, Stage.DONE, Stage.FAILED)
    if camera.chain is not None:
        assert camera.chain.frame(0, camera.wire.now_ms).pan == -500


def test_it_goes_home_to_park(camera: Wired) -> None:
    assert camera.wire.finish("camera.main.park", "home")[0] is Stage.DONE
    assert camera.wire.shows(30_000, parked=True)


@pytest.mark.parametrize(("verb", "value"), [("preset", 999), ("preset", "two"), ("park", "x"), ("paint", "red")])
def test_what_is_no_order(camera: Wired, verb: str, value: int | str) -> None:
    assert camera.wire.finish(f"camera.main.{verb}", value)[0] is Stage.REFUSED


def test_silence_is_said_and_its_end_too(camera: Wired) -> None:
    camera.wire.carries = False
    assert camera.wire.shows(120_000, answers=False)
    camera.wire.carries = True
    assert camera.lives()


def test_a_closed_port_takes_no_order(camera: Wired) -> None:
    camera.wire.ours.closed(camera.wire.now_ms)
    assert camera.wire.finish("camera.main.preset", 2) == (Stage.REFUSED, "closed")


def test_standby_and_back_where_the_line_is_ours(camera: Wired) -> None:
    if camera.chain is None:
        assert camera.wire.finish("camera.main.power", "standby")[0] is Stage.REFUSED
        return
    assert camera.wire.finish("camera.main.power", "standby")[0] is Stage.DONE
    assert camera.wire.shows(30_000, power="standby")
    assert camera.wire.finish("camera.main.power", "on")[0] is Stage.DONE
    assert camera.wire.shows(60_000, power="on", ready=True)
