"""What a unit is called: by its type and name, as people say it (people.md 2). Pure; words.js says it to pages."""

from __future__ import annotations


def unit_name(kind: str, name: str) -> str:
    """Some registers hold the type in the name as well: it is said once."""
    return name if name.casefold().startswith(f"{kind} ".casefold()) else f"{kind[:1].upper()}{kind[1:]} {name}"
