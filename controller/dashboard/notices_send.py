"""The way out for notices: addresses of the Apprise library, one message to one address at a time.

Apprise blocks (SMTP, HTTP), so each attempt has a thread of its own, a daemon: a mail server that hangs holds
neither the recorder nor the end of the process. Here alone Apprise is imported, and only where notices are set up.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.texts import ReadableError

LONGEST_S = 60.0
"""Apprise waits 15 s for a mail server's every word, 4 s for a web server's."""
WHY_MOST = 200
_LOG = logging.getLogger("apprise")


@dataclass(frozen=True, slots=True)
class Target:
    """One address. `name` tells it in the database without its secrets, `label` to people likewise."""

    name: str
    label: str
    url: str


def targets(path: Path) -> tuple[Target, ...]:
    """The addresses in the file; empty lines and those with # are none. Raises ReadableError (`centre.notify`) with
    file, line and reason; the address itself is not told, it may hold a password."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ReadableError("centre.notify", path, 0, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ReadableError("centre.notify", path, 0, error.reason) from error
    found = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line and not line.startswith("#"):
            found.append(_target(path, number, line))
    return tuple({one.name: one for one in found}.values())


def _target(path: Path, number: int, url: str) -> Target:
    made = _made(url)
    if made is None:
        raise ReadableError("centre.notify", path, number, "Apprise")
    shown = str(made.url(privacy=True)).partition("?")[0]
    return Target(hashlib.sha256(url.encode()).hexdigest()[:16], shown[:120], url)


def _made(url: str) -> Any:
    """Apprise's own object; None where it does not know the address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its plug-ins, loaded at first use, are not our code
        from apprise import Apprise, AppriseAsset

        _LOG.propagate = False  # it would say each attempt, and addresses with parts of their passwords
        return Apprise.instantiate(url, asset=AppriseAsset(app_id="Diemcau", app_desc="Diemcau", app_url=""))


async def send(target: Target, title: str, body: str) -> str:
    """'' = taken; else why not. Raises nothing; gives up after LONGEST_S."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def told(why: str) -> None:
        if not answer.done():
            answer.set_result(why)

    def work() -> None:
        why = _blocking(target, title, body)
        try:
            loop.call_soon_threadsafe(told, why)
        except RuntimeError:
            return  # the process ends and its loop is closed: nobody asks any more

    threading.Thread(target=work, name="notice", daemon=True).start()
    try:
        return await asyncio.wait_for(answer, LONGEST_S)
    except TimeoutError:
        return "timeout"


def _blocking(target: Target, title: str, body: str) -> str:
    heard = _Heard(threading.get_ident())
    _LOG.addHandler(heard)
    try:
        from apprise import NotifyFormat

        taken = _made(target.url).notify(body=body, title=title, body_format=NotifyFormat.TEXT)
        return "" if taken else (heard.last or "refused")[:WHY_MOST]
    except Exception as error:  # noqa: BLE001 - a plug-in of others: whatever it raises, the message was not taken
        return repr(error)[:WHY_MOST]
    finally:
        _LOG.removeHandler(heard)


class _Heard(logging.Handler):
    """What Apprise complains of in this thread: it answers no more than yes or no."""

    def __init__(self, thread: int) -> None:
        super().__init__(logging.WARNING)
        self._thread, self.last = thread, ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.last = record.getMessage()
