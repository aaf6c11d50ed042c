"""Renewal without network at the authority: a file of requests in, a file of answers out, both carried on a stick.

    requests  {"v":1,"requests":[{"room":slug,"csr":PEM}]}       made by `diemcau centre requests FILE`
    answers   {"v":1,"answers":[{"room":slug,"certificate":PEM}]}   given to `diemcau centre answers FILE`

A room's request is signed by the key that it has; it is answered only for a key that was given to that room and not
withdrawn. Neither file holds a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from controller import durable
from controller.provision.authority import Authority
from controller.texts import ReadableError


def renew(authority: Authority, requests: Path, out: Path) -> tuple[int, list[ReadableError]]:
    """Answer what may be answered; how many, and why the others may not. Raises ReadableError (`ca.requests`) for a
    file that is none."""
    answers, refused = [], []
    for room, csr in list(_requests(requests)):
        try:
            made = authority.renew(csr.encode(), room)
        except ReadableError as error:
            refused.append(error)
        else:
            answers.append({"room": room, "certificate": made.public_bytes(Encoding.PEM).decode()})
    durable.write(out, json.dumps({"v": 1, "answers": answers}, indent=1).encode())
    return len(answers), refused


def _requests(path: Path) -> Iterator[tuple[str, str]]:
    try:
        plain = json.loads(path.read_bytes())
        if plain["v"] != 1:
            raise ValueError(plain["v"])
        for row in plain["requests"]:
            yield str(row["room"]), str(row["csr"])
    except (ValueError, KeyError, TypeError) as error:
        raise ReadableError("ca.requests", path) from error
