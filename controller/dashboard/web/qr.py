"""QR codes as rows of dark and light, which the page draws; reportlab's encoder, level M: prints and screens are
scratched, links are short."""

from __future__ import annotations

from typing import Any

from reportlab.graphics.barcode import qrencoder

LONGEST = 400
"""Bytes: beyond it a phone at arm's length no longer reads the code."""


def rows(text: str) -> list[str]:
    """One string a row, "1" = dark. Raises ValueError when `text` is too long."""
    if len(text.encode()) > LONGEST:
        raise ValueError(f"{len(text)} characters")
    code: Any = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    return ["".join("1" if code.isDark(row, column) else "0" for column in range(size)) for row in range(size)]
