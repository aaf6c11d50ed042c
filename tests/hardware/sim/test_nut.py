"""The simulated upsd alone (golden words of net-protocol.txt) and against our conversation, in memory."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import Order, OrderId, Reading, Report, Result, Stage
from hardware.protocols.nut import Nut
from hardware.sim.nut import VERSION, Upsd, UpsdFaults, UpsdUser
from hardware.sim.ups import SimUps, UpsSpec

USERS = {"diemcau": UpsdUser("secret"), "guest": UpsdUser("guest", frozenset({"beeper.mute"}))}


def said(upsd: Upsd, *lines: str) -> list[str]:
    for line in lines:
        upsd.feed(line.encode() + b"\n", 0)
    return upsd.take()[0].decode().splitlines()


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        ("VER", VERSION),
        ("NETVER", "1.3"),
        ("protver", "1.3"),
        ("", "ERR UNKNOWN-COMMAND"),
        ("NONSENSE", "ERR UNKNOWN-COMMAND"),
        ('GET VAR "room', "ERR UNKNOWN-COMMAND"),
        ("GET", "ERR INVALID-ARGUMENT"),
        ("LIST", "ERR INVALID-ARGUMENT"),
        ("LIST FISH room", "ERR INVALID-ARGUMENT"),
        ("LIST VAR rack", "ERR UNKNOWN-UPS"),
        ("LIST CMD rack", "ERR UNKNOWN-UPS"),
        ("GET VAR rack ups.status", "ERR UNKNOWN-UPS"),
        ("GET VAR room ups.status", 'VAR room ups.status "OL"'),
        ("GET VAR room ups.nothing", "ERR VAR-NOT-SUPPORTED"),
        ("GET UPSDESC room", 'UPSDESC room "Room UPS"'),
        ("GET NUMLOGINS room", "NUMLOGINS room 1"),
        ("INSTCMD room", "ERR USERNAME-REQUIRED"),
        ("INSTCMD room load.off", "ERR USERNAME-REQUIRED"),
        ("USERNAME", "ERR INVALID-ARGUMENT"),
        ("PASSWORD", "ERR INVALID-ARGUMENT"),
        ("LOGOUT", "OK Goodbye"),
    ],
)
def test_answers(request_line: str, answer: str) -> None:
    assert said(Upsd(SimUps()), request_line) == [answer]


def test_lists() -> None:
    upsd = Upsd(SimUps())
    assert said(upsd, "LIST UPS") == ["BEGIN LIST UPS", 'UPS room "Room UPS"', "END LIST UPS"]
    commands = said(upsd, "LIST CMD room")
    assert commands[0] == "BEGIN LIST CMD room"
    assert "CMD room shutdown.return" in commands
    variables = said(upsd, "LIST VAR room")
    assert (variables[0], variables[-1]) == ("BEGIN LIST VAR room", "END LIST VAR room")
    assert 'VAR room battery.charge "100"' in variables
    assert "LIST" in said(upsd, "HELP")[0]


def test_credentials_are_believed_until_they_are_needed() -> None:
    quick = "INSTCMD room test.battery.start.quick"
    assert said(Upsd(SimUps(), users=USERS), "USERNAME diemcau", quick) == ["OK", "ERR PASSWORD-REQUIRED"]
    for user, password, end in (
        ("diemcau", "wrong", "ERR ACCESS-DENIED"),
        ("nobody", "secret", "ERR ACCESS-DENIED"),
        ("guest", "guest", "ERR ACCESS-DENIED"),
        ("diemcau", "secret", "OK"),
    ):
        answers = said(Upsd(SimUps(), users=USERS), f"USERNAME {user}", f"PASSWORD {password}", quick)
        assert answers == ["OK", "OK", end]
    upsd = Upsd(SimUps(), users=USERS)
    again = said(upsd, "USERNAME a", "USERNAME b", "PASSWORD a", "PASSWORD b")
    assert again == ["OK", "ERR ALREADY-SET-USERNAME", "OK", "ERR ALREADY-SET-PASSWORD"]


def test_commands_of_the_ups() -> None:
    upsd = Upsd(SimUps(), users=USERS)
    said(upsd, "USERNAME diemcau", "PASSWORD secret")
    assert said(upsd, "INSTCMD room") == ["ERR INVALID-ARGUMENT"]
    assert said(upsd, "INSTCMD room fly") == ["ERR CMD-NOT-SUPPORTED"]
    assert said(upsd, "INSTCMD rack shutdown.stop") == ["ERR UNKNOWN-UPS"]
    assert said(upsd, "INSTCMD room test.battery.start.quick") == ["OK"]
    assert said(upsd, "INSTCMD room test.battery.start.quick") == ["ERR INSTCMD-FAILED"]
    assert said(upsd, "GET VAR room ups.status") == ['VAR room ups.status "OB DISCHRG CAL"']
    assert said(upsd, "GET VAR room ups.test.result") == ['VAR room ups.test.result "In progress"']


def test_values_are_escaped() -> None:
    upsd = Upsd(SimUps(), faults=UpsdFaults(alarm='say "on" \\ off'))
    assert said(upsd, "GET VAR room ups.alarm") == ['VAR room ups.alarm "say \\"on\\" \\\\ off"']


@pytest.mark.parametrize(
    ("volts", "token"), [(185.0, "BOOST"), (255.0, "TRIM"), (150.0, "OB"), (290.0, "OB"), (230.0, "OL")]
)
def test_voltage(volts: float, token: str) -> None:
    ups = SimUps()
    ups.mains(True, 0, volts)
    assert token in said(Upsd(ups), "GET VAR room ups.status")[0]


@given(st.lists(st.binary(max_size=60), max_size=8), st.lists(st.integers(0, 300), max_size=5))
def test_any_bytes_in_any_cuts(parts: list[bytes], cuts: list[int]) -> None:
    data = b"\n".join([b"LIST VAR room", *parts, b"VER", b""])
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, cut = Upsd(SimUps()), Upsd(SimUps())
    whole.feed(data, 0)
    for a, b in itertools.pairwise(edges):
        cut.feed(data[a:b], 0)
    answers = whole.take()
    assert answers == cut.take()
    assert answers[0].endswith(VERSION.encode() + b"\n")


def test_a_request_without_end_is_thrown_away() -> None:
    upsd = Upsd(SimUps())
    upsd.feed(b"x" * 100_000, 0)
    assert said(upsd, "", "VER") == ["ERR UNKNOWN-COMMAND", VERSION]


@dataclass
class Room:
    """Our conversation and the far end, joined without delay, on one simulated clock."""

    ups: SimUps = field(default_factory=SimUps)
    faults: UpsdFaults = field(default_factory=UpsdFaults)
    nut: Nut = field(default_factory=lambda: Nut("room", "diemcau", "secret"))
    now_ms: int = 0
    seen: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.upsd = Upsd(self.ups, users=USERS, faults=self.faults)
        self.nut.opened(0)

    def run(self, for_ms: int) -> dict[str, object]:
        end_ms = self.now_ms + for_ms
        while True:
            self.join()
            wake_ms = min(self.nut.wake_ms, self.upsd.wake_ms)
            assert wake_ms > self.now_ms
            if wake_ms > end_ms:
                break
            self.now_ms = wake_ms
            self.upsd.tick(self.now_ms)
            self.nut.tick(self.now_ms)
        self.now_ms = end_ms
        return self.last()

    def join(self) -> None:
        self.nut.tick(self.now_ms)
        while True:
            out, reports = self.nut.take()
            self.seen += reports
            self.upsd.feed(out, self.now_ms)
            back = self.upsd.take()[0]
            self.nut.feed(back, self.now_ms)
            if not out and not back:
                return

    def last(self) -> dict[str, object]:
        return dict(next(r.values for r in reversed(self.seen) if isinstance(r, Reading)))

    def order(self, target: str, value: str) -> tuple[Stage, str]:
        self.nut.ask(Order(OrderId("b", len(self.seen)), target, value, 5_000), self.now_ms)
        self.run(6_000)
        result = next(r for r in reversed(self.seen) if isinstance(r, Result))
        return result.stage, result.code


def test_a_day_of_a_ups() -> None:
    room = Room()
    assert room.run(60_000)["source"] == "mains"
    room.ups.mains(False, room.now_ms)
    values = room.run(15_000)
    assert (values["source"], values["testing"], values["low"], values["input_v"]) == ("battery", False, False, 0.0)
    quiet = len(room.seen)
    room.run(20_000)
    assert len(room.seen) - quiet == 10
    room.run(3_000_000)
    assert room.last()["low"] is True
    room.ups.mains(True, room.now_ms)
    values = room.run(5_000)
    assert (values["source"], values["low"]) == ("mains", False)


def test_an_outage_to_the_end_is_stale_and_not_battery() -> None:
    room = Room()
    room.ups.mains(False, 0)
    values = room.run(10_000_000)
    assert (values["link"], values["source"]) == ("stale", None)


def test_a_test_is_no_outage_with_and_without_cal() -> None:
    for shows_cal in (True, False):
        room = Room(SimUps(UpsSpec(shows_cal=shows_cal)))
        room.run(20_000)
        assert room.order("ups.test", "quick") == (Stage.DONE, "")
        assert (room.last()["source"], room.last()["testing"]) == ("battery", True)
        room.run(10_000)
        assert (room.last()["source"], room.last()["test_result"]) == ("mains", "Done and passed")
        assert all(dict(r.values)["testing"] or dict(r.values)["source"] == "mains"
                   for r in room.seen if isinstance(r, Reading))  # fmt: skip


def test_a_worn_battery_shows_in_the_test() -> None:
    room = Room(SimUps(UpsSpec(health=0.3)))
    room.order("ups.test", "quick")
    room.run(20_000)
    assert (room.last()["replace"], room.last()["test_result"]) == (True, "Done and error")


def test_shutdown_and_its_revocation() -> None:
    room = Room()
    room.ups.mains(False, 0)
    assert room.order("ups.shutdown", "return") == (Stage.DONE, "")
    assert room.last()["low"] is True
    assert room.order("ups.shutdown", "stop") == (Stage.DONE, "")
    assert room.run(60_000)["link"] == "ok"


def test_refusals() -> None:
    room = Room(nut=Nut("room", "diemcau", "wrong"))
    assert room.order("ups.test", "quick") == (Stage.REFUSED, "access_denied")
    assert room.order("ups.test", "quick") == (Stage.REFUSED, "access_denied")
    assert Room(nut=Nut("room")).order("ups.test", "quick") == (Stage.REFUSED, "username_required")
    room = Room(faults=UpsdFaults(no_commands=True))
    assert room.order("ups.shutdown", "return") == (Stage.REFUSED, "cmd_not_supported")
    room = Room(nut=Nut("rack"))
    assert room.run(1_000)["link"] == "refused"


def test_states_of_the_daemon() -> None:
    room = Room(faults=UpsdFaults(wait_until_ms=12_000))
    values = room.run(5_000)
    assert (values["link"], values["source"], values["charge_pct"], values["model"]) == ("wait", None, None, None)
    assert room.run(20_000)["link"] == "ok"
    for fault, word in (("driver_gone", "driver"), ("stale", "stale"), ("hangs", "down")):
        setattr(room.faults, fault, True)
        values = room.run(30_000)
        assert (values["link"], values["source"]) == (word, None)
        setattr(room.faults, fault, False)
        assert room.run(40_000)["link"] == "ok"


def test_a_megatec_type_and_nonsense() -> None:
    faults = UpsdFaults(
        missing=frozenset({"battery.runtime"}), odd={"input.voltage": "---.-", "ups.load": "9999"}, extra=("XX",)
    )
    values = Room(faults=faults).run(1_000)
    assert (values["runtime_s"], values["input_v"], values["load_pct"]) == (None, None, None)
    assert (values["link"], values["status"]) == ("ok", "OL XX")


def test_flags() -> None:
    room = Room(SimUps(UpsSpec(load_w=1000)), UpsdFaults(bypassed=True, fsd=True, alarm="Fan!"))
    values = room.run(1_000)
    assert [values[name] for name in ("overload", "bypassed", "low", "alarm")] == [True, True, True, "Fan!"]
