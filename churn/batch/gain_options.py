"""The options of `score` for expected gains, with the figures of the card for those that are not given.

Owns which options go together, and which figures are missing.
"""

import math
import sys
from typing import NamedTuple

from churn.model.gain import Campaign, Terms
from churn.model.spelling import clean
from churn.tables.customer_values import GainPlan, ValueColumn

_EVERYBODY = sys.maxsize  # the number of calls if they cost nothing


class GainOptions(NamedTuple):
    """The options, None if not given: the figures of a campaign, and the limits on its calls."""

    value: float | None = None
    value_field: str | None = None
    months: float | None = None
    offer: float | None = None
    contact: float | None = None
    accept: float | None = None
    calls: int | None = None
    budget: float | None = None


class Calls(NamedTuple):
    """The plan for expected gains, and the most calls in OUTPUT; None for all rows of INPUT."""

    plan: GainPlan
    most: int | None


def read_calls(options: GainOptions, campaign: Campaign | None, *, top: int | None = None) -> Calls | None:
    """The plan and the most calls by the options; None if no option is given.

    `campaign` is the card's, whose figures replace those that are not given, and `top` the option of that name.
    Raises ValueError with a message for options that do not go together, figures that are invalid or missing, and a
    campaign in which no contact ever pays.
    """
    if all(option is None for option in options):
        return None
    _check_together(options, top)
    terms = _read_terms(options, campaign)
    value: float | ValueColumn
    if options.value_field is None:
        given = campaign.value if options.value is None and campaign else options.value
        assert given is not None
        value = Campaign(given, terms.offer, terms.contact, terms.accept).value
    else:
        value = ValueColumn(clean(options.value_field), 1.0 if options.months is None else options.months)
    most = options.calls
    if options.budget is not None:
        affordable = terms.count_calls(options.budget)
        most = _EVERYBODY if affordable is None else affordable
    return Calls(GainPlan(terms, value), most)


def _check_together(options: GainOptions, top: int | None) -> None:
    """Raises ValueError for options that exclude one another, and for invalid figures of this command alone."""
    if options.value is not None and options.value_field is not None:
        raise ValueError("--value is for all customers, --value-field for each; give one of them")
    if options.months is not None and options.value_field is None:
        raise ValueError("--months needs --value-field")
    if options.months is not None and not 0 < options.months < math.inf:
        raise ValueError("months must be above 0")
    if options.calls is not None and options.budget is not None:
        raise ValueError("--calls and --budget both limit the calls; give one of them")
    if options.budget is not None and not 0 <= options.budget < math.inf:
        raise ValueError("budget must be 0 or more")
    if top is not None and (options.calls is not None or options.budget is not None):
        raise ValueError("--top ranks by risk, --calls and --budget by expected gain; give one of them")


def _read_terms(options: GainOptions, campaign: Campaign | None) -> Terms:
    """The terms of the campaign. Raises ValueError if a figure is missing, including the value."""
    given = {name: getattr(options, name) for name in ("offer", "contact", "accept")}
    if campaign is None:
        has_value = options.value is not None or options.value_field is not None
        missing = [] if has_value else ["--value (or --value-field)"]
        missing += [f"--{name}" for name, figure in given.items() if figure is None]
        if missing:
            raise ValueError(f"the model's card has no campaign: give {', '.join(missing)}")
    figures = {name: getattr(campaign, name) if figure is None else figure for name, figure in given.items()}
    return Terms(**figures)
