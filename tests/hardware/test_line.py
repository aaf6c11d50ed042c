"""The prober on real networks: cables are pulled in namespaces of our own, a far end loses what it is told to."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from hardware.contract import FIELDS, Reading
from hardware.line import LineProbes, Place
from hardware.line_probes import open_kind
from hardware.line_routes import default_gateway
from tests.hardware.networks import FAR, Echo, Prober, Province, Row, spaces_allowed

REACHED = {"reachable": True, "measurable": True}

pytestmark = pytest.mark.process
namespaces = pytest.mark.skipif(not spaces_allowed(), reason="network namespaces need root: run the tests as root")


def places(version: int) -> list[Row]:
    return [("gateway", "", ["icmp"]), ("far", FAR[version], ["icmp", "tcp:5060"])]


class Both:
    """Two provinces, one for each version of the Internet protocol, and a prober in the room of each: they wait for
    the same things at the same time."""

    def __init__(self) -> None:
        self.provinces = [Province(f"dc{os.getpid()}v{version}", version) for version in (4, 6)]
        self._probers: list[Prober] = []

    def probe(self, known: Sequence[tuple[str, str]] = ()) -> Both:
        """A prober in each, in place of those before."""
        self._end()
        self._probers = [Prober(one.room, places(one.version), known) for one in self.provinces]
        return self

    def pace(self, word: str) -> None:
        for prober in self._probers:
            prober.pace(word)

    def each(self, act: Callable[[Province], None]) -> None:
        for province in self.provinces:
            act(province)

    def hear(self, source: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> list[dict[str, Any]]:
        """Of each the next reading of the source that is as wanted."""
        return [prober.hear(source, wanted) for prober in self._probers]

    def _end(self) -> None:
        for prober in self._probers:
            prober.close()

    def close(self) -> None:
        self._end()
        self.each(Province.close)


@pytest.fixture
def both() -> Iterator[Both]:
    made = Both()
    yield made
    made.close()


@namespaces
def test_a_cut_of_the_line_a_cut_of_the_lan_and_each_return(both: Both) -> None:
    both.probe().pace("fast")
    both.hear("line.gateway", lambda r: r["reachable"] is True and r["kind"] == "icmp")
    both.hear("line.far", lambda r: r["reachable"] is True and r["loss_ratio"] == 0)
    both.each(lambda province: province.cut("out"))
    both.hear("line.far", lambda r: r["reachable"] is False and r["loss_ratio"] > 0)
    assert [said["reachable"] for said in both.hear("line.gateway")] == [True, True]
    both.each(lambda province: province.mend("out"))
    both.hear("line.far", lambda r: r["reachable"] is True)
    both.each(lambda province: province.cut("in"))
    both.hear("line.gateway", lambda r: r["reachable"] is False)
    both.each(lambda province: province.mend("in"))
    both.hear("line.gateway", lambda r: r["reachable"] is True)


@namespaces
def test_icmp_that_is_forbidden_is_not_lost_and_another_kind_is_taken(both: Both) -> None:
    both.probe().hear("line.far", lambda r: r["reachable"] is True and r["kind"] == "icmp")
    both.each(Province.forbid)
    both.pace("fast")
    for said in both.hear("line.far", lambda r: r["measurable"] is False):
        assert (said["reachable"], said["loss_ratio"], said["rtt_ms"]) == (None, None, None)


@namespaces
def test_icmp_that_nobody_answers_gives_way_to_a_connection(both: Both) -> None:
    both.each(Province.deaf)
    both.probe().pace("fast")
    for first in both.hear("line.far", lambda r: r["kind"] == "icmp"):
        assert (first["measurable"], first["loss_ratio"]) == (False, None)
    assert [said["kind"] for said in both.hear("line.far", lambda r: r["reachable"] is True)] == ["tcp", "tcp"]


@namespaces
def test_a_prober_that_starts_in_an_outage_knows_what_answered_before(both: Both) -> None:
    both.each(lambda province: province.cut("out"))
    knowing = both.probe([("far", "icmp")]).hear("line.far", lambda r: r["reachable"] is False)
    assert [said["measurable"] for said in knowing] == [True, True]
    assert [said["reachable"] for said in both.probe().hear("line.far")] == [None, None]


def test_loss_is_what_the_far_end_loses() -> None:
    echo = Echo(lambda n: n % 4 == 0)
    prober = Prober("", [("far", "127.0.0.1", [f"udp:{echo.port}"])])
    prober.pace("fast")
    said = prober.hear("line.far", lambda r: echo.heard >= 16 and r["loss_ratio"] is not None)
    assert 0.1 < said["loss_ratio"] < 0.4
    assert said["reachable"] is True
    echo.lose = lambda _: True
    assert prober.hear("line.far", lambda r: r["reachable"] is False)["measurable"] is True
    echo.lose = lambda _: False
    prober.hear("line.far", lambda r: r["reachable"] is True)
    prober.close()
    echo.close()


def test_at_rest_it_sends_a_burst_and_is_quiet() -> None:
    echo = Echo()
    prober = Prober("", [("far", "127.0.0.1", [f"udp:{echo.port}"])])
    said = prober.hear("line.far", lambda r: r["jitter_ms"] is not None)
    assert (said["loss_ratio"], echo.heard) == (0, 3)
    prober.close()
    echo.close()


def test_a_connection_that_is_refused_proves_that_somebody_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        prober = Prober("", [("far", "127.0.0.1", [f"tcp:{taken.getsockname()[1]}"])])
        said = prober.hear("line.far", lambda r: r["reachable"] is True)
        assert said["kind"] == "tcp"
        assert {key for key in said if key not in ("at", "source")} == set(FIELDS["line"])
        prober.close()


@pytest.mark.parametrize("address", ["::1", "::1%lo"], ids=["plain", "with its interface"])
def test_the_same_ways_lead_to_an_ipv6_address(address: str) -> None:
    echo = Echo(host="::1")
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        ways = (f"udp:{echo.port}", f"tcp:{taken.getsockname()[1]}")
        prober = Prober("", [(way[:3], address, [way]) for way in ways])
        for name in ("udp", "tcp"):
            assert prober.hear(f"line.{name}", lambda r: r["reachable"] is True)["kind"] == name
        prober.close()
    echo.close()


def test_an_interface_that_is_not_there_is_silence_and_no_error() -> None:
    for name in ("tcp:9", "udp:9"):
        kind = open_kind(name, 6)
        assert kind is not None
        assert kind.send("fe80::1%absent0", 1) == "unreachable"
        kind.close()


def test_a_kind_that_this_system_does_not_give_is_passed_over(tmp_path: Path) -> None:
    heard: list[Reading] = []
    nowhere = tmp_path / "route"  # no default route either
    probes = LineProbes([Place("gateway", "", ("tcp:1",))], heard.append, time.monotonic_ns, routes=nowhere)
    probes.start()
    assert probes.stop(10)
    assert dict(heard[0].values)["reachable"] is None


HEAD = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
ROUTES = [
    ("eth0 00000000 0101A8C0 0003 0 0 100 00000000 0 0 0\n", "192.168.1.1"),
    (
        "eth0 00000000 0101A8C0 0003 0 0 300 00000000 0 0 0\nusb0 00000000 FE00000A 0003 0 0 20 00000000 0 0 0\n",
        "10.0.0.254",
    ),
    ("eth0 0001A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n", ""),
    ("rubbish\n", ""),
]


@pytest.mark.parametrize(("text", "address"), ROUTES, ids=["one", "the nearest", "none", "rubbish"])
def test_the_gateway_is_that_of_the_default_route(tmp_path: Path, text: str, address: str) -> None:
    path = tmp_path / "route"
    path.write_text(HEAD + text)
    assert default_gateway(path) == address
    assert default_gateway(tmp_path / "absent") == ""


def row6(to: str = "0" * 32 + " 00", via: str = "", metric: str = "00000400", flags: str = "00450003") -> str:
    """As /proc/net/ipv6_route has it."""
    return f"{to} {'0' * 32} 00 {via or '0' * 32} {metric} 00000001 00000000 {flags} {'eth0' if via else 'lo'}\n"


ROUTER, OTHER = "fe80" + "0" * 27 + "1", "20010db8" + "0" * 22 + "fe"
ROUTES6 = [
    (row6(via=ROUTER) + row6(), "fe80::1%eth0"),
    (row6(via=ROUTER) + row6(via=OTHER, metric="00000064"), "2001:db8::fe"),
    (row6(metric="ffffffff", flags="00200200") + row6(to="fd13" + "0" * 28 + " 40"), ""),
    (row6(via=OTHER, flags="00000203"), ""),
    ("rubbish\n", ""),
]


@pytest.mark.parametrize(
    ("text", "address"), ROUTES6, ids=["link-local", "the nearest", "none", "rejected", "rubbish"]
)
def test_without_an_ipv4_router_it_is_that_of_ipv6(tmp_path: Path, text: str, address: str) -> None:
    (tmp_path / "ipv6_route").write_text(text)
    assert default_gateway(tmp_path / "route") == address
    (tmp_path / "route").write_text(HEAD + ROUTES[0][0])
    assert default_gateway(tmp_path / "route") == "192.168.1.1"
