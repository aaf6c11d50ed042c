"""The desk: one command at a time, whoever asks."""

from collections.abc import Generator

from hardware.contract import NEVER_MS, Order, OrderId, Result, Stage
from hardware.protocols.desk import MAX_FOREIGN, Desk, Job
from hardware.protocols.polycom_reply import judge
from hardware.protocols.script import Ask, End, Need, Reply, Script, Tell, Until


class Host:
    """Lets everything out at once and remembers what was said."""

    def __init__(self) -> None:
        self.held_until_ms = 0
        self.results: list[Result] = []
        self.replies: list[Reply] = []

    def hold_ms(self, ask: Ask, now_ms: int) -> int:
        return self.held_until_ms

    def hold_word(self) -> str:
        return "held"

    def nudge(self) -> bytes:
        return b"nudge\r"

    def sending(self, ask: Ask) -> bytes:
        return ask.text.encode() + b"\r"

    def judge(self, ask: Ask, line: str, heard: object) -> Reply | None:
        return judge(ask, line, heard)

    def replied(self, ask: Ask, reply: Reply) -> None:
        self.replies.append(reply)

    def answer(self, result: Result) -> None:
        self.results.append(result)


def asking(*asks: Ask) -> Script:
    reply = Reply("ok")
    for ask in asks:
        reply = yield ask
    return End(Stage.DONE) if reply.ok else End(Stage.FAILED, reply.word)


def order(n: int = 1) -> Order:
    return Order(OrderId("b", n), "t", 1, 1_000)


def test_one_at_a_time_and_the_gap_between() -> None:
    host = Host()
    desk = Desk(host)
    desk.add(Job(asking(Ask("a", "^a$"), Ask("b", "^b$"))), 0)
    desk.run(0)
    desk.run(10)
    assert bytes(desk.out) == b"a\r"
    desk.hear("a", None, False, 50)
    desk.run(50)
    assert desk.wake_ms(50) == 200
    desk.run(200)
    assert bytes(desk.out) == b"a\rb\r"


def test_orders_go_before_what_is_already_there() -> None:
    desk = Desk(Host())
    desk.add(Job(asking(Ask("poll", "^poll$"))), 0)
    desk.add(Job(asking(Ask("one", "^one$")), order(1)), 0)
    desk.add(Job(asking(Ask("two", "^two$")), order(2)), 0)
    desk.run(0)
    assert [job.target or job.order for job in desk.jobs] == [order(1), order(2), None]
    assert bytes(desk.out) == b"one\r"


def test_a_nudge_then_silence() -> None:
    host = Host()
    desk = Desk(host)
    desk.add(Job(asking(Ask("a", "^a$")), order()), 0)
    desk.run(0)
    assert desk.wake_ms(0) == 2_500
    desk.run(2_500)
    desk.run(2_600)
    assert bytes(desk.out) == b"a\rnudge\r"
    desk.run(7_000)
    assert host.replies == [Reply("silent")]
    assert host.results == [Result(OrderId("b", 1), Stage.FAILED, "silent", 7_000)]


def test_foreign_lines_are_borne_up_to_a_bound_and_events_do_not_count() -> None:
    host = Host()
    desk = Desk(host)
    desk.add(Job(asking(Ask("a", "^a$"))), 0)
    desk.run(0)
    for _ in range(MAX_FOREIGN * 2):
        assert not desk.hear("cs: x", None, True, 1)
    for _ in range(MAX_FOREIGN):
        desk.hear("x", None, False, 1)
    assert host.replies == []
    desk.hear("x", None, False, 1)
    assert host.replies == [Reply("mismatch")]
    assert not desk.hear("x", None, False, 2)


def test_a_block_without_an_end_is_over_when_it_pauses() -> None:
    host = Host()
    desk = Desk(host)
    desk.add(Job(asking(Ask("who", "^end$", part="^part"))), 0)
    desk.run(0)
    assert desk.hear("part 1", None, False, 100)
    assert desk.wake_ms(100) == 1_100
    desk.run(1_100)
    assert host.replies == [Reply("ok")]


def test_an_order_that_was_held_back_all_its_time_says_why() -> None:
    host = Host()
    host.held_until_ms = NEVER_MS
    desk = Desk(host)
    desk.add(Job(asking(Ask("a", "^a$")), order(), until_ms=500), 0)
    desk.run(500)
    assert host.results == [Result(OrderId("b", 1), Stage.FAILED, "held", 500)]
    assert desk.wake_ms(500) == NEVER_MS


def test_the_answer_to_a_dropped_job_frees_the_line_and_tells_nobody() -> None:
    host = Host()
    desk = Desk(host)
    job = Job(asking(Ask("a", "^a$")), order())
    desk.add(job, 0)
    desk.run(0)
    desk.drop(job, End(Stage.SUPERSEDED), 1)
    desk.drop(job, None, 1)
    desk.hear("a", None, False, 2)
    assert [result.stage for result in host.results] == [Stage.SUPERSEDED]
    assert desk.jobs == []


def test_an_order_may_be_answered_before_its_script_is_over() -> None:
    def script() -> Generator[Need, Reply, None]:
        yield Tell(Stage.DONE, "early")
        yield Until(lambda: False, 100)
        yield Tell(Stage.FAILED, "never said twice")

    host = Host()
    desk = Desk(host)
    desk.add(Job(script(), order(), until_ms=50), 0)
    desk.run(60)
    assert len(desk.jobs) == 1
    desk.run(100)
    assert [(result.stage, result.code) for result in host.results] == [(Stage.DONE, "early")]
    assert desk.jobs == []


def test_a_line_that_is_cleared_expects_nothing() -> None:
    host = Host()
    desk = Desk(host)
    desk.add(Job(asking(Ask("a", "^a$"))), 0)
    desk.run(0)
    desk.clear_flight()
    assert not desk.hear("a", None, False, 6)
    assert host.replies == []


def test_scripts_that_never_stop_moving_do_not_hold_the_desk() -> None:
    def restless() -> Generator[Need, Reply, None]:
        while True:
            yield Until(lambda: True, 0)

    desk = Desk(Host())
    desk.add(Job(restless()), 0)
    desk.run(0)
    assert len(desk.jobs) == 1
