"""How the command line speaks: in which language, with which exit codes, and how an error becomes one sentence.

No command lives here, and nothing that the process which rules a room would carry for nothing (cli_parser).
"""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from controller.texts import DEFAULT_LANGUAGE, LANGUAGES, ReadableError, text, verbatim
from controller.texts.foreign import system

WRONG, USAGE, UNAVAILABLE, NOT_NOW, CONFIG = 1, 64, 69, 75, 78
"""Found something wrong; sysexits.h: EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CONFIG."""


def language(words: Sequence[str]) -> str | None:
    """The language that the command line asks for, before it is understood; None when it does not."""
    for n, word in enumerate(words):
        said = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        said = words[n + 1] if word == "--lang" and n + 1 < len(words) else said
        if said in LANGUAGES:
            return said
    return None


def complain(error: Exception, lang: str | None) -> int:
    """Say in one sentence what a person has to mend; the exit code that fits."""

    said = lang or DEFAULT_LANGUAGE
    sys.stderr.write(sentence(error, said) + "\n")
    return CONFIG if isinstance(error, ReadableError | OSError) else USAGE


def sentence(error: Exception, lang: str) -> str:
    """An error in words: ours from the catalogue, the system's by its number, any other as it is."""
    if isinstance(error, ReadableError):
        return error.text(lang)
    if isinstance(error, OSError):
        code = _ERRNO.get(error.errno or 0, "os.other")
        place = error.filename or error.strerror or str(error) or type(error).__name__
        return verbatim(code, lang, (place, system(error).text(lang)))
    return text("os.other", lang, (type(error).__name__, error))


@contextmanager
def quiet() -> Iterator[None]:
    """For a command that says itself, in words, what drivers write into the service's log in English."""
    loggers = [logging.getLogger(name) for name in ("hardware", "controller.runtime.devices")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


_ERRNO = {
    errno.ENOENT: "os.absent",
    errno.ENODEV: "os.absent",
    errno.EACCES: "os.denied",
    errno.EPERM: "os.denied",
    errno.EEXIST: "os.exists",
    errno.ENOSPC: "os.full",
    errno.EROFS: "os.readonly",
    errno.EBUSY: "os.in_use",
    errno.EAGAIN: "os.in_use",
    errno.EADDRINUSE: "os.in_use",
}
