"""The seal under a record of commissioning, and the acceptance record that alone makes a room accepted.

The seal is an HMAC-SHA256 keyed by the room's own private key file where it has one: it shows that this Pi wrote
the record, to whoever holds that key. A signature that anyone can check would need a cryptography library in the
controller; the hash chain of the journal, whose head the centre stores, already tells an edited record. Without a
key the seal is a plain hash and is named so: it tells a slip of the hand, not a forger.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

LEARNT, ACCEPTED = "learnt.toml", "acceptance.json"


def seal(data: bytes, key: bytes) -> str:
    """`hmac-sha256:…` by the room's key, `sha256:…` where it has none."""
    if key:
        return "hmac-sha256:" + hmac.new(hashlib.sha256(key).digest(), data, hashlib.sha256).hexdigest()
    return "sha256:" + hashlib.sha256(data).hexdigest()


def genuine(data: bytes, said: str, key: bytes) -> bool:
    """Whether `said` is the seal of exactly these bytes."""
    return hmac.compare_digest(seal(data, key), said)


def sealed(plain: Mapping[str, Any], key: bytes) -> str:
    """A record as text with its seal; the record is a text in it, so that its bytes are no question of layout."""
    body = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return json.dumps({"record": body, "seal": seal(body.encode(), key)}, ensure_ascii=False, indent=1) + "\n"


def claims(text: str, slug: str) -> bool:
    """Whether it says that it accepts this room, whatever its seal is worth."""
    try:
        plain = json.loads(str(json.loads(text)["record"]))
        return plain["room"] == slug and plain["accepted"] is True
    except (ValueError, KeyError, TypeError):
        return False


def unlocks(text: str, slug: str, key: bytes) -> bool:
    """Whether this text is an acceptance record of this very room, unaltered, that accepts it."""
    try:
        outer = json.loads(text)
        good = genuine(str(outer["record"]).encode(), str(outer["seal"]), key)
        return good and claims(text, slug)
    except (ValueError, KeyError, TypeError):
        return False
