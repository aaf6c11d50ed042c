"""What is told of a secret meeting: its hour and rooms, never its title, document or kind (people.md 5.2). Pure.

Who plans the calendar sees the rest, there alone; every other screen, paper and feed shows its rows through this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECRET_TITLE = "Phiên họp"
_SHOWN: Mapping[str, str] = {"title": SECRET_TITLE, "document_no": "", "kind": ""}


def shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of INSTANCES with at least `secret`, as it may be told."""
    hidden = {name: word for name, word in _SHOWN.items() if name in row} if row["secret"] else {}
    return {**row, **hidden}
