"""centre.toml: where the database, the broker and the page are. Strict: an unknown key is an error that names file
and key; the shipped defaults serve one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from controller import config_files
from controller.config_base import DATABASE, ISSUER, Address, Host, Strict, key, table
from controller.config_error import ConfigError, problems


class Broker(Strict):
    """The broker that the rooms use. With `ca` the connection is TLS; `certificate` and `secret_key` name the
    centre's own files; `password_file` holds the password alone, so that no secret stands in this file."""

    host: Host = key("127.0.0.1", "where the broker is")
    port: int = key(1883, "its port", ge=1, le=65535)
    user: str = key("", "account of the centre at the broker")
    password_file: str = key("", "file with its password")
    ca: str = key("", "certificate authority of the broker; empty = no TLS")
    certificate: str = key("", "the centre's own certificate")
    secret_key: str = key("", "the key of that certificate")
    backup_host: Host = key("127.0.0.1", "the backup broker (R25), used when backup_port is not 0")
    backup_port: int = key(0, "its port; 0 = there is none", ge=0, le=65535)


class Web(Strict):
    """The page. Behind a proxy that ends TLS, `secure` says so: cookies are then sent over TLS only."""

    host: Host = key("127.0.0.1", "address the page listens at")
    port: int = key(8080, "port the page listens at", ge=0, le=65535)
    proxies: list[Address] = key(["127.0.0.1", "::1"], "proxies in front: their header tells who asks")
    secure: bool = key(False, "the page is reached over https only")
    public_url: str = key("http://localhost:8080", "how people reach it: stands in QR codes and notices")
    metrics: bool = key(False, "/metrics, counts for Prometheus, answers without signing in")
    session_h: float = key(12.0, "a person signs in again after so long", ge=0.1, le=168)


class Keep(Strict):
    """How long what is kept; the province's retention schedule decides (people.md 4)."""

    evidence_days: int = key(1826, "records and certificates: 5 years", ge=31)
    hours_days: int = key(400, "hourly figures of line, climate and power", ge=31)
    minutes_days: int = key(31, "figures by five minutes", ge=1)


class Notify(Strict):
    """Where incidents are told besides the page: addresses of the Apprise library, one a line in a file."""

    urls_file: str = key("", "file with one Apprise address a line (mailto://…, json://…)")
    language: str = key("vi", "language of the notices", pattern="^(vi|en)$")


class Release(Strict):
    """The published tree of updates, where it lies on this machine: a release that goes badly is stopped (N21)."""

    folder: str = key("", "folder of the published tree; empty: another machine publishes it")
    failures: int = key(2, "so many rooms in which it failed", ge=1)
    failures_ratio: float = key(0.01, "and more than this part of those that tried stop it", ge=0, le=1)


class Oidc(Strict):
    """Signing in at the province's own identity provider (OpenID Connect), besides accounts of the centre. Nobody
    comes in without a role: `roles` says which value of `claim` gives which. `secret_file` holds the secret
    alone."""

    issuer: str = key("", "the provider, as it names itself (https://…); empty = there is none", pattern=ISSUER)
    client_id: str = key("", "what the centre is called there")
    secret_file: str = key("", "file with the centre's secret there; empty: a public client, proven by PKCE alone")
    ca: str = key("", "certificate authority of the provider; empty = those of the operating system")
    label: str = key("", "what stands on the button; empty = the page's own words", max_length=60)
    scope: str = key("openid profile", "what is asked for", pattern="^openid( [!-~]+)*$")
    claim: str = key("groups", "claim of the id_token that carries groups or roles")
    roles: dict[str, Literal["admin", "operator", "office", "viewer"]] = key({}, "its value → role at the centre")


class Centre(Strict):
    """The whole of centre.toml."""

    network: str = key("Mạng điểm cầu", "name of the network, in the head of pages and reports")
    office: str = key("", "office that issues the reports")
    parent_office: str = key("", "office above it")
    database: str = key(
        "sqlite+aiosqlite:///centre.db", "SQLAlchemy address; postgresql+asyncpg://… for several", pattern=DATABASE
    )
    rule_pack: str = key("", "file with the province's rule pack, as the rooms have it; empty = the defaults")
    calendar_private: bool = key(False, "calendars may be subscribed to at addresses within our own network")
    broker: Broker = table(Broker, "the broker")
    web: Web = table(Web, "the page")
    oidc: Oidc = table(Oidc, "signing in at an identity provider")
    keep: Keep = table(Keep, "retention")
    notify: Notify = table(Notify, "notices")
    release: Release = table(Release, "updates of the rooms")


def load(path: Path) -> Centre:
    """The settings in `path`. Raises ConfigError (`centre.bad`): every fault with file, key, found and allowed."""
    try:
        return Centre.model_validate(config_files.read(path).tree)
    except ConfigError as error:
        raise ConfigError(error.problems, "centre.bad") from error
    except ValidationError as error:
        raise ConfigError(problems(error, Centre, lambda _: str(path)), "centre.bad") from None
