"""What all tables share. Times are Unix milliseconds in 64 bits: no database's idea of a zone changes one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData

META = MetaData()
Big = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts by itself only in a plain INTEGER."""


def ms(name: str, *, index: bool = False, nullable: bool = False) -> Column[Any]:
    """A time or a duration in milliseconds."""
    return Column(name, BigInteger, index=index, nullable=nullable)


def number(name: str = "id") -> Column[Any]:
    """A key that the database counts."""
    return Column(name, Big, primary_key=True, autoincrement=True)
