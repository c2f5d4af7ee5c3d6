"""What became of a scored file, in the words that the command ends with. Needs no pyarrow."""

from collections import Counter
from typing import TYPE_CHECKING

from churn.model.contract import Contract
from churn.model.ranges import describe_range
from churn.tables.answer import PREFIX

if TYPE_CHECKING:
    from churn.batch.score import Outcome

_MOST_KINDS = 20  # of problems, and fields


def describe_outcome(outcome: "Outcome", contract: Contract) -> str:
    """The counts of scored and refused customers, what is wrong with these, and what else is to be known."""
    scored = outcome.customers - outcome.refused
    lines = [f"{outcome.customers:,} customers: {scored:,} scored, {outcome.refused:,} refused"]
    kinds = outcome.refusals.counts.most_common()
    for kind, count in kinds[:_MOST_KINDS]:
        field, problem = kind
        first = f"{'first ' if count > 1 else ''}in row {outcome.refusals.first_rows[kind]:,}"
        lines.append(f"  {count:,} x {field or 'row'}: {problem}, {first}")
    if len(kinds) > _MOST_KINDS:
        lines.append(f"  and {len(kinds) - _MOST_KINDS} more kinds")
    lines += _describe_outside(outcome.outside, contract)
    lines.append(f"read as {outcome.form}")
    if outcome.hidden_rows:
        lines.append(f"{outcome.hidden_rows:,} of the rows are hidden in the workbook")
    columns = outcome.columns
    if columns.replaced:
        lines.append(f"an earlier answer is replaced: {', '.join(columns.replaced_names)}")
    for name in columns.renamed:
        lines.append(f"the answer's column is called {name}: the input has its own {name.removeprefix(PREFIX)}")
    return "\n".join(lines)


def _describe_outside(outside: Counter[str], contract: Contract) -> list[str]:
    """A line for each of the fields in which customers are outside of what training saw, most of them first."""
    seen = {field.name: describe_range(field.minimum, field.maximum) for field in contract.numbers}
    lines = []
    for field, count in outside.most_common(_MOST_KINDS):
        customers = f"{count:,} customer{'s' if count != 1 else ''}"
        lines.append(f"{field}: {customers} outside what training saw, {seen[field]}")
    if len(outside) > _MOST_KINDS:
        lines.append(f"and customers outside what training saw in {len(outside) - _MOST_KINDS} more fields")
    return lines
