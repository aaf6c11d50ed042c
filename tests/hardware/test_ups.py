"""NUT's address notation, and the pump of a UPS against the simulated daemon on loopback."""

import pytest

from hardware.contract import Order, OrderId, Stage
from hardware.sim.listen import ListenFarEnd
from hardware.sim.nut import Upsd, UpsdUser
from hardware.sim.ups import SimUps
from hardware.ups import UpsAddress, ups_pump
from tests.hardware.talk import Heard, clock_ms


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("room", UpsAddress("room", "127.0.0.1", 3493)),
        ("room@nut.xa.vn", UpsAddress("room", "nut.xa.vn", 3493)),
        ("room@192.168.1.5:3494", UpsAddress("room", "192.168.1.5", 3494)),
        ("room@[::1]:3494", UpsAddress("room", "::1", 3494)),
    ],
)
def test_addresses(text: str, address: UpsAddress) -> None:
    assert UpsAddress.parse(text) == address


@pytest.mark.parametrize("text", ["", "@host", "a b", "room@", "room@h:0", "room@h:65536", "room@h:x", "room@::1"])
def test_no_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="ups@host:port"):
        UpsAddress.parse(text)


def test_a_pump_over_loopback() -> None:
    ups, heard = SimUps(now_ms=clock_ms()), Heard()
    users = {"diemcau": UpsdUser("secret")}
    daemon = ListenFarEnd(lambda: Upsd(ups, users=users), ("127.0.0.1", 0), clock_ms)
    daemon.start()
    carried = ups_pump(UpsAddress("room", port=daemon.port), heard.put, clock_ms, "diemcau", "secret")
    carried.start()
    heard.value("source", "mains")
    carried.ask(Order(OrderId("b", 1), "ups.test", "quick", 5_000))
    assert heard.result(1).stage is Stage.DONE
    heard.value("testing", True)
    daemon.stop()
    heard.value("link", "down")
    assert carried.stop()
