"""The application: its routes, its headers, and the page's files.

Every module `api_*.py` beside this file has a `router`; it is found by its name, so that a page is added by adding
files. Errors are {"code", "args"}: the page says them from the catalogue.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.dashboard import web
from controller.dashboard.settings import Centre
from controller.dashboard.store.open import create, engine
from controller.dashboard.web.files import BASE, PAGE, Files
from controller.dashboard.web.gate import storable
from controller.dashboard.web.live import Live
from controller.dashboard.web.oidc import Provider
from controller.dashboard.web.place import Clock, Place, Way, wall_ms
from controller.dashboard.web.replies import Waiting
from controller.dashboard.web.stream import Hub
from controller.dashboard.web.watch import Watch

STATIC = Path(__file__).resolve().parent.parent / "static"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' {}",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
BODY_BYTES = 2_000_000
"""A calendar to import is the largest thing that anybody sends."""


def create_app(settings: Centre, way: Way, clock: Clock = wall_ms) -> FastAPI:
    """The web half over `settings.database`; words to rooms go by `way`."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        made = engine(settings.database)
        await create(made)
        app.state.place = Place(settings, made, clock, way)
        app.state.provider = Provider(settings.oidc)
        app.state.hub = hub = Hub()
        app.state.live = live = Live()
        app.state.waiting = waiting = Waiting(made)
        app.state.watch = watch = Watch(app.state.place, hub, live, waiting)
        watching = asyncio.create_task(watch.run())
        yield
        say_goodbye(app)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await made.dispose()

    app = FastAPI(
        title="Diemcau",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(storable)],
    )
    files = page_files()
    app.add_middleware(Guarded, policy=POLICY.format(files.hash))
    app.exception_handler(HTTPException)(_said)
    app.exception_handler(RequestValidationError)(_malformed)
    for module in sorted(pkgutil.iter_modules(web.__path__), key=lambda found: found.name):
        if module.name.startswith("api_"):
            app.include_router(importlib.import_module(f"{web.__name__}.{module.name}").router)

    async def page(request: Request) -> Response:
        return files.answer(request, PAGE)

    app.get("/", include_in_schema=False)(page)
    app.mount(BASE, files, name="static")
    return app


@cache
def page_files() -> Files:
    """Read, joined and packed once in a process."""
    return Files(STATIC)


def say_goodbye(app: FastAPI) -> None:
    """The process ends: open streams and whoever waits for a room are answered now, and come back to another."""
    app.state.hub.close()
    app.state.waiting.close()


class Guarded:
    """Refuses what is too large, and gives every answer the headers; plain ASGI, for streams pass through it."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {"Content-Security-Policy": policy, **HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        told = Headers(scope=scope)
        length = told.get("content-length", "" if "transfer-encoding" in told else "0")  # in pieces: without an end
        if length.isdigit() and int(length) <= BODY_BYTES:
            return await self._app(scope, receive, headed)
        refused = JSONResponse({"code": "rights.too_large", "args": []}, 413)
        return await refused(scope, receive, headed)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    """What was sent is not sent back: it may be a password, and no text at all."""
    rows = error.errors() if isinstance(error, RequestValidationError) else ()
    said = {"code": "rights.malformed", "args": []}
    return JSONResponse(said | {"detail": [{key: row[key] for key in ("type", "loc", "msg")} for row in rows]}, 422)


async def _said(_request: Request, error: Exception) -> JSONResponse:
    """Our own refusals carry {"code": …} as detail; the framework's are plain sentences."""
    detail: object = error.detail if isinstance(error, HTTPException) else ""
    status = error.status_code if isinstance(error, HTTPException) else 500
    body = detail if isinstance(detail, dict) else {"code": "rights.failed", "args": [str(detail)]}
    return JSONResponse({"args": [], **body}, status)
