"""The outcome of scoring a file in words, which the command prints at its end. Needs no pyarrow."""

from collections import Counter
from typing import TYPE_CHECKING

from churn.model.contract import Contract
from churn.model.ranges import describe_range
from churn.model.refusals import Refusals
from churn.nouns import count_noun
from churn.tables.answer import PREFIX

if TYPE_CHECKING:
    from churn.batch.outcome import GainOutcome, Outcome

_MOST_KINDS = 20  # of problems, and fields


def describe_outcome(outcome: "Outcome", contract: Contract) -> str:
    """The numbers of scored and refused customers, the problems of these, and further notes, in lines."""
    scored = outcome.customers - outcome.refused
    lines = [f"{count_noun(outcome.customers, 'customer')}: {scored:,} scored, {outcome.refused:,} refused"]
    lines += _describe_kinds(outcome.refusals)
    lines += _describe_gains(outcome.gains) if outcome.gains else []
    lines += _describe_outside(outcome.outside, contract)
    lines.append(f"read as {outcome.form}")
    if outcome.hidden_rows:
        verb = "is" if outcome.hidden_rows == 1 else "are"
        lines.append(f"{outcome.hidden_rows:,} of the rows {verb} hidden in the workbook")
    columns = outcome.columns
    if columns.replaced:
        lines.append(f"an earlier answer is replaced: {', '.join(columns.replaced_names)}")
    for name in columns.renamed:
        lines.append(f"the answer's column is called {name}: the input has its own {name.removeprefix(PREFIX)}")
    return "\n".join(lines)


def _describe_kinds(refusals: Refusals) -> list[str]:
    """A line for each kind of problem, the most frequent first."""
    lines = []
    kinds = refusals.counts.most_common()
    for kind, count in kinds[:_MOST_KINDS]:
        field, problem = kind
        first = f"{'first ' if count > 1 else ''}in row {refusals.first_rows[kind]:,}"
        lines.append(f"  {count:,} x {field or 'row'}: {problem}, {first}")
    if len(kinds) > _MOST_KINDS:
        lines.append(f"  and {len(kinds) - _MOST_KINDS} more kinds")
    return lines


def _describe_gains(gains: "GainOutcome") -> list[str]:
    """Lines about the campaign, the calls with their cost and expected gain, and the customers without a gain."""
    terms, value = gains.plan.terms, gains.plan.value
    worth = _spell(value) if isinstance(value, float) else f"{_spell(value.months)} x {value.name}"
    lines = [
        f"campaign: value {worth}, offer {_spell(terms.offer)}, contact {_spell(terms.contact)}, "
        f"accept {_spell(terms.accept)}"
    ]
    called = gains.paying if gains.chosen is None else gains.chosen
    low, high = called.band
    if not gains.paying.contacts:
        lines.append("no call pays: no customer's expected gain is above 0")
    elif not called.contacts:
        lines.append(f"the budget pays for no call: one costs {terms.cost:,.2f} at most")
    else:
        calls = f"{count_noun(called.contacts, 'call')}{'' if gains.chosen else ' would pay'}"
        lines.append(
            f"{calls}, at a cost of {called.contacts * terms.cost:,.2f} at most: expected gain {called.gain:,.2f}, "
            f"between {low:,.2f} and {high:,.2f} in 95 % of cases"
        )
    if gains.chosen is not None and (more := gains.paying.contacts - called.contacts):
        lines.append(f"{count_noun(more, 'more call')} would have paid")
    if without := gains.missing.counts.total():
        lines.append(f"{count_noun(without, 'scored customer')} without an expected gain")
        lines += _describe_kinds(gains.missing)
    return lines


def _spell(figure: float) -> str:
    return f"{figure:,.10g}"


def _describe_outside(outside: Counter[str], contract: Contract) -> list[str]:
    """A line for each field with customers outside the training range, the field with the most first."""
    seen = {field.name: describe_range(field.minimum, field.maximum) for field in contract.numbers}
    lines = []
    for field, count in outside.most_common(_MOST_KINDS):
        lines.append(f"{field}: {count_noun(count, 'customer')} outside what training saw, {seen[field]}")
    if len(outside) > _MOST_KINDS:
        lines.append(f"and customers outside what training saw in {len(outside) - _MOST_KINDS} more fields")
    return lines
