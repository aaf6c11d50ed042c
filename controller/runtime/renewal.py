"""The room's certificate over its life: what it says, what the next one is asked for with, and taking the next one.

The room shows its certificate's end and a request for the next in `detail/identity`; the request was signed by its
key when that was made, and serves for as long as the key does. The answer comes on its topic `certificate`,
retained, so that a room that is off misses nothing. It is taken when the room's own authority signed it, for this
room, for this key, and for longer than the one before; the next connection uses it. The key itself never moves.

A thread of its own, from the first answer on: one comes in years, and a slow card must not hold up the loop.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from controller import durable, identity
from controller.credentials import given
from controller.identity import Identity
from controller.link.messages import Tree, rfc3339
from controller.link.notices import Renewed
from controller.link.settings import Settings
from controller.link.topics import IDENTITY
from controller.texts import ReadableError
from controller.texts.foreign import named

REQUEST = "room.csr"
"""Beside the certificate, as `adopt` lays it."""


class Post(Protocol):
    """What it needs of the link."""

    def detail(self, part: str, view: Mapping[str, Tree]) -> bool: ...


class Renewal:
    """A room that works alone, or has no certificate for its main broker, has nothing to renew: nothing is done
    then. `report` puts an event into the loop; `note` says a sentence in the service's log."""

    def __init__(
        self,
        settings: Settings | None,
        post: Post | None,
        report: Callable[[Renewed], None],
        note: Callable[[str, tuple[object, ...]], None],
    ) -> None:
        self._room = settings.room if settings is not None else ""
        self._tls = settings.main.tls if settings is not None else None
        self._post, self._report, self._note = post, report, note
        self._newest: deque[str] = deque(maxlen=1)
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._useless: str | None = None

    def show(self) -> None:
        """Tell the centre. A certificate that cannot be read is told by the connection that it fails."""
        if self._post is None:
            return
        with suppress(OSError, ReadableError):
            now = self._now()
            row: dict[str, Tree] = {"name": now.name, "serial": now.serial, "until": rfc3339(now.until * 1000, 0)}
            self._post.detail(IDENTITY, row | {"csr": self._request()})

    def take(self, text: str) -> None:
        """A certificate has come; returns at once. One that follows replaces one that nobody has looked at yet."""
        self._newest.append(text)
        self._bell.put(None)
        if self._thread is None:  # most lives get none
            self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._bell.get()
            if self._newest:
                self.judge(self._newest.pop())

    def judge(self, text: str) -> None:
        """Keep it if it is ours and better than what we have; else say why not. The broker tells a retained one at
        every connection: what is known already is nothing to say."""
        tls = self._tls
        if tls is None or tls.renewed is None:
            return
        data = text.encode("ascii", "replace")
        try:
            now, new = self._now(), self._read(data)
            if new.serial == now.serial:
                return
            if new.name != self._room or new.until <= now.until:
                raise ReadableError("link.renewal_useless", new.name, rfc3339(new.until * 1000, 0))
            durable.write(tls.renewed, data, 0o640)
        except (OSError, ReadableError) as error:
            if text != self._useless:
                self._note("link.not_renewed", (error if isinstance(error, ReadableError) else named(error),))
            self._useless = text
            return
        self._report(Renewed(new.serial, new.until))
        self.show()

    def _now(self) -> Identity:
        """What the next connection shows: the renewed one where it fits. Raises OSError, ReadableError."""
        tls = self._tls
        if tls is None or tls.cert is None:
            raise FileNotFoundError("certificate")
        if tls.renewed is not None:
            with suppress(OSError, ReadableError):
                return self._read(tls.renewed.read_bytes())
        return self._read(given(tls.cert).read_bytes())

    def _read(self, certificate: bytes) -> Identity:
        tls = self._tls
        assert tls is not None
        key = given(tls.key).read_bytes() if tls.key is not None else b""
        return identity.check(given(tls.ca).read_bytes(), certificate, key)

    def _request(self) -> str | None:
        """None = the identity was made by hand, and is renewed so."""
        assert self._tls is not None
        place = self._tls.cert.parent if self._tls.cert is not None else Path()
        try:
            return given(place / REQUEST).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None
