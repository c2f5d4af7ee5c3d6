"""When a signal ends a command: in order, so that it removes what it began; never while it puts files in place."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def catch_endings(handler: Callable[[int, FrameType | None], None]) -> None:
    """Lets a command end in order: the signals that would end it go to a handler, but one that it is to ignore."""
    for ending in _ENDINGS:
        if signal.getsignal(ending) is not signal.SIG_IGN:  # nohup's
            signal.signal(ending, handler)


@contextmanager
def finishing() -> Iterator[None]:
    """What is begun in the block is finished, and so is the process: no signal ends it any more.

    For a command that has nothing else to do afterwards. Where the block fails, signals end the process as before.
    """
    handlers = {ending: signal.signal(ending, signal.SIG_IGN) for ending in (signal.SIGINT, *_ENDINGS)}
    try:
        yield
    except BaseException:
        for ending, handler in handlers.items():
            signal.signal(ending, handler)
        raise
