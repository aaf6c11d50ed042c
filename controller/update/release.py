"""`diemcau release …`: the office makes keys, builds a bundle, offers it to a ring, and publishes a static tree.

    keys DIR                       once: key files and the office's shape.json, with a walk through who keeps which
    init                           once: the tree with the first root, which rooms are adopted with
    build CHECKOUT                 the bundle: every Python and machine
    offer RING BUNDLE --percent N  this ring takes it
    pack FILE --ring RING | --room SLUG
    rings FILE | room SLUG FILE | withdraw RING | rotate SHAPE | publish | show

Every key that is in a `--keys` folder signs; a passphrase left empty leaves its key out. 0; 78 where what is given
cannot be used, with the reason.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Key

from controller import config
from controller.cli_words import CONFIG, complain
from controller.texts import ReadableError, text
from controller.update.build import Kind, build
from controller.update.client import BUNDLE
from controller.update.kept import PACK
from controller.update.plan import BadOffer, offer, version
from controller.update.releasing import UNREADABLE, Repository, Shape, load_key, new_key

SHAPE = "shape.json"
PUBLIC = "public.json"
PASSPHRASE_CHARS = 12

Ask = Callable[[str], str]


def release(options: argparse.Namespace, ask: Ask = getpass) -> int:
    """Exit code; what was done is said line by line."""
    try:
        _ACTS[options.what](options, ask)
    except BadOffer as error:
        return _cannot(text(error.code, options.lang, error.args[1:]))
    except (ReadableError, OSError) as error:
        return complain(error, options.lang)
    except EOFError:
        return _cannot(text("release.no_terminal", options.lang))
    except (ValueError, KeyError, TypeError, *UNREADABLE) as error:
        return _cannot(text("release.cannot", options.lang, (error,)))
    return 0


def _cannot(said: str) -> int:
    sys.stderr.write(said + "\n")
    return CONFIG


def _say(options: argparse.Namespace, code: str, *args: object) -> None:
    sys.stdout.write(text(code, options.lang, args) + "\n")


def _keys(options: argparse.Namespace, ask: Ask) -> None:
    """One after another: each key with its own passphrase, to be carried away before the next is made."""
    folder = options.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shape = _shape([folder])
    public = _public([folder])
    for name in dict.fromkeys(name for names in shape.keys.values() for name in names):
        if name in public:
            continue
        _say(options, f"release.key_{_held(name)}", name)
        words = None if _held(name) == "online" else _passphrase(options, name, ask)
        public[name] = new_key(folder / f"{name}.pem", words).public_key
        (folder / PUBLIC).write_text(
            json.dumps({n: key.to_dict() | {"keyid": key.keyid} for n, key in public.items()})
        )
    (folder / SHAPE).write_text(json.dumps(asdict(shape), indent=1))
    _say(options, "release.keys_made", folder, shape.threshold("root"), len(shape.of("root")))


def _held(name: str) -> str:
    return name.partition("-")[0] if name.partition("-")[0] in ("root", "targets", "online") else "targets"


def _passphrase(options: argparse.Namespace, name: str, ask: Ask) -> bytes:
    while True:
        words = ask(text("release.passphrase", options.lang, (name,)) + " ")
        if len(words) < PASSPHRASE_CHARS:
            _say(options, "release.short", PASSPHRASE_CHARS)
        elif ask(text("release.again", options.lang, (name,)) + " ") != words:
            _say(options, "release.differs")
        else:
            return words.encode()


def _shape(folders: Sequence[Path]) -> Shape:
    """The office's own thresholds and rings; what is shipped where it has none."""
    for folder in folders:
        if (folder / SHAPE).is_file():
            return _read_shape(folder / SHAPE)
    return Shape()


def _read_shape(path: Path) -> Shape:
    tree = _json(path)
    keys = {str(role): tuple(str(one) for one in names) for role, names in tree["keys"].items()}
    need = {str(role): int(count) for role, count in tree["need"].items()}
    return Shape(tuple(str(one) for one in tree["rings"]), keys, need)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReadableError("release.not_json", path, error) from error


def _public(folders: Sequence[Path]) -> dict[str, Key]:
    found: dict[str, Key] = {}
    for folder in folders:
        if (folder / PUBLIC).is_file():
            for name, tree in _json(folder / PUBLIC).items():
                found[name] = Key.from_dict(tree.pop("keyid"), tree)
    return found


def _signers(options: argparse.Namespace, ask: Ask) -> dict[str, CryptoSigner]:
    """Every key that is here and opened."""
    found: dict[str, CryptoSigner] = {}
    for folder in options.keys:
        for path in sorted(folder.glob("*.pem")):
            hidden = b"ENCRYPTED" in path.read_bytes()
            words = ask(text("release.passphrase", options.lang, (path.stem,)) + " ") if hidden else ""
            if hidden and not words:
                continue
            found[path.stem] = load_key(path, words.encode() if hidden else None)
    return found


def _repository(options: argparse.Namespace, ask: Ask) -> Repository:
    _there(options.to)
    return _tree(options, ask)


def _there(to: Path) -> None:
    """Asked before any passphrase is."""
    if not any((to / "metadata").glob("*.root.json")):
        raise ReadableError("release.no_tree", to)


def _tree(options: argparse.Namespace, ask: Ask) -> Repository:
    return Repository(options.to, _shape(options.keys), _signers(options, ask), lambda: datetime.now(UTC))


def _init(options: argparse.Namespace, ask: Ask) -> None:
    if (options.to / "metadata").exists():
        raise ReadableError("release.tree_there", options.to)
    shape, public = _shape(options.keys), _public(options.keys)
    if lost := [
        name for name in dict.fromkeys(n for names in shape.keys.values() for n in names) if name not in public
    ]:
        raise ReadableError("release.no_keys", ", ".join(lost))
    repository = _tree(options, ask)
    repository.create(public)
    repository.rings([{"name": name} for name in repository.shape.rings])
    repository.publish()
    _say(options, "release.made", options.to, options.to / "metadata" / "1.root.json")


def _build(options: argparse.Namespace, _ask: Ask) -> None:
    options.to.mkdir(parents=True, exist_ok=True)
    kind = Kind(tuple(options.python), tuple(options.machine))
    made = build(options.checkout, options.to, round(time.time()), kind, options.version)
    (options.to / "offer.json").write_text(json.dumps(made.custom, indent=1))
    _say(options, "release.built", made.version, made.path, made.path.stat().st_size >> 20)


def _offer(options: argparse.Namespace, ask: Ask) -> None:
    custom: Mapping[str, object] = _json(options.bundle / "offer.json")
    told = {**custom, "percent": options.percent, "minimum": options.minimum}
    made = offer(told)
    repository = _repository(options, ask)
    if options.ring not in repository.shape.rings:
        raise ReadableError("release.no_ring", options.ring, ", ".join(repository.shape.rings))
    repository.offer(options.ring, options.bundle / BUNDLE, told)
    repository.publish()
    _say(options, "release.offered", made.version, options.ring, made.percent)


def _rings(options: argparse.Namespace, ask: Ask) -> None:
    repository = _repository(options, ask)
    repository.rings(_json(options.file))
    repository.publish()


def _room(options: argparse.Namespace, ask: Ask) -> None:
    repository = _repository(options, ask)
    repository.configure(options.slug, options.file.read_bytes())
    repository.publish()


def _pack(options: argparse.Namespace, ask: Ask) -> None:
    """A rule pack under the name that room.toml names it by; read as rooms read it before passphrases are asked."""
    file: Path = options.file
    if not PACK.fullmatch(file.name):
        raise ReadableError("release.pack_name", file.name)
    config.pack(file)
    shape = _shape(options.keys)
    if options.ring is not None and options.ring not in shape.rings:
        raise ReadableError("release.no_ring", options.ring, ", ".join(shape.rings))
    whose = f"ring/{options.ring}" if options.ring is not None else f"room/{options.room}"
    repository = _repository(options, ask)
    repository.pack(whose, file.name, file.read_bytes())
    repository.publish()
    _say(options, "release.pack_signed", file.name, options.ring or options.room)


def _withdraw(options: argparse.Namespace, ask: Ask) -> None:
    repository = _repository(options, ask)
    repository.withdraw(options.ring)
    repository.publish()
    _say(options, "release.withdrawn", options.ring)


def _rotate(options: argparse.Namespace, ask: Ask) -> None:
    repository = _repository(options, ask)
    repository.rotate(_read_shape(options.file), _public(options.keys))
    _say(options, "release.rotated", repository.root().version)


def _publish(options: argparse.Namespace, ask: Ask) -> None:
    _repository(options, ask).publish()
    _say(options, "release.published", options.to)


def _show(options: argparse.Namespace, _ask: Ask) -> None:
    """What each ring is offered; needs no key."""
    _there(options.to)
    shape = _shape(options.keys)
    repository = Repository(options.to, shape, {}, lambda: datetime.now(UTC))
    for ring in shape.rings:
        custom = repository.offered(ring)
        if custom is None:
            _say(options, "release.none", ring)
        else:
            made = offer(custom)
            version(made.version)
            _say(options, "release.shown", ring, made.version, made.percent, made.minimum)
    for whose, name in repository.packs():
        _say(options, "release.pack_shown", whose, name)


_ACTS: Mapping[str, Callable[[argparse.Namespace, Ask], None]] = {
    "keys": _keys,
    "init": _init,
    "build": _build,
    "offer": _offer,
    "rings": _rings,
    "room": _room,
    "pack": _pack,
    "withdraw": _withdraw,
    "rotate": _rotate,
    "publish": _publish,
    "show": _show,
}
