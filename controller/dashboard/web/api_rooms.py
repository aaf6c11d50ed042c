"""All rooms in one answer; what changes afterwards comes on the stream (topic `rooms`)."""

from __future__ import annotations

import gzip

from fastapi import APIRouter, Request, Response

from controller.dashboard.rights import Action
from controller.dashboard.web.gate import At, Who, need
from controller.dashboard.web.live import Live
from controller.dashboard.web.watch import Watch

router = APIRouter(prefix="/api", tags=["rooms"])


@router.get("/rooms", summary="Every room in one row, and the tree of units")
async def rooms(request: Request, at: At, someone: Who) -> Response:
    """{"columns", "rows", "units": [[id, parent, kind, name]], "stale_ms"}; header `x-now-ms` is the centre's
    clock, by which `received_ms` is old. Has an ETag: 304 when nothing changed."""
    await need(at, someone, Action.SEE)
    live: Live = request.app.state.live
    watch: Watch = request.app.state.watch
    await watch.look()
    tag = f'"{id(live):x}-{live.version}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        "x-now-ms": f"{at.clock()}",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    body = live.snapshot()
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(body), media_type="application/json", headers=headers)
