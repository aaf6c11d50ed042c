"""The stream of changes (`stream.Hub`), for signed-in people and passes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from controller.dashboard.web.gate import Who
from controller.dashboard.web.stream import Hub

router = APIRouter(prefix="/api", tags=["stream"])


@router.get("/stream")
async def stream(request: Request, _someone: Who) -> StreamingResponse:
    """Server-sent events: `hello` at the start, then what changes."""
    hub: Hub = request.app.state.hub
    return StreamingResponse(
        hub.listen(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
