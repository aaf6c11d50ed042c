"""A bundle's outer form: a plain tar (USTAR) of a few small files, read strictly. Pure: bytes in, bytes out.

Only what our own writer makes is taken: regular files with plain names, no folders, links, devices, extensions or
compression. So there is nothing to follow, to unpack outside, or to blow up; and no reader written for every tar of
fifty years stands between a USB stick and root.
"""

from __future__ import annotations

import re

from controller.texts import ReadableError

BLOCK = 512
BUNDLE_MOST = 4 << 20
FILE_MOST = 256 << 10
"""As large as a configuration may be; keys and certificates take a hundredth of it."""
FILES_MOST = 64
"""A room with a password for each of its displays has some thirty."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_OCTAL = re.compile(rb"[0-7]+")
_MAGIC = b"ustar\x0000"
_REGULAR = b"0"


def members(data: bytes) -> dict[str, bytes]:
    """Name → content. Raises ReadableError (`adopt.tar`) with the byte at which it is no bundle of ours."""
    if len(data) > BUNDLE_MOST or len(data) % BLOCK:
        raise _bad(0)
    found: dict[str, bytes] = {}
    at = 0
    while any(head := data[at : at + BLOCK]):
        name, size = _header(head, at)
        content = data[at + BLOCK : at + BLOCK + size]
        if name in found or len(found) == FILES_MOST or len(content) != size:
            raise _bad(at)
        found[name] = content
        at += BLOCK + -(-size // BLOCK) * BLOCK
    if at >= len(data) or any(data[at:]):
        raise _bad(at)  # cut off, or something behind the end
    return found


def _header(head: bytes, at: int) -> tuple[str, int]:
    """Name and size (bytes)."""
    plain = head[:148] + b" " * 8 + head[156:]
    name = head[:100].rstrip(b"\0").decode("latin-1")
    link, magic, prefix = head[157:257], head[257:265], head[345:500]
    size = _number(head[124:136], at)
    usual = magic == _MAGIC and head[156:157] == _REGULAR and not any(link) and not any(prefix)
    if not usual or _number(head[148:156], at) != sum(plain) or not NAME.fullmatch(name) or size > FILE_MOST:
        raise _bad(at)
    return name, size


def _number(field: bytes, at: int) -> int:
    digits = field.strip(b"\0 ")
    if not _OCTAL.fullmatch(digits):
        raise _bad(at)
    return int(digits, 8)


def _bad(at: int) -> ReadableError:
    return ReadableError("adopt.tar", at)
