"""`diemcau ca | provision | adopt | broker-files`: how an identity is made, given, taken and withdrawn.

Arguments in, sentences out. What is done lives in `controller.provision` (the office) and `controller.adopt` (the
room); each is imported when it is called, for a room has no `cryptography` and an office no root.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from controller.cli_parser import Parser, group
from controller.cli_words import CONFIG, WRONG, complain
from controller.texts import DEFAULT_LANGUAGE, ReadableError, text

if TYPE_CHECKING:
    from controller.core.chain import Head
    from controller.provision.authority import Authority

    Commands: TypeAlias = argparse._SubParsersAction[Parser]

Act: TypeAlias = Callable[[argparse.Namespace], int]
CA = Path("ca")


def register(commands: Commands, lang: str) -> None:
    """Add these commands to the parser."""
    kinds = group(commands, "ca", lang)
    init, sign = (_command(kinds, n, _office, lang, f"cli.ca.{n}") for n in ("init", "sign"))
    show = _command(kinds, "show", _show, lang, "cli.ca.show")
    revoke, renew = (_command(kinds, n, _office, lang, f"cli.ca.{n}") for n in ("revoke", "renew"))
    for found in (init, sign, revoke, renew, show):
        found.add_argument("dir", type=Path, help=text("cli.opt.ca_dir", lang))
    for found in (init, sign, revoke, renew):
        _passphrase(found, lang)
    _option(show, "name", lang, "cli.opt.ca_shown", nargs="?", default="")
    _option(init, "--title", lang, "cli.opt.ca_title", default="Diemcau")
    _option(sign, "name", lang, "cli.opt.ca_name")
    _option(sign, "--host", lang, "cli.opt.ca_host", action="append", default=[], metavar="HOST")
    _option(sign, "--out", lang, "cli.opt.out_dir", type=Path, default=Path(), metavar="DIR")
    _option(revoke, "name", lang, "cli.opt.ca_revoked")
    _option(renew, "requests", lang, "cli.opt.requests", type=Path)
    _option(renew, "--out", lang, "cli.opt.answers", type=Path, default=Path("answers.json"), metavar="FILE")
    _provision(commands, lang)
    adopt = _command(commands, "adopt", _adopt, lang)
    _option(adopt, "bundle", lang, "cli.opt.bundle", type=Path)
    _option(adopt, "--replace", lang, "cli.opt.replace", action="store_true")
    _option(adopt, "--root", lang, "cli.opt.adopt_root", type=Path, default=Path("/"), metavar="DIR")
    files = _command(commands, "broker-files", _broker_files, lang)
    _option(files, "dir", lang, "cli.opt.broker_dir", type=Path)
    _option(files, "--home-assistant", lang, "cli.opt.home_assistant", action="store_true")


def _provision(commands: Commands, lang: str) -> None:
    provision = _command(commands, "provision", _office, lang)
    provision.set_defaults(what="provision")
    _option(provision, "room", lang, "cli.opt.slug")
    _option(provision, "--config", lang, "cli.opt.room_file", type=Path, required=True, metavar="FILE")
    _option(provision, "--contacts", lang, "cli.opt.contacts", type=Path, metavar="FILE")
    _option(provision, "--secrets", lang, "cli.opt.secrets", type=Path, metavar="DIR")
    _option(provision, "--tuf-root", lang, "cli.opt.tuf_root", type=Path, metavar="FILE")
    _option(provision, "--head", lang, "cli.opt.head", metavar="N:HASH")
    _option(provision, "--centre", lang, "cli.opt.head_centre", type=Path, metavar="FILE")
    _option(provision, "--ca", lang, "cli.opt.ca_dir", dest="dir", type=Path, default=CA, metavar="DIR")
    _option(provision, "--out", lang, "cli.opt.bundle_out", type=Path, metavar="FILE")
    _passphrase(provision, lang)


def _command(commands: Commands, name: str, act: Act, lang: str, about: str = "") -> Parser:
    said = text(about or f"cli.{name}", lang)
    found = commands.add_parser(name, help=said, description=said)
    found.add_argument("--lang", choices=("vi", "en"), default=lang, help=text("cli.opt.lang", lang))
    found.set_defaults(act=act)
    return found


def _option(found: Parser, name: str, lang: str, code: str, **options: object) -> None:
    found.add_argument(name, help=text(code, lang), **options)  # type: ignore[arg-type]


def _passphrase(found: Parser, lang: str) -> None:
    _option(found, "--passphrase", lang, "cli.opt.passphrase", type=Path, metavar="FILE")


def _said(code: str, lang: str, *args: object) -> None:
    sys.stdout.write(text(code, lang, args) + "\n")


def _office(options: argparse.Namespace) -> int:
    """Whatever needs the authority. 0; 78: something a person must mend, said in one sentence."""
    lang = options.lang or DEFAULT_LANGUAGE
    try:
        from controller.provision import authority
    except ModuleNotFoundError as error:
        sys.stderr.write(text("release.extra", lang, (error.name,)) + "\n")
        return CONFIG
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        word = _secret(options.passphrase, lang, twice=options.what == "init")
        if options.what == "init":
            made = authority.Authority.create(options.dir, options.title, word, now)
            _said("ca.made", lang, made.folder)
            return 0
        return _WITH[options.what](authority.Authority.open(options.dir, word, now), options, lang, now)
    except (ReadableError, OSError) as error:
        return complain(error, lang)


def _show(options: argparse.Namespace) -> int:
    """What was given and what was withdrawn; no passphrase is asked for, for nothing of it is secret."""
    lang = options.lang or DEFAULT_LANGUAGE
    try:
        from controller.provision.authority import issued

        for row in issued(options.dir):
            if options.name in ("", row.name, row.serial):
                code = "ca.shown_withdrawn" if row.revoked else "ca.shown"
                _said(code, lang, row.name, row.kind, row.until[:10], row.serial, row.revoked[:10])
    except ModuleNotFoundError as error:
        sys.stderr.write(text("release.extra", lang, (error.name,)) + "\n")
        return CONFIG
    except ReadableError as error:
        return complain(error, lang)
    return 0


def _secret(file: Path | None, lang: str, twice: bool) -> str:
    """The passphrase: of a file for scripts, else typed, and typed twice where it is new."""
    if file is not None:
        return file.read_text(encoding="utf-8").strip("\r\n")
    try:
        word = getpass.getpass(text("ca.ask", lang))
        again = getpass.getpass(text("ca.ask_again", lang)) if twice else word
    except EOFError as error:
        raise ReadableError("ca.no_terminal") from error
    if again != word:
        raise ReadableError("ca.differ")
    return word


def _sign(authority: Authority, options: argparse.Namespace, lang: str, _now: datetime) -> int:
    from controller.provision.services import give

    files = give(authority, options.name, options.host, options.out)
    _said("ca.signed", lang, options.name, ", ".join(map(str, files)))
    return 0


def _revoke(authority: Authority, options: argparse.Namespace, lang: str, _now: datetime) -> int:
    from controller.provision.authority import CRL

    count = authority.revoke(options.name)
    _said("ca.revoked", lang, options.name, count, authority.folder / CRL)
    return 0


def _renew(authority: Authority, options: argparse.Namespace, lang: str, _now: datetime) -> int:
    """1 when some were refused; each is named with its reason, the others are answered."""
    from controller.provision.renewal import renew

    answered, refused = renew(authority, options.requests, options.out)
    for error in refused:
        sys.stderr.write(error.text(lang) + "\n")
    _said("ca.renewed", lang, answered, len(refused), options.out)
    return WRONG if refused else 0


def _make(authority: Authority, options: argparse.Namespace, lang: str, now: datetime) -> int:
    from controller.provision.bundles import Parts, passwords, provision

    parts = Parts(options.config, options.contacts, options.secrets, options.tuf_root, _head(options))
    out = options.out or Path(f"{options.room}.diemcau")
    made = provision(authority, options.room, parts, out, now)
    until = f"{datetime.fromtimestamp(made.identity.until, UTC):%d/%m/%Y}"
    _said("provision.made", lang, out, options.room, until, parts.head.seq)
    if left := passwords(made.tree) if not made.secrets else []:
        _said("provision.no_secrets", lang, ", ".join(left))
    return 0


def _head(options: argparse.Namespace) -> Head:
    from controller.core.chain import GENESIS, Head

    if options.centre is not None:
        from controller.dashboard.heads import newest

        return newest(options.centre, options.room)
    number, _, digest = (options.head or f"0:{GENESIS}").partition(":")
    if not number.isascii() or not number.isdigit() or len(digest) != len(GENESIS):
        raise ReadableError("provision.head", options.head)
    return Head(int(number), digest.lower())


_WITH = {"sign": _sign, "revoke": _revoke, "renew": _renew, "provision": _make}


def _adopt(options: argparse.Namespace) -> int:
    """0; 78: why this Pi does not become that room; nothing was written then."""
    from controller.adopt import adopt
    from controller.adopt_tar import BUNDLE_MOST

    lang = options.lang or DEFAULT_LANGUAGE
    try:
        if os.geteuid() != 0 and options.root == Path("/"):
            raise ReadableError("adopt.root")
        with options.bundle.open("rb") as file:
            done = adopt(file.read(BUNDLE_MOST + 1), options.root, options.replace)
    except (ReadableError, OSError) as error:
        return complain(error, lang)
    _said("adopt.done", lang, done.room)
    if done.carried:
        _said("adopt.carried", lang, done.carried)
    if done.moved is not None:
        _said("adopt.moved", lang, done.was, done.moved)
    if not done.accepted:
        _said("adopt.watches", lang)
    _said("adopt.next", lang)
    return 0


def _broker_files(options: argparse.Namespace) -> int:
    """Write what a broker is configured with; a password that is there already stays."""
    from controller.provision.broker_files import write

    lang = options.lang or DEFAULT_LANGUAGE
    try:
        for path in write(options.dir, home=options.home_assistant):
            _said("broker.wrote", lang, path)
    except OSError as error:
        return complain(error, lang)
    _said("broker.next", lang)
    return 0
