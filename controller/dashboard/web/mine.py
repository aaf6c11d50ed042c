"""The room that a request of the phone page is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Query

from controller.dashboard.rights import Role
from controller.dashboard.web.gate import Who


async def mine(who: Who, room: Annotated[str, Query(max_length=40)] = "") -> str:
    """That of the pass; a technician's account names one, and the right to it is asked for as any other. 403
    `rights.role` for everybody else."""
    if who.role is Role.TECHNICIAN:
        return room
    if not who.room:
        raise HTTPException(403, {"code": "rights.role"})
    return who.room


Mine = Annotated[str, Depends(mine)]
