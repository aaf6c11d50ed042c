"""The identity provider (OpenID Connect), as Authlib speaks to it: authorization code with PKCE, state and nonce.

Nothing is asked of the provider before somebody signs in there, and all of it anew after a failure: the centre
starts and works without it. Nothing of ours is decided here: whose account it is stands in oidc_account.py.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError

from controller.dashboard.settings import Oidc

WAIT_S = 10.0
"""For one answer: whoever waits longer signs in with an account of the centre."""
ALL_S = 20.0
"""For all answers of one way there or back: one may come a byte at a time."""
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signed with a key that the provider alone has: neither unsigned, nor by a secret that we know too."""
_HIDDEN_FORM = (RuntimeError, ValueError, TypeError, KeyError, AttributeError)
"""What Authlib raises over an answer that is not of the standard's form."""


class Unreachable(Exception):
    """The provider does not answer, or not as one."""


class Unproven(Exception):
    """It answered, and nobody is proven by that."""


@dataclass(frozen=True, slots=True)
class Begun:
    """`url`: where the browser goes. `nonce` and `verifier` are kept here until it comes back."""

    url: str
    nonce: str
    verifier: str


class Provider:
    """The provider of `settings`; with an empty issuer there is none, and nothing may be asked of it."""

    def __init__(self, settings: Oidc, all_s: float = ALL_S) -> None:
        self._its, self._all_s = settings, all_s
        self._known: Any = None

    async def begin(self, state: str, redirect: str) -> Begun:
        """Raises Unreachable."""
        try:
            async with self._client() as client:
                told = await client.create_authorization_url(redirect, state=state)
                return Begun(told["url"], told["nonce"], told["code_verifier"])
        except Unproven as error:
            raise Unreachable(*error.args) from error

    async def finish(self, code: str, begun: Begun, redirect: str) -> Mapping[str, Any]:
        """The claims of an id_token that is the provider's, for us, of now and of this sign-in; `sub` is 1 to 255
        printable characters. Raises Unreachable, Unproven."""
        its = self._its
        must = {"iss": {"essential": True, "value": its.issuer}, "aud": {"essential": True, "value": its.client_id}}
        async with self._client() as client:
            token = await client.fetch_access_token(redirect, code=code, code_verifier=begun.verifier)
            claims = await client.parse_id_token(token, begun.nonce, must)
            if claims is None or not 1 <= len(claims["sub"]) <= 255 or not claims["sub"].isprintable():
                raise Unproven("no id_token, or nobody in it")
            found: Mapping[str, Any] = claims
            return found

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        """Authlib's, which has read the provider's metadata; forgotten when anything fails."""
        try:
            async with asyncio.timeout(self._all_s):
                if self._known is None:
                    self._known = await asyncio.to_thread(self._registered)
                client = self._known
                metadata = await client.load_server_metadata()
                offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
                metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
                yield client
        except (httpx2.HTTPError, OSError) as error:
            self._known = None
            raise Unreachable(_one_line(error)) from error
        except (OAuthError, JoseError, *_HIDDEN_FORM) as error:
            self._known = None
            raise Unproven(_one_line(error)) from error

    def _registered(self) -> Any:
        """Reads the secret and the authority: a file that is missing is told when it is needed. Raises OSError."""
        its = self._its
        secret = Path(its.secret_file).read_text(encoding="utf-8").strip() if its.secret_file else None
        return OAuth().register(
            "oidc",
            client_id=its.client_id,
            client_secret=secret,
            server_metadata_url=its.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": its.scope,
                "code_challenge_method": "S256",
                "timeout": WAIT_S,
                "verify": ssl.create_default_context(cafile=its.ca or None),
            },
        )


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
