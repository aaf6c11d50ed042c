"""A calendar by its address, with bounds: http(s) only, ten seconds, 256 KiB, three redirects, and never an
address within our own network unless the settings say so: else the centre would fetch for strangers what only it
can reach.

The name is resolved here and the address that was looked at is the one that is connected to, so that a name cannot
answer twice.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx2

from controller.texts import ReadableError

WAIT_S = 10.0
"""Less than the thinker's lease lasts."""
BYTES_MOST = 256 * 1024
REDIRECTS_MOST = 3
PORTS = {"http": 80, "https": 443}


class NotFetched(ReadableError, OSError):
    """The calendar did not come; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """`text` None = unchanged since `etag`."""

    text: str | None
    etag: str


async def fetch(url: str, etag: str = "", *, private: bool = False) -> Page:
    """Raises NotFetched: fetch.scheme, fetch.private, fetch.name, fetch.status, fetch.too_large, fetch.silent,
    fetch.text."""
    try:
        async with asyncio.timeout(WAIT_S):
            for _ in range(REDIRECTS_MOST + 1):
                answer = await _once(url, etag, private)
                if isinstance(answer, Page):
                    return answer
                url = answer
    except TimeoutError:
        raise NotFetched("fetch.silent", WAIT_S) from None
    except httpx2.HTTPError as error:
        raise NotFetched("fetch.broken", str(error)[:120] or type(error).__name__) from error
    raise NotFetched("fetch.redirects", REDIRECTS_MOST)


async def _once(url: str, etag: str, private: bool) -> Page | str:
    """One request: the page, or where it has moved to."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username:
        raise NotFetched("fetch.scheme", url[:80])
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise NotFetched("fetch.scheme", url[:80]) from None
    address = await _address(parts.hostname, port, private)
    shown = f"[{address}]" if ":" in address else address
    target = urlunsplit((parts.scheme, f"{shown}:{port}", parts.path or "/", parts.query, ""))
    headers = {"host": parts.netloc, "accept": "text/calendar", "accept-encoding": "identity"}
    if etag:
        headers["if-none-match"] = etag
    secure = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
    async with (
        httpx2.AsyncClient(follow_redirects=False, timeout=WAIT_S, trust_env=False) as client,
        client.stream("GET", target, headers=headers, extensions=secure) as answer,
    ):
        if answer.status_code in (301, 302, 303, 307, 308):
            return urljoin(url, answer.headers.get("location", ""))
        if answer.status_code == 304 and etag:
            return Page(None, etag)
        if answer.status_code != 200:
            raise NotFetched("fetch.status", answer.status_code)
        return Page(await _body(answer), answer.headers.get("etag", "")[:200])


async def _body(answer: httpx2.Response) -> str:
    taken = bytearray()
    async for part in answer.aiter_bytes():
        taken += part
        if len(taken) > BYTES_MOST:
            raise NotFetched("fetch.too_large", BYTES_MOST // 1024)
    try:
        return taken.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotFetched("fetch.text") from error


async def _address(host: str, port: int, private: bool) -> str:
    """One address of the name, all of which must be of the open internet unless `private`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetched("fetch.name", host[:80]) from error
    addresses = [str(row[4][0]) for row in found]
    for one in addresses:
        if not private and not ipaddress.ip_address(one.partition("%")[0]).is_global:
            raise NotFetched("fetch.private", host[:80])
    return addresses[0]
