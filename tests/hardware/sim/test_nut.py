"""The simulated upsd alone (golden words of net-protocol.txt) and against our conversation, in memory."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.contract import Order, OrderId, Reading, Report, Result, Stage
from hardware.protocols.nut import Nut
from hardware.sim.nut import VERSION, Upsd, UpsdUser
from hardware.sim.nut_vars import UpsdFaults
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
        ("GET UPSDESC rack", "ERR UNKNOWN-UPS"),
        ("GET NUMLOGINS rack", "ERR UNKNOWN-UPS"),
        ("LIST RW", "ERR INVALID-ARGUMENT"),
        ("LIST RW rack", "ERR UNKNOWN-UPS"),
        ("LIST RANGE room ups.nothing", "ERR VAR-NOT-SUPPORTED"),
        ("GET TYPE room", "ERR INVALID-ARGUMENT"),
        ("GET TYPE rack ups.id", "ERR UNKNOWN-UPS"),
        ("GET TYPE room ups.nothing", "ERR VAR-NOT-SUPPORTED"),
        ("GET TYPE room driver.name", "TYPE room driver.name NUMBER"),
        ("GET TYPE room ups.id", "TYPE room ups.id RW STRING:8"),
        ("GET TYPE room battery.charge.low", "TYPE room battery.charge.low RW RANGE NUMBER"),
        ("SET", "ERR USERNAME-REQUIRED"),
        ("SET VAR room ups.id x", "ERR USERNAME-REQUIRED"),
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


def test_what_may_be_written_is_listed_with_its_range() -> None:
    upsd = Upsd(SimUps())
    upsd.feed(b"LIST RW room\nLIST RANGE room battery.charge.low\nLIST RANGE room ups.load\n", 0)
    assert upsd.take()[0] == (
        b"BEGIN LIST RW room\n"
        b'RW room battery.charge.low "20"\n'
        b'RW room battery.runtime.low "120"\n'
        b'RW room ups.delay.shutdown "20"\n'
        b'RW room ups.delay.start "30"\n'
        b'RW room ups.id "room"\n'
        b"END LIST RW room\n"
        b"BEGIN LIST RANGE room battery.charge.low\n"
        b'RANGE room battery.charge.low "5" "50"\n'
        b"END LIST RANGE room battery.charge.low\n"
        b"BEGIN LIST RANGE room ups.load\n"
        b"END LIST RANGE room ups.load\n"
    )


def setter(faults: UpsdFaults | None = None) -> Upsd:
    users = {**USERS, "setter": UpsdUser("secret", frozenset(), frozenset({"SET"}))}
    upsd = Upsd(SimUps(), users=users, faults=faults)
    assert said(upsd, "USERNAME setter", "PASSWORD secret") == ["OK", "OK"]
    return upsd


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        ("SET", "ERR INVALID-ARGUMENT"),
        ("SET VAR room ups.id", "ERR INVALID-ARGUMENT"),
        ("SET FISH room ups.id x", "ERR INVALID-ARGUMENT"),
        ("SET VAR rack ups.id x", "ERR UNKNOWN-UPS"),
        ("SET VAR room ups.nothing 1", "ERR VAR-NOT-SUPPORTED"),
        ("SET VAR room driver.name 1", "ERR READONLY"),
        ("SET VAR room ups.id 123456789", "ERR TOO-LONG"),
        ("SET VAR room battery.charge.low 4", "ERR INVALID-VALUE"),
        ("SET VAR room battery.charge.low 51", "ERR INVALID-VALUE"),
        ("SET VAR room battery.charge.low much", "ERR INVALID-VALUE"),
        ('SET VAR room battery.charge.low "35" and more', "OK"),
        ('set var room ups.id "UPS 7"', "OK"),
    ],
)
def test_writing(request_line: str, answer: str) -> None:
    """The answers, and their order, are those of upsd 2.8.0 with its dummy driver, but for the ranges."""
    assert said(setter(), request_line) == [answer]


def test_who_may_write_is_asked_before_what_there_is() -> None:
    for user, password in (("diemcau", "secret"), ("setter", "wrong"), ("nobody", "secret")):
        upsd = setter()
        said(upsd, "LOGOUT", f"USERNAME {user}")
        assert said(upsd, "SET VAR room ups.id x") == ["ERR PASSWORD-REQUIRED"]
        said(upsd, f"PASSWORD {password}")
        answers = said(upsd, "SET VAR room ups.nothing 1", "SET VAR rack ups.id x")
        assert answers == ["ERR ACCESS-DENIED", "ERR UNKNOWN-UPS"]


def test_what_is_written_is_told_and_changes_what_the_ups_does() -> None:
    upsd, ups = setter(), SimUps()
    upsd.ups = ups
    assert 'VAR room battery.charge.low "20"' in said(upsd, "LIST VAR room")
    said(upsd, "SET VAR room battery.charge.low 50", "SET VAR room ups.delay.shutdown 600", "SET VAR room ups.id B")
    assert said(upsd, "GET VAR room ups.id") == ['VAR room ups.id "B"']
    assert 'VAR room battery.charge.low "50"' in said(upsd, "LIST VAR room")
    now_ms = 0
    ups.mains(False, now_ms)
    while ups.charge_pct > 50:
        assert not ups.low
        now_ms += 60_000
        ups.advance(now_ms)
    assert ups.low
    assert ups.shutdown_as_set(now_ms)
    ups.advance(now_ms + 599_000)
    assert ups.output
    ups.advance(now_ms + 600_000)
    assert not ups.output


@pytest.mark.parametrize(
    ("faults", "answer"),
    [
        (UpsdFaults(driver_gone=True), "ERR DRIVER-NOT-CONNECTED"),
        (UpsdFaults(stale=True), "ERR DATA-STALE"),
        (UpsdFaults(set_fails=True), "ERR SET-FAILED"),
        (UpsdFaults(missing=frozenset({"ups.id"})), "ERR VAR-NOT-SUPPORTED"),
        (UpsdFaults(wait_until_ms=1), "ERR VAR-NOT-SUPPORTED"),
    ],
)
def test_a_write_that_cannot_be_done_changes_nothing(faults: UpsdFaults, answer: str) -> None:
    upsd = setter(faults)
    assert said(upsd, "SET VAR room ups.id x") == [answer]
    assert upsd.ups.spec.id == "room"
    assert ('RW room ups.id "room"' in said(upsd, "LIST RW room")) is faults.set_fails


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
