"""Signing in at an identity provider: who comes in, with which role, and what must not let anybody in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from controller.config_error import ConfigError
from controller.dashboard.settings import Centre, Oidc, load
from controller.dashboard.store.tables_people import AUDIT, OIDC_STARTS, TRIES, USERS
from controller.dashboard.web.api_oidc import WITHIN_S
from controller.dashboard.web.gate import COOKIE
from controller.dashboard.web.oidc import Provider, Unreachable
from controller.dashboard.web.tries import ADDRESS
from tests.controller.dashboard.issuer import CLIENT, FOREIGN, KEY, SECRET, Issuer
from tests.controller.dashboard.kit import PASSWORD, Desk, user_row

ROLES: dict[str, Any] = {"diemcau-admin": "admin", "diemcau-operator": "operator", "diemcau-viewer": "viewer"}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as made:
        made.claims = {"name": "Lê Văn Cường", "groups": ["khác", "diemcau-operator"]}
        yield made


@pytest.fixture
def desk(address: str, issuer: Issuer, tmp_path: Path) -> Iterator[Desk]:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    its = Oidc(issuer=issuer.url, client_id=CLIENT, secret_file=str(secret), roles=ROLES)
    with Desk(address, Centre(oidc=its)) as made:
        yield made


def start(desk: Desk) -> str:
    """Where the provider sends the browser back to, as our own path."""
    there = desk.http.get("/api/oidc/start", follow_redirects=False).headers["location"]
    back = httpx2.get(there).headers["location"]
    assert back.startswith("http://localhost:8080/api/oidc/back?")
    return str(back).removeprefix("http://localhost:8080")


def comes_to(desk: Desk, path: str) -> str:
    answer = desk.http.get(path, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def me(desk: Desk) -> Any:
    answer = desk.http.get("/api/me")
    return answer.json() if answer.status_code == 200 else None


def test_the_first_sign_in_makes_an_account_and_the_role_follows_the_claim(desk: Desk, issuer: Issuer) -> None:
    assert issuer.asked == [], "nothing is asked at start"
    assert desk.http.get("/api/oidc").json() == {"on": True, "label": ""}
    assert comes_to(desk, start(desk)) == "/"
    assert (me(desk)["name"], me(desk)["role"]) == ("Lê Văn Cường", "operator")
    assert desk.rows(select(TRIES)) == desk.rows(select(OIDC_STARTS)) == []
    issuer.claims["groups"] = ["diemcau-viewer", "diemcau-admin"]
    assert comes_to(desk, start(desk)) == "/"
    assert me(desk)["role"] == "admin"
    (account,) = desk.rows(select(USERS))
    lines = [(line.what, line.by_user, line.subject, line.args) for line in desk.rows(select(AUDIT))]
    assert lines == [
        ("linked", account.id, account.login, ["operator"]),
        ("role_followed", account.id, account.login, ["admin"]),
    ]
    assert issuer.asked == ["metadata"], "once, while all goes well"
    desk.http.post("/api/sign-out")
    assert me(desk) is None


def test_a_local_account_of_the_same_name_is_another_one(desk: Desk, issuer: Issuer) -> None:
    desk.store(USERS, user_row("admin", "Trần Thị Bình"))
    issuer.claims |= dict.fromkeys(("sub", "preferred_username", "name", "email", "login"), "admin")
    assert comes_to(desk, start(desk)) == "/"
    assert me(desk)["role"] == "operator"
    assert len(desk.rows(select(USERS))) == 2
    login = desk.rows(select(USERS.c.login).where(USERS.c.role == "operator"))[0].login
    for password in ("-", "", PASSWORD):
        answer = desk.http.post("/api/sign-in", json={"login": login, "password": password})
        assert answer.status_code == 401, "it has no password"


def test_without_a_role_nobody_comes_in_and_who_was_in_is_out(desk: Desk, issuer: Issuer) -> None:
    assert comes_to(desk, start(desk)) == "/"
    for groups in ([], None, "admin", ["Diemcau-Operator"], {"diemcau-admin": True}, [["diemcau-admin"]]):
        issuer.claims |= {"groups": groups, "email": "admin@example.vn", "email_verified": False}
        assert comes_to(desk, start(desk)) == "/#/oidc.no_role"
        assert me(desk) is None
    issuer.claims["sub"] = "another"
    assert comes_to(desk, start(desk)) == "/#/oidc.no_role"
    assert len(desk.rows(select(USERS))) == 1, "no account is made for nothing"


def test_a_disabled_account_stays_out(desk: Desk) -> None:
    assert comes_to(desk, start(desk)) == "/"

    async def disable() -> None:
        async with desk.place.engine.begin() as connection:
            await connection.execute(update(USERS).values(disabled=True))

    desk.run(disable)
    assert comes_to(desk, start(desk)) == "/#/oidc.disabled"
    assert me(desk) is None


def test_an_administrator_gives_such_an_account_no_way_in_past_the_provider(desk: Desk, issuer: Issuer) -> None:
    assert comes_to(desk, start(desk)) == "/"
    session = dict(desk.http.cookies)
    (before,) = desk.rows(select(USERS))
    desk.http.cookies.clear()
    desk.sign_in("admin")
    answer = desk.http.post(f"/api/users/{before.id}/password")
    assert (answer.status_code, answer.json()) == (409, {"code": "centre.user_oidc", "args": [before.login]})
    for lang, words in (("vi", "không được cấp mật khẩu"), ("en", "is given no password here")):
        assert words in desk.http.get(f"/api/texts?lang={lang}").json()["centre.user_oidc"]
    (after,) = desk.rows(select(USERS).where(USERS.c.id == before.id))
    assert after == before
    assert [line.what for line in desk.rows(select(AUDIT))] == ["linked"]
    desk.http.cookies.clear()
    desk.http.cookies.update(session)
    assert me(desk)["name"] == "Lê Văn Cường", "and stays signed in"


BENT: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1_000_000_000},
    "no expiry": {"exp": None},
    "of the future": {"iat": 4_000_000_000},
    "for another": {"aud": "another"},
    "for another, with us as its party": {"aud": "another", "azp": CLIENT},
    "for nobody": {"aud": None},
    "of another issuer": {"iss": "https://evil.example"},
    "of another sign-in": {"nonce": "another"},
    "of no sign-in": {"nonce": None},
    "about nobody": {"sub": ""},
    "about no text": {"sub": 7},
    "about too much": {"sub": "x" * 256},
}


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("claims", BENT.values(), ids=BENT)
def test_a_token_that_is_not_right_lets_nobody_in(
    desk: Desk, issuer: Issuer, claims: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    issuer.claims |= claims
    assert comes_to(desk, start(desk)) == "/#/oidc.unproven"
    assert (me(desk), desk.rows(select(USERS))) == (None, [])
    said = capsys.readouterr().err
    assert "centre.oidc" in said
    assert "ClaimError" in said or "Expired" in said or "nobody" in said, said
    assert SECRET not in said


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bend", [{"unsigned": True}, {"key": FOREIGN}], ids=["alg none", "a foreign key"])
def test_a_token_that_is_not_signed_by_the_provider_lets_nobody_in(
    desk: Desk, issuer: Issuer, bend: dict[str, Any]
) -> None:
    for name, value in bend.items():
        setattr(issuer, name, value)
    assert comes_to(desk, start(desk)) == "/#/oidc.unproven"
    assert (me(desk), desk.rows(select(USERS))) == (None, [])


def test_only_the_browser_that_went_comes_back_once_and_soon(desk: Desk) -> None:
    there = start(desk)
    state = desk.http.cookies["diemcau_oidc"]
    assert comes_to(desk, there.replace(state, "x" * len(state))) == "/#/oidc.stale", "another state"
    assert comes_to(desk, there) == "/#/oidc.stale", "its cookie is gone by that"
    there = start(desk)
    desk.http.cookies.delete("diemcau_oidc")
    assert comes_to(desk, there) == "/#/oidc.stale", "another browser"
    there = start(desk)
    desk.now_ms += WITHIN_S * 1000
    assert comes_to(desk, there) == "/#/oidc.stale", "too late"
    there = start(desk)
    state = desk.http.cookies["diemcau_oidc"]
    assert comes_to(desk, there) == "/"
    desk.http.cookies.delete(COOKIE)
    desk.http.cookies.set("diemcau_oidc", state)
    assert comes_to(desk, there) == "/#/oidc.stale", "the same return once more"
    code = there.partition("code=")[2].partition("&")[0]
    desk.http.cookies.clear()
    fresh = start(desk)
    fresh_code = fresh.partition("code=")[2].partition("&")[0]
    assert comes_to(desk, fresh.replace(fresh_code, code)) == "/#/oidc.unproven", "a code that was used"
    denied = start(desk).partition("code=")[0] + "error=access_denied&state=" + desk.http.cookies["diemcau_oidc"]
    assert comes_to(desk, denied) == "/#/oidc.denied"
    assert me(desk) is None


def test_without_the_provider_accounts_of_the_centre_work_and_it_is_asked_anew(desk: Desk, issuer: Issuer) -> None:
    issuer.broken = True
    for _ in range(ADDRESS):
        assert comes_to(desk, "/api/oidc/start") == "/#/oidc.away"
    assert comes_to(desk, "/api/oidc/start") == "/#/oidc.wait"
    assert issuer.asked == ["metadata"] * ADDRESS, "asked anew each time, and not by who has to wait"
    desk.sign_in()
    desk.http.post("/api/sign-out")
    issuer.broken = False
    desk.now_ms += 10 * 60_000
    there = start(desk)
    issuer.__exit__()
    assert comes_to(desk, there) == "/#/oidc.away", "gone between the way there and the way back"
    desk.sign_in()


def test_a_provider_that_changes_its_key_is_asked_for_the_new_one(desk: Desk, issuer: Issuer) -> None:
    assert comes_to(desk, start(desk)) == "/"
    issuer.key = issuer.published = FOREIGN
    issuer.kid = "k2"
    assert comes_to(desk, start(desk)) == "/", "under another name: at once"
    issuer.key = issuer.published = KEY
    assert comes_to(desk, start(desk)) == "/#/oidc.unproven", "another one under the same name"
    assert comes_to(desk, start(desk)) == "/"


def test_what_no_database_holds_is_nobody_and_no_part_of_a_name(desk: Desk, issuer: Issuer) -> None:
    issuer.claims |= {"sub": "u\0"}
    assert comes_to(desk, start(desk)) == "/#/oidc.unproven"
    issuer.claims |= {"sub": "u", "name": "Lê\0 Văn\n An"}
    assert comes_to(desk, start(desk)) == "/"
    assert me(desk)["name"] == "Lê Văn An"


def test_a_provider_that_goes_on_and_on_is_away() -> None:
    """Each byte is in time, and the answer never comes."""

    async def asked() -> None:
        gone = asyncio.Event()

        async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
                while not writer.is_closing():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.01)
            writer.close()
            gone.set()

        async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            provider = Provider(Oidc(issuer=url, client_id=CLIENT), all_s=0.5)
            with pytest.raises(Unreachable, match="TimeoutError"):
                await provider.begin("s", "http://localhost:8080/api/oidc/back")
            await gone.wait()

    asyncio.run(asyncio.wait_for(asked(), 20))


def test_a_centre_without_a_provider_offers_none(address: str) -> None:
    with Desk(address) as desk:
        assert desk.http.get("/api/oidc").json() == {"on": False, "label": ""}
        assert desk.http.get("/api/oidc/start").status_code == 404
        assert comes_to(desk, "/api/oidc/back?code=x&state=y") == "/#/oidc.stale"


def test_the_provider_is_reached_over_tls_or_on_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "centre.toml"
    for good in ("https://id.example/realms/tinh", "http://localhost:9400", "http://127.0.0.1/x", ""):
        file.write_text(f'[oidc]\nissuer = "{good}"\n')
        assert load(file).oidc.issuer == good
    for bad in ("http://id.example", "http://localhost.evil.example", "https://x/?a", "id.example"):
        file.write_text(f'[oidc]\nissuer = "{bad}"\n')
        with pytest.raises(ConfigError, match="https://"):
            load(file)
    file.write_text('[oidc.roles]\nnhom = "chair"\n')
    with pytest.raises(ConfigError):
        load(file)
