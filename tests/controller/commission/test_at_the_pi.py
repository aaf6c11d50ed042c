"""Commissioning over real far ends: ptys, a UPS daemon on loopback, a keeper process with mock pins. What the
simulation cannot show: that our adapters, the keeper's lease and the files of a Pi carry it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller import config
from controller.cli_commission import commission
from controller.cli_commission_files import Shelf
from controller.cli_commission_rig import PiRig, Terminal
from controller.cli_commission_site import site_of
from controller.cli_commission_words import Speech
from controller.commission.driver import Driver
from controller.commission.loads import switch_off, switch_on
from controller.commission.talk import Talk, Verdict, failed, passed, see
from controller.plan_make import plan_of
from controller.runtime.clock import Clock
from tests.controller.commission.test_cli import Phone
from tests.controller.test_cli_check import Site as Devices

pytestmark = pytest.mark.process


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    (tmp_path / "lib").mkdir()
    made = Devices(tmp_path)
    yield made
    made.close()


def test_step_1_names_every_device_and_switches_nothing(devices: Devices, tmp_path: Path) -> None:
    room = devices.start()
    before = devices.pins()
    phone = Phone("Kỹ", "y", "y", "y")
    assert commission([room], "en", 1, phone.terminal()) == 0, phone.seen
    book = Shelf(tmp_path / "lib", config.load(room).room.slug).load()
    names = {row.item: row.figure("identity") for row in book.results}
    assert names["camera.main"] == "0001:0513:0100"
    assert str(names["codec"]).startswith("RealPresence")
    assert names["ups"]
    assert devices.pins() == before


def test_a_relay_follows_its_order_and_stays_when_we_go(devices: Devices) -> None:
    cfg = config.load(devices.start())
    site = site_of(cfg)
    terminal = Terminal(iter(()), lambda _: None)
    rig = PiRig(plan_of(cfg), terminal, Clock())

    def script() -> Talk[Verdict]:
        fan = site.outlet("fan")
        for way, word in ((switch_on, "on"), (switch_off, "off"), (switch_on, "on")):
            why = yield from way(fan)
            if why:
                return failed("commission.defect.relay", "fan", why)
            if (yield from see(12_000, relay__fan=word)) is None:
                return failed("commission.defect.relay", "fan", word)
        return passed()

    try:
        verdict = Driver(site, rig, Speech(site, "en", terminal.write)).play(script())
    finally:
        rig.stop()
    assert verdict == passed()
    pins = devices.pins()
    assert pins is not None
    assert pins["fan"] is True
