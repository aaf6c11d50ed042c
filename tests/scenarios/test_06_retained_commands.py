"""6. Retained or queued commands switch loads at reconnect. A real room of processes and a real broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.house import BOOT, House, birth, command, topic
from tests.process.test_link import reply
from tests.process.watch import LOADS, until
from tests.services.centre import Centre
from tests.services.mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.process, pytest.mark.services]


def test_what_lies_at_the_broker_switches_nothing_and_the_same_words_spoken_now_do(tmp_path: Path) -> None:
    """The control at the end takes the protection away: neither retained, nor late, nor of another boot."""
    broker, do = Mosquitto(tmp_path, port=free_port()), topic("do/power")
    try:
        broker.start()
        with House(broker.port) as house, Centre(broker.port) as centre:
            watcher = house.start_keeper()
            centre.send(do, command("kept", value="on"), retain=True)
            house.start()
            assert birth(centre)["boot"] == BOOT
            broker.stop()
            broker.start()
            again = Centre(broker.port)
            with again:
                assert birth(again)["boot"] == BOOT
                again.send(do, command("kept-2", value="on"), retain=True)
                again.send(do, command("old", for_s=-1, value="on"))
                again.send(do, command("other", boot="another", value="on"))
                assert reply(again, "old") == ("refused", "expired")
                assert reply(again, "other") == ("refused", "other_boot")
                assert watcher.moves() == []
                again.send(do, command("now", value="on"))
                until(lambda: watcher.on(*LOADS), "all loads on")
    finally:
        broker.stop()
