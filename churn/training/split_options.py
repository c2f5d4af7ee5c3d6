"""The options of train.py for the rows to test on and the penalties to try, and their checks."""

import argparse
from typing import Any

from churn.training.split import SEED, TEST_SHARE

_DAY_FIRST = {"day-first": True, "month-first": False}
_MOST_SEED = 2**32 - 1  # NumPy's


def add_split_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options to the parser."""
    split = parser.add_argument_group("split", "the rows to test on: random ones, or the newest")
    split.add_argument("--time", metavar="COLUMN", help="dates, or numbers that order: test on the newest rows")
    split.add_argument("--date-order", choices=_DAY_FIRST, help="how to read 3/4/2023, if no date shows it")
    split.add_argument("--test-share", type=float, default=TEST_SHARE, help=f"of the rows, 0 to 1 ({TEST_SHARE})")
    split.add_argument("--seed", type=int, metavar="NUMBER", help=f"the seed for drawing rows ({SEED})")


def check_split_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exits with status 2 on figures out of range, and on options that have no effect together."""
    if not 0 < options.test_share < 1:
        parser.error("--test-share must be a share of the rows, above 0 and below 1")
    if options.seed is not None and not 0 <= options.seed <= _MOST_SEED:
        parser.error(f"--seed must be a whole number from 0 to {_MOST_SEED}")
    if options.seed is not None and options.time is not None:
        parser.error("--seed has no effect with --time: no row is drawn at random")
    if options.date_order is not None and options.time is None:
        parser.error("--date-order needs --time")


def read_time_choices(options: argparse.Namespace) -> dict[str, Any]:
    """The options about the column that orders the rows, as members of Choices."""
    day_first = None if options.date_order is None else _DAY_FIRST[options.date_order]
    return {"time": options.time, "day_first": day_first}


def read_penalties(text: str) -> tuple[float, ...]:
    """The distinct values of C in a text such as 0.1,1,10, ascending. Raises ArgumentTypeError for any other text.

    >>> read_penalties("10,0.1,1,10")
    (0.1, 1.0, 10.0)
    """
    try:
        penalties = {float(number) for number in text.split(",")}
    except ValueError:
        penalties = set()
    if not penalties or not all(0 < penalty < float("inf") for penalty in penalties):
        raise argparse.ArgumentTypeError("must be a number above 0, or several with commas between them")
    return tuple(sorted(penalties))
