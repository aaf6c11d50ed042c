"""What no database holds is refused by every route, on both kinds: it is never an error of ours, and nothing of
it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from controller.dashboard.store.base import META
from tests.controller.dashboard.kit import NOW_MS, Desk
from tests.controller.dashboard.test_rights import example, met

NUL = "a\0b"
PAST = (2**31, 10**30)
"""Beyond a column of PostgreSQL, beyond any."""
ELSEWHERE = ("/api/oidc", "/api/sign-out", "/api/sign-in", "/api/stream", "/metrics", "/api/openapi.json")


def whole(schema: dict[str, Any], of: dict[str, Any], name: str = "") -> Any:
    """A body with all that a route takes, its optional parts too."""
    if "$ref" in schema:
        schema = of["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if schema.get("type") == "object":
        return {key: whole(one, of, key) for key, one in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [whole(schema.get("items", {}), of, name.rstrip("s"))]
    return example(schema, of, name)


def spoilt(tree: Any, bad: object) -> Iterator[Any]:
    """The body with each of its values in turn as `bad`."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        for one in (bad, *spoilt(value, bad)):
            made = json.loads(json.dumps(tree))
            made[key] = one
            yield made


def asked(desk: Desk, bad: object) -> Iterator[tuple[str, str, Any]]:
    """Method, path and body: `bad` in turn in each place that a route has for what is sent."""
    of = desk.app.openapi()
    for path, methods in of["paths"].items():
        for method, about in methods.items():
            if path.startswith(ELSEWHERE):
                continue
            params = [one for one in about.get("parameters", ()) if one["in"] != "header"]
            good = {one["name"]: str(example(one["schema"], of, one["name"])) for one in params}
            good |= {"ending": "csv", "form": "rules"} if "ending" in good else {}
            schema = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            body = None if schema is None else whole(schema, of)
            word = str(bad).replace("\0", "%00")
            for name in good:
                values = good | {name: word}
                query = "&".join(f"{one['name']}={values[one['name']]}" for one in params if one["in"] == "query")
                yield method, f"{path}?{query}".format_map(values), body
            for one in spoilt(body, bad):
                yield method, path.format_map(good), one


def rows(desk: Desk) -> dict[str, int]:
    return {one.name: desk.rows(select(func.count()).select_from(one))[0][0] for one in META.sorted_tables}


@pytest.mark.timeout(120)
def test_text_with_a_nul_is_refused_by_every_route_and_changes_nothing(desk: Desk) -> None:
    met(desk)
    desk.sign_in("admin")
    before, found = rows(desk), []
    for method, path, body in asked(desk, NUL):
        answer = desk.http.request(method, path, json=body)
        found += [] if answer.status_code == 422 else [(method, path, body, answer.status_code)]
    assert found == []
    assert rows(desk) == before


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", PAST)
def test_a_number_past_what_a_column_holds_is_no_error_of_ours(desk: Desk, number: int) -> None:
    met(desk)
    desk.sign_in("admin")
    for method, path, body in asked(desk, number):
        answer = desk.http.request(method, path, json=body)
        assert answer.status_code < 500, (method, path, body)
    assert desk.http.get("/api/me").json()["now_ms"] == NOW_MS
