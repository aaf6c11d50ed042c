"""Where a script stands: the room, what is known of it so far, the item, and the Pi's life it is made in."""

from __future__ import annotations

from dataclasses import dataclass

from controller.commission.book import Book
from controller.commission.site import Site


@dataclass(frozen=True, slots=True)
class Place:
    site: Site
    book: Book
    item: str
    boot: str
