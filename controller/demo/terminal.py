"""The demo with a person: the room in the terminal, keys that press its buttons and make its faults.

Needs a terminal on both ends; without one it prints the records as plain lines until it is ended. The control
centre's machine dials at the beginning of a meeting and hangs up at its end; everything else is left to the person.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from typing import Protocol

from rich.console import Console
from rich.live import Live

from controller.config_model import RoomConfig
from controller.demo import headless, paper, words
from controller.demo.board import LOGIN, Board
from controller.demo.daemon import ServiceError
from controller.demo.stage import Wish, now_ms
from controller.demo.story import Seen, Story
from controller.demo.view import Scene, picture
from controller.texts import text

QUIET_S = 30.0
LENGTH_S = 180.0
"""Long enough for every key."""
REFRESH_S = 0.1
"""Twice the rate of the fastest lamp's edges."""
TAKEN_MAX = 500
"""Sightings taken in before the picture is drawn again, so that a flood does not freeze it."""

KEYS = {
    "b": "press.power",
    "B": "hold.power",
    "d": "press.duty",
    "D": "hold.duty",
    "c": "press.check",
    "h": "press.help",
    "H": "hold.help",
    "t": "press.talk",
    "T": "hold.talk",
    "1": "mains",
    "2": "codec_hangs",
    "3": "sensor",
    "4": "broker",
    "5": "half_open",
    "6": "key",
    "7": "keeper",
    "8": "kill",
}
"""Small letter = press, capital = hold 3 s; figures = faults. `9`, `0`, `l` and `q` are looked at apart."""


_ESCAPED = re.compile(rb"\x1b(?:[\[O][0-9;]*[A-Za-z~])?")


class Publisher(Protocol):
    """The centre's end of the calendar."""

    def publish_calendar(self, ics: str, version: str, /) -> None: ...


class Boards(Protocol):
    """What is needed of the stage: what was asked for, and the centre once it is there."""

    @property
    def wish(self) -> Wish: ...

    @property
    def centre(self) -> Publisher | None: ...

    @property
    def board(self) -> Board | None: ...


class Doer(Protocol):
    """Who does the acts."""

    trouble: str

    def do(self, name: str) -> None: ...


def unix_ms() -> int:
    """The wall clock, in Unix ms."""
    return time.time_ns() // 1_000_000


class Terminal:
    """Runs until `q`, Ctrl-C or the end of the terminal. `wall_ms` is the clock that meetings go by."""

    def __init__(
        self,
        stage: Boards,
        acts: Doer,
        story: Story,
        inbox: queue.SimpleQueue[Seen],
        wall_ms: Callable[[], int] = unix_ms,
    ) -> None:
        self._stage, self._acts, self._story, self._inbox = stage, acts, story, inbox
        self._wall_ms = wall_ms
        self._lang = stage.wish.lang
        self._meetings: tuple[paper.Sitting, ...] = ()
        self._called: set[str] = set()
        self._over = False

    def run(self, cfg: RoomConfig) -> int:
        """Exit code 0."""
        self._announce(cfg)
        if sys.stdin.isatty() and sys.stdout.isatty():
            self._show(cfg)
        else:
            self._print(cfg)
        return 0

    def _announce(self, cfg: RoomConfig) -> None:
        """A meeting at the start, and another whenever the room is dark again: one that is known within 90 min
        of the last would rightly keep it on (N9)."""
        wall_ms = self._wall_ms()
        if self._stage.centre is None or any(meeting.end_ms > wall_ms for meeting in self._meetings):
            return
        if self._meetings and self._story.state.get("phase") != "off":
            return
        start_ms = wall_ms + round((headless.lead_s(cfg) + QUIET_S) * 1000)
        n = len(self._meetings) + 1
        self._meetings += (paper.sitting(n, start_ms // 1000 * 1000, LENGTH_S, self._lang),)
        self._stage.centre.publish_calendar(paper.calendar(self._meetings), f"demo-{n}")
        if self._stage.board is not None:
            with contextlib.suppress(
                ServiceError
            ):  # the page has its own log; this room's meeting takes place anyway
                meeting = self._meetings[-1]
                self._stage.board.book(meeting.title, meeting.start_ms, meeting.end_ms)

    # ---- with a terminal

    def _show(self, cfg: RoomConfig) -> None:
        console = Console()
        with _keys_at_once(), Live(console=console, screen=True, auto_refresh=False) as live:
            while not self._over:
                self._take()
                self.go_on(cfg)
                live.update(picture(self._scene(cfg), console.width, console.height), refresh=True)
                for key in _pressed():
                    self._key(key)

    def _scene(self, cfg: RoomConfig) -> Scene:
        names = {**words.names(cfg), **{meeting.uid: meeting.title for meeting in self._meetings}}
        return Scene(
            story=self._story,
            say=words.Sayer(self._lang, names),
            title=cfg.room.name,
            loads=tuple(cfg.loads),
            lamps={name: lamp.role for name, lamp in cfg.lamps.items()},
            meetings=self._meetings,
            now_ms=now_ms(),
            wall_ms=self._wall_ms(),
            notice=self._acts.trouble.partition("\n")[0] or self._page(),
        )

    def _page(self) -> str:
        """Where the control centre's page is, and who opens it."""
        board = self._stage.board
        return "" if board is None else text("demo.page", self._lang, (board.url, LOGIN, board.password))

    def _key(self, key: str) -> None:
        if key in KEYS:
            self._acts.do(KEYS[key])
        elif key == "9":
            muted = self._story.truth.get("codec.muted") is True
            self._acts.do("remote_opens" if muted else "remote_closes")
        elif key == "0":
            in_call = self._story.truth.get("codec.in_call") is True
            self._acts.do("mcu_hangs_up" if in_call else "mcu_calls")
        elif key == "l":
            self._lang = "en" if self._lang == "vi" else "vi"
        elif key == "q":
            self._over = True

    # ---- both

    def _take(self) -> int:
        """Take in what was seen; how many new records were among it."""
        before = len(self._story.records)
        with contextlib.suppress(queue.Empty):
            for _ in range(TAKEN_MAX):
                self._story.add(self._inbox.get_nowait())
        return len(self._story.records) - before

    def go_on(self, cfg: RoomConfig) -> None:
        """What time has brought: calls at the edges of a meeting, and the next one when the room is dark."""
        self._dial()
        self._announce(cfg)

    def _dial(self) -> None:
        """The centre's machine calls every site at the start and ends the calls at the end."""
        wall_ms = self._wall_ms()
        for meeting in self._meetings:
            for edge_ms, act in ((meeting.start_ms, "mcu_calls"), (meeting.end_ms, "mcu_hangs_up")):
                name = f"{act} {meeting.uid}"
                if wall_ms >= edge_ms and name not in self._called:
                    self._called.add(name)
                    self._acts.do(act)

    # ---- without

    def _print(self, cfg: RoomConfig) -> None:
        sys.stdout.write(f"{text('demo.no_terminal', self._lang)}\n{self._page()}\n")
        while True:
            fresh = self._take()
            self.go_on(cfg)
            say = self._scene(cfg).say
            for record in list(self._story.records)[len(self._story.records) - fresh :]:
                sys.stdout.write(say.line(record) + "\n")
            sys.stdout.flush()
            time.sleep(REFRESH_S)


@contextlib.contextmanager
def _keys_at_once() -> Iterator[None]:
    """Keys come without Enter and unseen; the terminal gets its manners back in any case."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _pressed() -> str:
    """Keys pressed within a moment, '' for none, `q` when the terminal is gone. An arrow key comes as ESC and
    letters, which are no keys of ours; what was typed right after it is."""
    if not select.select([sys.stdin], [], [], REFRESH_S)[0]:
        return ""
    # Not through Python's buffer: select does not see what waits there.
    data = os.read(sys.stdin.fileno(), 64)
    return _ESCAPED.sub(b"", data).decode("ascii", "replace") if data else "q"
