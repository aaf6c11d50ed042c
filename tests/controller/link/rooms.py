"""A room's link with a queue in place of the deciding loop, for tests with a real broker.

Run as a program (`python -m tests.controller.link.rooms PORT`) it is a room's process that can be killed.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from controller.core.instant import Instant, Trust
from controller.link import messages
from controller.link.link import Link
from controller.link.notices import LinkEvent, Online
from controller.link.settings import Broker, Settings, Times, Tls
from tests.services.centre import WAIT_S

ROOM, BOOT = "phong-1", "boot-a"
QUICK = Times(
    backoff_first_s=0.05,
    backoff_max_s=0.2,
    stable_s=5.0,
    failover_s=0.6,
    home_s=0.3,
    will_delay_s=1,
    session_s=5,
    coalesce_s=0.05,
    refresh_s=30.0,
    discovery_spread_s=0.05,
)
E = TypeVar("E")


def clock() -> Instant:
    return Instant(int(time.monotonic() * 1000), int(time.time() * 1000), Trust.NTP)


class Room:
    """A link that runs from entering to leaving."""

    def __init__(self, settings: Settings, discovery: bytes | None = None) -> None:
        self.events: queue.Queue[LinkEvent] = queue.Queue()
        self.seen: list[LinkEvent] = []
        self.link = Link(settings, self.events.put, clock, discovery=discovery)

    def __enter__(self) -> Room:
        self.link.birth({"fw": "0.1.0", "slot": "a"})
        self.link.state({"phase": "off"})
        self.link.detail("ups", {"charge_pct": 100.0})
        self.link.start()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self.link.stop()

    def until(self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True) -> E:
        """The next event of `kind` that `wanted` accepts."""
        deadline = time.monotonic() + WAIT_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self.events.get(timeout=left)
            except queue.Empty:
                break
            self.seen.append(event)
            if isinstance(event, kind) and wanted(event):
                return event
        raise AssertionError(f"no {kind.__name__}; seen were {self.seen}")


def settings(
    port: int,
    *,
    backup: int = 0,
    times: Times = QUICK,
    user: str = "",
    password_file: Path | None = None,
    tls: Tls | None = None,
) -> Settings:
    """A room's settings for brokers on loopback."""
    host = "localhost" if tls else "127.0.0.1"
    main = Broker(host, port, tls, user, password_file)
    return Settings(ROOM, BOOT, main, Broker("127.0.0.1", backup) if backup else None, times)


def main() -> None:
    with Room(settings(int(sys.argv[1]))) as room:
        room.until(Online)
        for reason in sys.argv[2:]:
            stamp = messages.Stamp(BOOT, clock())
            room.link.gasp(messages.gasp(reason, battery_pct=20, meeting="giao-ban", stamp=stamp))
        print("online", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
