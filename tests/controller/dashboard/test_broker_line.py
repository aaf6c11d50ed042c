"""The centre's connection on a real broker: refusals are errors, it comes back, uses the backup, says goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from aiomqtt import Client, ProtocolVersion

from controller.dashboard.broker import Line, Times
from controller.dashboard.recorder.recorder import SNAPSHOT, filters
from controller.dashboard.settings import Broker
from controller.link.topics import CENTRE_STATUS
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = pytest.mark.services
WITHIN_S = 20.0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await asyncio.sleep(0.02)


def lived(line: Line, act: Callable[[], Awaitable[None]]) -> None:
    """`act` while `line` lives."""

    async def whole() -> None:
        living = asyncio.create_task(line.live())
        try:
            await act()
        finally:
            living.cancel()

    asyncio.run(whole())


def client(port: int) -> Client:
    return Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=5)


def deaf(_topic: str, _payload: bytes, _user: Mapping[str, str]) -> None:
    return


def test_nothing_is_sent_without_a_broker_and_nothing_lies_in_a_queue(tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.port = free_port()
    heard: list[str] = []
    line = Line(Broker(port=mosquitto.port), ["x/#"], lambda topic, *_: heard.append(topic), chance=lambda: 0.2)

    async def act() -> None:
        with pytest.raises(OSError, match="no broker"):
            await line.send("x/early", b"1")
        await asyncio.to_thread(mosquitto.start)
        await until(lambda: line.up)
        await line.send("x/late", b"2")
        await until(lambda: bool(heard))
        assert heard == ["x/late"]

    try:
        lived(line, act)
    finally:
        mosquitto.stop()


def test_a_fault_in_hearing_ends_the_line_with_that_fault_and_is_no_lost_connection(tmp_path: Path) -> None:
    def falls(_topic: str, _payload: bytes, _user: Mapping[str, str]) -> None:
        raise ValueError("ours")

    with Mosquitto(tmp_path) as mosquitto:

        async def act() -> None:
            line = Line(Broker(port=mosquitto.port), ["x/#"], falls)
            living = asyncio.create_task(line.live())
            async with client(mosquitto.port) as room, asyncio.timeout(WITHIN_S):
                await room.publish("x/1", b"1", 1, True)
                with pytest.raises(ValueError, match="ours"):
                    await living

        asyncio.run(act())


def test_what_the_broker_refuses_is_an_error(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic write allowed/#\n")
    with Mosquitto(tmp_path, f"allow_anonymous true\nacl_file {acl}\n") as mosquitto:
        line = Line(Broker(port=mosquitto.port), [], deaf)

        async def act() -> None:
            await until(lambda: line.up)
            await line.send("allowed/x", b"1")
            with pytest.raises(OSError, match="refused forbidden/x"):
                await line.send("forbidden/x", b"1")
            await until(lambda: line.up)  # some brokers hang up on whoever was refused

        lived(line, act)


def test_a_broker_that_hangs_is_an_error_in_time(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as mosquitto:
        line = Line(Broker(port=mosquitto.port), [], deaf, times=Times(send_s=0.5))

        async def act() -> None:
            await until(lambda: line.up)
            mosquitto.pause()
            try:
                with pytest.raises(OSError, match="timed out"):
                    await line.send("x", b"1")
            finally:
                mosquitto.resume()

        lived(line, act)


def test_without_the_main_broker_the_backup_serves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Mosquitto(tmp_path) as second:
        settings = Broker(port=free_port(), backup_port=second.port)
        line = Line(settings, [], deaf, chance=lambda: 0.3, times=Times(failover_s=0.5))

        async def act() -> None:
            await until(lambda: line.via == "backup")
            await line.send("x", b"1")

        lived(line, act)
    told = capsys.readouterr().err.splitlines()
    lost = [row for row in told if row.startswith("centre.broker_lost")]
    assert lost, "why there is no connection is said"
    assert len(lost) == len(set(lost)), "each reason once"
    assert "[broker]" in lost[0], "with where to look"
    assert f"Đã nối với máy chủ MQTT 127.0.0.1:{second.port}" in told[-1]


def test_the_centre_says_that_it_is_there_and_the_broker_that_it_is_gone(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as mosquitto:

        async def told(count: int) -> list[bytes]:
            async with client(mosquitto.port) as other, asyncio.timeout(WITHIN_S):
                await other.subscribe(CENTRE_STATUS, qos=1)
                found = []
                async for message in other.messages:
                    found.append(bytes(message.payload))
                    if len(found) == count:
                        return found
            return []

        async def act() -> None:
            line = Line(Broker(port=mosquitto.port), [], deaf, announces=True)
            living = asyncio.create_task(line.live())
            await until(lambda: line.up)
            hearing = asyncio.create_task(told(2))
            await asyncio.wait([hearing], timeout=0.5)
            await line.leave()
            assert await hearing == [b"online", b"offline"]
            living.cancel()

        asyncio.run(act())


def test_one_of_two_centres_that_dies_does_not_take_the_other_off_the_air(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as mosquitto:

        async def act() -> None:
            lines = [Line(Broker(port=mosquitto.port), [], deaf, announces=True) for _ in range(2)]
            living = [asyncio.create_task(line.live()) for line in lines]
            await until(lambda: all(line.up for line in lines))
            async with client(mosquitto.port) as room, asyncio.timeout(WITHIN_S):
                await room.subscribe(CENTRE_STATUS, qos=1)
                found: list[bytes] = []
                async for message in room.messages:
                    found.append(bytes(message.payload))
                    if found == [b"online"]:
                        await lines[0].leave()
                    if found[-2:] == [b"offline", b"online"]:
                        break
            for task in living:
                task.cancel()

        asyncio.run(act())


def test_retained_words_are_heard_although_the_subscription_is_shared(tmp_path: Path) -> None:
    """MQTT 5, 4.8.2: a shared subscription brings no retained messages; mosquitto 2.0 brings them all the same."""
    heard: list[tuple[str, bytes]] = []

    def hear(topic: str, payload: bytes, _user: Mapping[str, str]) -> None:
        heard.append((topic, payload))

    with Mosquitto(tmp_path) as mosquitto:
        line = Line(Broker(port=mosquitto.port), filters("a")[4:5], hear, snapshot=SNAPSHOT)

        async def act() -> None:
            async with client(mosquitto.port) as room:
                await room.publish("diemcau/1/kim-son/state", b"old", 1, True)
                living = asyncio.create_task(line.live())
                await until(lambda: bool(heard))
                await room.publish("diemcau/1/kim-son/record", b"new", 1)
                await until(lambda: len(heard) == 2)
                living.cancel()
            assert heard == [("diemcau/1/kim-son/state", b"old"), ("diemcau/1/kim-son/record", b"new")]

        asyncio.run(act())
