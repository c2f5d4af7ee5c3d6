"""Signals that end a command: it ends in order and removes unfinished files, but not while it puts files in place."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def catch_endings(handler: Callable[[int, FrameType | None], None]) -> None:
    """Passes the signals that end a command to a handler, so that it ends in order; ignored ones stay ignored."""
    for ending in _ENDINGS:
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
            signal.signal(ending, handler)


@contextmanager
def finishing() -> Iterator[None]:
    """Ignores the signals that would end the process, so that the block, and then the process, is finished.

    For the last step of a command. If the block fails, signals end the process as before.
    """
    handlers = {ending: signal.signal(ending, signal.SIG_IGN) for ending in (signal.SIGINT, *_ENDINGS)}
    try:
        yield
    except BaseException:
        for ending, handler in handlers.items():
            signal.signal(ending, handler)
        raise
