"""The options of train.py for the target: its column, its classes, and the verb for what customers do."""

import argparse
import re
from typing import Any

from churn.model.card import LONGEST_EVENT

_VERB = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '\u2019-])*")


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options to the parser."""
    target = parser.add_argument_group("target", "what to predict; yes/no and the like need no option")
    target.add_argument("--target", default="churn", metavar="COLUMN", help="the column to learn (churn)")
    target.add_argument("--positive", metavar="VALUE", help="the value to predict, where it is not yes, true or 1")
    target.add_argument("--rest-negative", action="store_true", help="treat all other values as its opposite")
    target.add_argument("--event", metavar="VERB", help="what the customers do, for the report and the page (leave)")


def read_event(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str | None:
    """The verb of --event, if given. Exits with status 2 if it is too long or has other characters than a verb."""
    if options.event is None:
        return None
    event: str = options.event.strip()
    if not _VERB.fullmatch(event) or len(event) > LONGEST_EVENT:
        form = f"of letters, spaces, hyphens and apostrophes, {LONGEST_EVENT} characters at most"
        parser.error(f'--event must be a verb on one line, {form}, as in "convert"')
    return event


def read_target_choices(parser: argparse.ArgumentParser, options: argparse.Namespace) -> dict[str, Any]:
    """The options about the target's values, as members of Choices.

    Exits with status 2 on a blank --positive, and on --rest-negative without --positive.
    """
    if options.positive is not None and not options.positive.strip():
        parser.error("--positive must be a value of the target; rows where it is blank are left out")
    if options.rest_negative and options.positive is None:
        parser.error("--rest-negative needs --positive")
    return {"positive": options.positive, "rest_negative": options.rest_negative}
