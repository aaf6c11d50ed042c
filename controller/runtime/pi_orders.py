"""The edge of updates: what the updater tells goes to the centre, what the centre or the room orders becomes a file
that systemd looks for (`diemcau-update.path`, `diemcau-restart.path`). The updater itself is another process with
other rights, and nothing of it is loaded here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from controller.core.events import Command
from controller.core.pi_orders import VERBS
from controller.core.records import Reply
from controller.link import messages
from controller.texts.foreign import named

PROGRESS = "progress.json"
PERCENT: Mapping[str, int] = {"checking": 5, "downloading": 20, "unpacking": 50, "testing": 60, "watching": 80}
"""What a person is shown of a run; its stages take seconds but the download and the watch."""
WAITING = 64
"""Commands whose decision is awaited: one each in practice."""


class PiOrders:
    """`told` is the updater's folder, `asks` the one on tmpfs that systemd looks into. `post` returns False when
    the centre's letter could not be kept; it is tried again then."""

    def __init__(self, told: Path, asks: Path, post: Callable[[bytes], bool] | None, version: str) -> None:
        self._told, self._asks, self._post, self._version = told / PROGRESS, asks, post, version
        self._waiting: dict[str, Command] = {}
        self._seen = -1

    def heard(self, command: Command) -> None:
        """Before it is decided. On any thread: a dict's item is set at once."""
        if command.verb in VERBS and len(self._waiting) < WAITING:
            self._waiting[command.id] = command

    def decided(self, reply: Reply) -> str:
        """After it was decided. The fault where the order could not be left, else ''."""
        command = self._waiting.pop(reply.id, None)
        if command is None or reply.stage != "accepted":
            return ""
        body = {"id": command.id, "by": command.by, "force": command.force.name if command.force else ""}
        path = self._asks / f"{command.verb}-request"
        try:
            new = path.with_suffix(".new")
            new.write_text(json.dumps(body), encoding="utf-8")
            new.replace(path)
        except OSError as error:
            return named(error)
        return ""

    def look(self) -> None:
        """Tell the centre what is new of the updater; called with each pulse, one stat(2) when nothing is."""
        try:
            stamp = self._told.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp != self._seen and self._post is not None and self._post(self._payload()):
            self._seen = stamp

    def _payload(self) -> bytes:
        try:
            tree = json.loads(self._told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            tree = {}
        told = tree if isinstance(tree, dict) else {}
        stage, args = told.get("stage"), told.get("args")
        return messages.update(
            str(told.get("installed") or self._version),
            str(told.get("latest") or told.get("installed") or self._version),
            percentage=PERCENT.get(str(stage)),
            why=(str(told.get("code") or ""), tuple(args) if isinstance(args, list) else ()),
        )
