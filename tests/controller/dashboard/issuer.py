"""An identity provider for tests that can be bent: it signs what it is told to, right or wrong. It checks what a
provider has to: the client's secret, PKCE, the redirect and that a code is used once. The well-behaved one of the
browser's test is oidc-provider-mock, a process of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "diemcau", "bi-mat+cua/trung_tam"
KEY, FOREIGN = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))


class Issuer:
    """At `url`. `claims` go into the next id_token, over the right ones (None = left out); `key` signs it,
    `published` under `kid` is the one that it tells of."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key, self.unsigned, self.broken = KEY, False, False
        self.kid, self.published = "k1", KEY
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    async def _metadata(self, request: Request) -> Response:
        self.asked.append("metadata")
        if self.broken:
            return Response(status_code=503)
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        algorithms = ["RS256", "HS256", "none"]
        told = {name: f"{self.url}/{path}" for name, path in ends.items()}
        return JSONResponse({"issuer": self.url, "id_token_signing_alg_values_supported": algorithms, **told})

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.published.as_dict(private=False) | {"kid": self.kid}]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        said = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(said["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(said["code_verifier"].encode()).digest()).rstrip(b"=")
        kind, _, given = request.headers["authorization"].partition(" ")
        if (kind, base64.b64decode(given).decode()) != ("Basic", f"{CLIENT}:{SECRET}"):
            return JSONResponse({"error": "invalid_client"}, 401)
        if (
            asked is None
            or challenge.decode() != asked["code_challenge"]
            or said["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        right: dict[str, Any] = {"iss": self.url, "aud": CLIENT, "sub": "u-1", "nonce": asked["nonce"]}
        right |= {"iat": now, "exp": now + 300}
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        head = {"alg": "RS256", "kid": self.kid}
        token = _unsigned(claims) if self.unsigned else jwt.encode(head, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token})


def _unsigned(claims: dict[str, Any]) -> str:
    """As an attacker writes it: alg none, and no signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    packed = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join((*packed, ""))
