"""The page's own files from memory: a page is a dozen small files, and asking the disk for each costs more than
all of them together. Read once at the start; an ETag each, so that a second look costs nothing. The sheets of the
page are one answer, and so are the modules that every page begins with (`joined`): a browser asks for six things at
once, and what is shown waits behind them. What has to run first stands in the page itself, by its hash."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from controller.dashboard.web.joined import joined

BASE = "/static/"
PAGE, FIRST, ROOT = "index.html", "first.js", "app.js"
SHEET = "all.css"
SHEETS = (
    "vendor/uplot.css",
    "style.css",
    "pages/rooms.css",
    "pages/live.css",
    "pages/calendar.css",
    "pages/incidents.css",
    "pages/people.css",
    "pages/reports.css",
    "pages/fleet.css",
    "pages/trips.css",
)


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    packed: bytes
    kind: str
    tag: str


class Files:
    """An ASGI application over every file below `folder`. `hash`: of the script in the page, for its policy."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            file.relative_to(folder).as_posix(): _read(file) for file in folder.rglob("*") if file.is_file()
        }
        self._files[SHEET] = _file(b"\n".join(self._files[name].plain for name in SHEETS), "text/css")
        modules = {name: self._files.pop(name).plain.decode() for name in [*self._files] if name.endswith(".js")}
        for name, text in joined(modules, ROOT, BASE).items():
            self._files[name] = _file(text.encode(), "text/javascript")
        first = self._files[FIRST].plain
        self.hash = f"'sha256-{b64encode(hashlib.sha256(first).digest()).decode()}'"
        page = self._files[PAGE].plain.replace(f' src="{BASE}{FIRST}">'.encode(), b">" + first)
        self._files[PAGE] = _file(page, "text/html")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).lstrip("/")
        await self.answer(request, path)(scope, receive, send)

    def answer(self, request: Request, path: str) -> Response:
        """404 for what is not there, 405 for another verb than a read."""
        file = self._files.get(path)
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405)
        if file is None:
            return Response(status_code=404)
        headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.plain, media_type=file.kind, headers=headers)


def _read(file: Path) -> _File:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    kind = "text/javascript" if file.suffix == ".js" else kind
    return _file(file.read_bytes(), kind)


def _file(plain: bytes, kind: str) -> _File:
    return _File(plain, gzip.compress(plain, mtime=0), kind, f'"{hashlib.sha256(plain).hexdigest()[:16]}"')
