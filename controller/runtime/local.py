"""The local door: whoever stands at the Pi says a command there, and it goes the way of every command (door.py).

A Unix socket on tmpfs for root and the service's group, one line of JSON in, the reply out. Only what belongs to
the room itself is taken (`VERBS`); the core refuses as it refuses the centre. Who said it is the account that the
kernel names, never what the line says.
"""

from __future__ import annotations

import json
import pwd
import queue
import socket
import struct
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from controller.core.events import Command
from controller.core.instant import Instant
from controller.core.records import Reply
from controller.link import commands
from controller.texts.foreign import named

NAME = "door.sock"
MODE = 0o660
VERBS = ("seat",)
"""The technician's own work at the Pi; the rest has a button, or is the desk's."""
LINE_BYTES = 4096
HEAR_S = 2.0
ANSWER_S = 5.0
"""A decision takes milliseconds, a step whose record waits for a slow card two seconds."""
_CREDENTIALS = struct.Struct("3i")


class LocalDoor:
    """`say` puts a command into the loop; `answer` is called with every reply that the core gives."""

    def __init__(self, folder: Path, say: Callable[[object], None], clock: Callable[[], Instant]) -> None:
        self._path, self._say, self._clock = folder / NAME, say, clock
        self._waiting: dict[str, queue.SimpleQueue[Reply]] = {}
        self._listener: socket.socket | None = None

    def start(self) -> str:
        """Listen; the fault where that cannot be: no reason to stop ruling."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            listener.bind(str(self._path))
            self._path.chmod(MODE)
            listener.listen(1)
        except OSError as error:
            listener.close()
            return named(error)
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), name="local", daemon=True).start()
        return ""

    def stop(self) -> None:
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def answer(self, reply: Reply) -> None:
        """From the deciding thread; a reply to somebody else is none of ours."""
        waiting = self._waiting.get(reply.id)
        if waiting is not None:
            waiting.put(reply)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return  # stopped
            with peer, suppress(OSError):
                peer.settimeout(HEAR_S)
                peer.sendall(self._hear(peer))

    def _hear(self, peer: socket.socket) -> bytes:
        try:
            body = json.loads(_line(peer))
            reply = self._ask(body, _account(peer)) if isinstance(body, dict) else Reply("", "refused", "bad_json")
        except commands.BadCommand as bad:
            reply = Reply("", "refused", bad.code, bad.reason)
        except (ValueError, RecursionError):
            reply = Reply("", "refused", "bad_json")
        return json.dumps({"stage": reply.stage, "code": reply.code, "args": reply.args}).encode() + b"\n"

    def _ask(self, body: Mapping[str, object], who: str) -> Reply:
        verb, args = body.get("verb"), body.get("args")
        if verb not in VERBS or not isinstance(args, Mapping):
            raise commands.BadCommand("unsupported", str(verb)[:40])
        values, _hold = commands.read(str(verb), args)
        id_ = f"local-{uuid.uuid4().hex}"
        waiting = self._waiting[id_] = queue.SimpleQueue()
        until_ms = self._clock().mono_ms + round(ANSWER_S * 1000)
        self._say(Command(id_, who, str(verb), values, until_ms, here=True))
        try:
            return waiting.get(timeout=ANSWER_S)
        except queue.Empty:
            return Reply(id_, "expired", "expired")
        finally:
            del self._waiting[id_]


def _line(peer: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and len(data) < LINE_BYTES and (more := peer.recv(LINE_BYTES)):
        data += more
    return data


def _account(peer: socket.socket) -> str:
    _pid, uid, _gid = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def ask(folder: Path, verb: str, args: Mapping[str, object]) -> Reply | None:
    """Say a command at the door of the controller that runs; None = nobody is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.settimeout(ANSWER_S + HEAR_S)
        try:
            door.connect(str(folder / NAME))
            door.sendall(json.dumps({"verb": verb, "args": args}).encode() + b"\n")
            told = json.loads(_line(door))
        except (FileNotFoundError, ConnectionError, TimeoutError, ValueError):
            return None
    return Reply("", str(told["stage"]), str(told["code"]), tuple(told["args"]))


def answers(folder: Path) -> bool:
    """Whether a controller stands behind the door; nothing is said to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door, suppress(OSError):
        door.settimeout(HEAR_S)
        door.connect(str(folder / NAME))
        return True
    return False
