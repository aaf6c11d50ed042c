"""Bytes of a source: a web server, a district's cache, or a folder (a USB stick), each bounded in time.

A line that breaks is taken up where it broke (HTTP Range); a server that sends too little to ever end is left, so
that it cannot hold a room at its old version in silence (slow retrieval). Lengths are bounded by tuf itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient import FetcherInterface

CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Patience:
    """`silent_s`: between two bytes. `least_bps`: bytes a second, over each `window_s`. `resumes`: times that a
    broken download goes on where it was."""

    silent_s: float = 30.0
    window_s: float = 120.0
    least_bps: int = 1024
    resumes: int = 8


class Fetcher(FetcherInterface):
    """`clock` in seconds."""

    def __init__(self, patience: Patience = Patience(), clock: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._clock = patience, clock
        timeout = urllib3.Timeout(connect=patience.silent_s, read=patience.silent_s)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False, headers={"User-Agent": "diemcau"})

    def _fetch(self, url: str) -> Iterator[bytes]:
        """The content; raises DownloadHTTPError 404 where there is none, before the first byte."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            return self._file(Path(unquote(parts.path)))
        response = self._ask(url, 0)
        return self._bounded(url, response)

    def _file(self, path: Path) -> Iterator[bytes]:
        try:
            file = open(path, "rb")  # noqa: SIM115 - closed by the generator
        except (FileNotFoundError, NotADirectoryError) as error:
            raise DownloadHTTPError(str(error), 404) from error
        except OSError as error:
            raise DownloadError(str(error)) from error

        def chunks() -> Iterator[bytes]:
            try:
                with file:
                    while chunk := file.read(CHUNK_BYTES):
                        yield chunk
            except OSError as error:  # a stick that is worn or was pulled out: not our card's fault
                raise DownloadError(str(error)) from error

        return chunks()

    def _ask(self, url: str, start: int) -> urllib3.BaseHTTPResponse:
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            response = self._pool.request("GET", url, preload_content=False, headers=headers)
        except urllib3.exceptions.TimeoutError as error:
            raise SlowRetrievalError(url) from error
        except urllib3.exceptions.HTTPError as error:
            raise DownloadError(str(error)) from error
        if response.status >= 400 or (start and response.status != 206):
            response.close()
            raise DownloadHTTPError(f"{url}: {response.status}", response.status)
        return response

    def _bounded(self, url: str, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        got, left = 0, self._patience.resumes
        while True:
            expected = _expected(response)
            try:
                for chunk in self._paced(url, response):
                    got += len(chunk)
                    yield chunk
                return
            except urllib3.exceptions.HTTPError as error:
                if not left or expected is None:
                    raise DownloadError(str(error)) from error
                left -= 1
            finally:
                response.close()
            response = self._ask(url, got)

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


def _expected(response: urllib3.BaseHTTPResponse) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
