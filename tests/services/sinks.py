"""A mail server and a web server on loopback that keep what they are sent, and can refuse it or say nothing at all.

Written from RFC 5321 and RFC 9112, as far as a client that sends one message needs them.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import threading
from email.message import EmailMessage
from typing import Any, Self


class _Sink:
    """A server on its own thread. `mood`: take, refuse, hang."""

    def __init__(self) -> None:
        self.mood = "take"
        self.tries = 0
        self._never = asyncio.Event()
        """Held here: a task that waits for what nobody holds is collected when its client goes."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_server(self._served, "127.0.0.1", 0)

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tries += 1
        try:
            if self.mood == "hang":
                await self._never.wait()
            await self._speak(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # a client that goes in the middle has sent nothing
        finally:
            writer.close()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class MailSink(_Sink):
    """`mails`: what was taken, as mails."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=centre@ninhbinh.vn&to=truc@ninhbinh.vn&name=Diemcau"

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                taken = await reader.readuntil(b"\r\n.\r\n")
                made = email.message_from_bytes(taken[:-3], policy=email.policy.default)
                assert isinstance(made, EmailMessage)
                self.mails.append(made)
            refused = self.mood == "refuse" and verb == b"RCPT"
            writer.write(
                b"550 no such person\r\n" if refused else b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"
            )
            if verb == b"QUIT":
                break
        await writer.drain()


class WebSink(_Sink):
    """`posts`: JSON bodies that were taken."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/notices"

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [
            line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        taken = await reader.readexactly(int(lengths[0]))
        if self.mood == "take":
            self.posts.append(json.loads(taken))
        answer = b"200 OK" if self.mood == "take" else b"503 Service Unavailable"
        writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
