"""The options of the command `score`, which click shows and checks one by one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from churn.tables.decimals import DECIMAL_MARKS
from churn.tables.encoding import ENCODINGS

BAD_ROWS = 3
"""The exit status of --strict."""


class Probability(click.FloatRange):
    """A number from 0 to 1, without NaN, which click's own range accepts."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; ends the command for a value that is not one."""
        number = super().convert(value, param, ctx)
        return number if number == number else self.fail("NaN is not a probability", param, ctx)


_OPTIONS = (
    click.option("--top", type=click.IntRange(min=1), metavar="N", help="Keep the N riskiest, the riskiest first."),
    click.option("--threshold", type=Probability(0, 1), metavar="P", help="churn is true from probability P on."),
    click.option("--explain", type=click.IntRange(min=1), metavar="N", help="Add the N strongest reasons, in words."),
    click.option("--value", type=float, metavar="V", help="Add expected_gain: a customer who is kept is worth V."),
    click.option("--value-field", metavar="COLUMN", help="Like --value, with each customer's value from COLUMN."),
    click.option("--months", type=float, metavar="M", help="A customer is worth M times COLUMN; default 1."),
    click.option("--offer", type=float, metavar="O", help="The cost of an offer; default: the card's."),
    click.option("--contact", type=float, metavar="C", help="The cost of a contact; likewise."),
    click.option("--accept", type=float, metavar="P", help="The share of leavers who accept; likewise."),
    click.option(
        "--calls", type=click.IntRange(min=1), metavar="N", help="Keep the N best expected gains above 0, best first."
    ),
    click.option("--budget", type=float, metavar="B", help="As many calls as B pays for, with offer and contact."),
    click.option(
        "--encoding", type=click.Choice(ENCODINGS), metavar="NAME", help="The encoding of INPUT, if not detected."
    ),
    click.option("--decimal-mark", type=click.Choice([*DECIMAL_MARKS]), metavar="MARK", help="That of INPUT, a CSV."),
    click.option("--worksheet", metavar="NAME", help="That of INPUT, a workbook; default: the first visible."),
    click.option(
        "--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="COLUMN of INPUT is the model's FIELD."
    ),
    click.option(
        "--counts",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the counts of the customers' values to FILE, for python -m churn drift.",
    ),
    click.option("--strict", is_flag=True, help=f"Exit {BAD_ROWS} when a row is refused."),
)


def take_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with its options, in their order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
