"""`diemcau demo`: builds the stage, plays on it, and clears it away whatever happens.

Exit codes: 0 good, 1 a step of the checked day was not seen, 64 usage, 69 a service could not be started,
130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from controller.cli_parser import English, Parser
from controller.cli_words import language
from controller.demo.acts import Acts
from controller.demo.headless import Headless
from controller.demo.services import ServiceError
from controller.demo.stage import Stage, Wish
from controller.demo.story import Seen, Story
from controller.texts import DEFAULT_LANGUAGE, LANGUAGES, text

EX_UNAVAILABLE = 69
INTERRUPTED = 130
SPEED = 60.0
SPEED_MIN, SPEED_MAX = 1.0, 1000.0
"""1 = the rules' own waiting: an hour before the meeting is an hour. Beyond 300 nothing gets shorter any more."""
_ENDS = (signal.SIGTERM, signal.SIGHUP)


def main(argv: Sequence[str]) -> int:
    """Play the demo. Everything that was started is ended, also on Ctrl-C, SIGTERM or a closed terminal."""
    options = _parser(language(argv) or DEFAULT_LANGUAGE).parse_args(argv)
    wish = Wish(options.speed, options.seed, options.r9, options.lang, page=not options.headless)
    for number in _ENDS:
        signal.signal(number, _interrupt)
    try:
        return _play(wish, options.headless)
    except (ServiceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EX_UNAVAILABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _deaf() -> None:
    """An impatient second Ctrl-C must not leave a broker behind: clearing away takes seconds and is bounded."""
    for number in (signal.SIGINT, *_ENDS):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _play(wish: Wish, headless: bool) -> int:
    inbox: queue.SimpleQueue[Seen] = queue.SimpleQueue()
    stage = Stage(wish, inbox.put)
    code = INTERRUPTED
    try:
        code = _on(stage, inbox, headless)
    finally:
        _deaf()
        stage.stop()
        if code in (0, INTERRUPTED):
            stage.remove()
        else:
            sys.stderr.write(text("demo.kept", wish.lang, (stage.places.folder,)) + "\n")
    return code


def _on(stage: Stage, inbox: queue.SimpleQueue[Seen], headless: bool) -> int:
    """Start the stage and let one of the two ways of playing run on it."""
    cfg = stage.start()
    story = Story(loads=frozenset(cfg.loads))
    acts = Acts(stage, inbox.put, lambda: [name for name in cfg.loads if story.lines.get(name)])
    acts.start()
    try:
        if headless:
            return Headless(stage, acts, story, inbox).play(cfg)
        from controller.demo.terminal import Terminal  # rich: the checked day does without

        return Terminal(stage, acts, story, inbox).run(cfg)
    finally:
        acts.stop()


def _parser(lang: str) -> Parser:
    kind = English if lang == "en" else Parser
    parser = kind(prog="diemcau demo", description=text("cli.demo", lang))
    parser.add_argument("--headless", action="store_true", help=text("cli.opt.headless", lang))
    parser.add_argument(
        "--speed", type=_speed, default=SPEED, metavar="N", help=text("cli.opt.speed", lang, (SPEED,))
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help=text("cli.opt.demo_seed", lang))
    parser.add_argument(
        "--r9", choices=("watch", "remind", "enforce"), default="remind", help=text("cli.opt.r9", lang)
    )
    parser.add_argument("--lang", choices=LANGUAGES, default=DEFAULT_LANGUAGE, help=text("cli.opt.lang", lang))
    return parser


def _speed(word: str) -> float:
    speed = float(word)
    if not SPEED_MIN <= speed <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"{SPEED_MIN:g}…{SPEED_MAX:g}")
    return speed
