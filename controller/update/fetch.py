"""Bytes of a source: a web server, a district's cache, or a folder (a USB stick), each bounded in time.

A line that breaks is taken up where it broke (HTTP Range); a server that sends too little to ever end is left, so
that it cannot hold a room at its old version in silence (slow retrieval): neither with what it sends nor with the
lines before it. Lengths are bounded by tuf itself.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient import FetcherInterface
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from controller.texts.foreign import named
from controller.update.limit import Limit

CHUNK_BYTES = 1 << 16
_NOBODY = urllib3.exceptions.NewConnectionError
"""Refused, or no way there: urllib3 has it among its time-outs."""
HEADERS = {"User-Agent": "diemcau", "Connection": "close"}
"""A connection serves one request, so that its limit is the request's."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `silent_s`: between two bytes. `least_bps`: bytes a second, over each `window_s`. `resumes`: times
    that a broken download goes on where it was. `answer_s`: from the question to the first byte of the content.
    `request_s`: for one file, with its resumes. `run_s`: for all of a run; with the watch it lies within the six
    hours that systemd gives a run."""

    silent_s: float = 30.0
    window_s: float = 120.0
    least_bps: int = 1024
    resumes: int = 8
    answer_s: float = 60.0
    request_s: float = 2 * 3600.0
    run_s: float = 4 * 3600.0


class Fetcher(FetcherInterface):
    """Of one run: its time counts from here. `clock` in seconds."""

    def __init__(self, patience: Patience = Patience(), clock: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._clock = patience, clock
        self._until = clock() + patience.run_s
        self._limit = Limit()
        timeout = urllib3.Timeout(connect=patience.silent_s, read=patience.silent_s)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)
        self._pool.pool_classes_by_scheme = _pools(lambda sock: self._limit.opened(sock))

    def _fetch(self, url: str) -> Iterator[bytes]:
        """The content; raises DownloadHTTPError 404 where there is none, before the first byte."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            return self._file(Path(unquote(parts.path)))
        limit, until = Limit(), min(self._until, self._clock() + self._patience.request_s)
        response = self._ask(url, 0, limit, until)
        return self._bounded(url, response, limit, until)

    def _file(self, path: Path) -> Iterator[bytes]:
        try:
            # A pipe on a stick would be waited for.
            file = open(path, "rb", opener=_at_once)  # noqa: SIM115 - closed by the generator
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DownloadHTTPError(named(error), 404) from error
        except OSError as error:
            raise DownloadError(named(error)) from error

        def chunks() -> Iterator[bytes]:
            try:
                with file:
                    while chunk := file.read(CHUNK_BYTES):
                        yield chunk
            except OSError as error:  # a stick that is worn or was pulled out: not our card's fault
                raise DownloadError(named(error)) from error

        return chunks()

    def _ask(self, url: str, start: int, limit: Limit, until: float) -> urllib3.BaseHTTPResponse:
        """Its first lines; `limit` then lasts till `until`. It is closed where this raises."""
        headers = {**HEADERS, **({"Range": f"bytes={start}-"} if start else {})}
        try:
            self._limit = limit
            limit.within(self._left(url, min(until, self._clock() + self._patience.answer_s)))
            response = self._pool.request("GET", url, preload_content=False, headers=headers)
            limit.within(self._left(url, until))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            limit.close()
            late = limit.over or (
                isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, _NOBODY)
            )
            raise (SlowRetrievalError(url) if late else DownloadError(named(error))) from error
        except DownloadError:
            limit.close()
            raise
        if response.status >= 400 or (start and response.status != 206):
            response.close()
            limit.close()
            raise DownloadHTTPError(f"{url}: {response.status}", response.status)
        return response

    def _left(self, url: str, until: float) -> float:
        """Seconds. Raises SlowRetrievalError when there are none."""
        left = until - self._clock()
        if left <= 0:
            raise SlowRetrievalError(url)
        return left

    def _bounded(self, url: str, response: urllib3.BaseHTTPResponse, limit: Limit, until: float) -> Iterator[bytes]:
        got, left = 0, self._patience.resumes
        while True:
            expected = _expected(response)
            try:
                for chunk in self._paced(url, response):
                    got += len(chunk)
                    yield chunk
                if limit.over:  # a length that nobody has named ends with the connection
                    raise SlowRetrievalError(url)
                return
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if limit.over:
                    raise SlowRetrievalError(url) from error
                if not left or expected is None:
                    raise DownloadError(named(error)) from error
                left -= 1
            finally:
                response.close()
                limit.close()
            response = self._ask(url, got, limit, until)

    def _paced(self, url: str, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        """read1: what came, at once; waiting for a full chunk would hide how slow it is."""
        began, amount = self._clock(), 0
        while chunk := response.read1(CHUNK_BYTES):
            yield chunk
            amount += len(chunk)
            passed = self._clock() - began
            if passed >= self._patience.window_s:
                if amount < self._patience.least_bps * passed:
                    raise SlowRetrievalError(url)
                began, amount = self._clock(), 0


def _at_once(name: str, flags: int) -> int:
    """Raises OSError for what is no file."""
    handle = os.open(name, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{name}: not a file")
    return handle


def _expected(response: urllib3.BaseHTTPResponse) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None


def _pools(opened: Callable[[socket.socket], None]) -> dict[str, type[HTTPConnectionPool]]:
    """For the PoolManager: `opened` is shown every connection."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            opened(self.sock)

    class Tls(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            opened(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
