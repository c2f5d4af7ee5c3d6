"""The lines about a training: table, contract, recipe, campaign, and the comparison with the model in place.

Owns the wording of a finding, on the terminal and in a verdict. Decides nothing and measures nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from churn.model.card import DEFAULT_THRESHOLD
from churn.model.contract import Contract
from churn.model.event import Words, words_for
from churn.nouns import count_noun, count_subject
from churn.training.campaign import find_profit, find_profit_curve
from churn.training.findings import Findings
from churn.training.gate import Comparison, FittedOn, NotCompared, OneClass
from churn.training.groups import describe_groups
from churn.training.labels import quote_value, word_unlabelled
from churn.training.ladder import Ladder
from churn.training.limits import describe_limits
from churn.training.missing import in_rows
from churn.training.rungs import Recipe, Rung, describe_recipe
from churn.training.split import Split
from churn.training.table import Table
from churn.training.telling import TellingField

_MANY_COPIES = 0.01  # of the rows: worth a line
_RUNGS = {Rung.SCALED: "scaled columns", Rung.SHAPES: "shapes", Rung.PAIRS: "shapes and pairs"}
_MOST_SPELLINGS = 5  # of a class that a line lists


def target_lines(table: Table) -> Iterator[str]:
    """Lines about the meaning of the target's values, if they are not the usual ones, and rows without a label."""
    found = table.found
    if not found.is_yes_or_no:
        yield f"{table.target} is 1 for {_spellings(found.positive)}, and 0 for {_spellings(found.negative)}"
    if found.unlabelled:
        count, words = sum(found.unlabelled.values()), word_unlabelled(found.unlabelled)
        yield f"left out {in_rows(count)} without a label: {table.target} is {words}"


def column_lines(table: Table) -> Iterator[str]:
    """Lines about the columns that are not fields, and the fields whose numbers have marks."""
    for column in table.left_out:
        yield "; ".join(filter(None, (f"left out {column.name}: {column.reason}", column.advice)))
    for field, marks in table.marks.items():
        words = [f"without {marks.describe()}"] if marks.describe() else []
        words += ["with a decimal comma"] if marks.decimal_comma else []
        yield f"{field} is a number, read {', '.join(words)}"


def _spellings(spellings: Sequence[str]) -> str:
    words = [quote_value(text) if text else "a blank" for text in spellings[:_MOST_SPELLINGS]]
    if len(spellings) > _MOST_SPELLINGS:
        words.append(f"{len(spellings) - _MOST_SPELLINGS:,} more")
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def contract_lines(contract: Contract) -> Iterator[str]:
    """Lines with the number of fields of each kind, their limits, and the groups of their values."""
    kinds = Counter(type(field).__name__.lower() for field in contract.fields)
    yield f"learned the fields: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}"
    if limits := describe_limits(contract):
        yield f"learned the limits: {limits}"
    if contract.groups:
        yield f"learned {describe_groups(contract.groups)}"


def split_lines(split: Split) -> Iterator[str]:
    """Lines about a split by time and the rows that it leaves out; no line for a random split."""
    times = split.table.times
    if times is None:
        return
    if times.untimed:
        yield f"left out {count_noun(times.untimed, 'row')} without a time in {times.column}"
    yield describe_split(split)


def ladder_lines(ladder: Ladder, recipe: Recipe | None) -> Iterator[str]:
    """Lines about the recipe of a model, its log loss if recipes were compared, and its pairs of fields."""
    if ladder.reason:
        yield f"shapes and pairs of fields are not tried: {ladder.reason}"
    if ladder.failed:
        yield f"left out, since a fit does not reach its optimum: {'; '.join(_RUNGS[rung] for rung in ladder.failed)}"
    if ladder.losses:
        yield _compare_rungs(ladder, recipe)
    if recipe and recipe.pairs:
        words = ", ".join(f"{pair.first} with {pair.second}" for pair in recipe.pairs)
        yield f"{describe_recipe(recipe)}: {words}"
    elif recipe and ladder.rung is Rung.PAIRS:
        yield f"no pair of fields adds anything clear: {describe_recipe(recipe)}"
    if ladder.copies > _MANY_COPIES * ladder.rows:
        rows = f"{ladder.copies:,} of {in_rows(ladder.rows)}"
        yield f"{rows} are exact copies of another row, which makes pairs look better than they are"


def _compare_rungs(ladder: Ladder, recipe: Recipe | None) -> str:
    """The log loss of the recipe's own rung, which may be simpler than the ladder's: all rows together may show no
    pair.
    """
    plain = f"{ladder.losses[Rung.NONE]:.3f}"
    if recipe:
        return f"{_RUNGS[recipe.rung]}: log loss {ladder.losses[recipe.rung]:.3f} instead of {plain}"
    others = [rung for rung in ladder.losses if rung is not Rung.NONE and rung not in ladder.failed]
    if not others:
        return f"plain columns: log loss {plain}"
    compared = ", ".join(f"{_RUNGS[rung]} {ladder.losses[rung]:.3f}" for rung in others)
    return f"plain columns: log loss {plain}; no other recipe is better by more than chance explains: {compared}"


def describe_split(split: Split) -> str:
    """The split of a table in words."""
    times, share = split.table.times, f"{100 * len(split.test) / len(split.table.y):.3g} %"
    if times is None:
        return f"random split: tested on {share} of the rows, drawn at random with the seed {split.seed}"
    old, new = ([times.show(times.values[rows[place]]) for place in (0, -1)] for rows in (split.train, split.test))
    newest = f"tested on the newest {share} of the rows, {new[0]} to {new[1]}"
    return f"split in time by {times.column}: trained on {old[0]} to {old[1]}, {newest}"


def campaign_lines(findings: Findings) -> Iterator[str]:
    """Lines about the probability above which a contact pays, and the profit on the test part; empty without a
    campaign.
    """
    campaign, y, probabilities = findings.campaign, findings.tested.y, findings.tested.probabilities
    if campaign is None:
        return
    words = words_for(findings.event)
    yield f"a contact pays above a {words.probability} of {campaign.threshold:.4f}: this is the card's threshold"
    yield f"on the {len(y):,} test customers:  threshold  contacted       earned"
    best = find_profit_curve(campaign, y, probabilities).best
    thresholds = {"where it pays": campaign.threshold, "0.5": DEFAULT_THRESHOLD, "best in hindsight": best}
    for name, threshold in thresholds.items():
        contacted = (probabilities >= threshold).sum()
        profit = find_profit(campaign, y, probabilities, threshold=threshold)
        shown = f"{threshold:.4f}" if threshold <= 1 else "nobody"
        earned = f"{profit:,.0f}" if abs(profit) >= 1000 else f"{profit:.2f}"
        yield f"  {name:24}  {shown:>9}  {contacted:9,}  {earned:>11}"
    yield f"(a contacted customer who {words.would_stay} is assumed to accept the offer, too)"


def difference_lines(findings: Findings) -> Iterator[str]:
    """Lines about the differences from the model in place: figures, contract, threshold; empty if there is none."""
    in_place = findings.in_place
    if in_place is None:
        return
    yield f"compared with the model in place, {in_place.version or findings.model_name}:"
    if isinstance(in_place.comparison, NotCompared):
        yield f"  not compared: {not_compared_words(in_place.comparison)}"
    else:
        yield from (f"  {line}" for line in comparison_lines(in_place.comparison))
    yield from (f"  contract: {change}" for change in in_place.changes)
    words = threshold_words(findings)
    if words:
        hint = "" if findings.campaign else "; --value, --offer, --contact and --accept set one"
        yield f"  threshold: {words}{hint}"


def threshold_words(findings: Findings) -> str:
    """The new threshold and that of the model in place; "" if they are equal or the old one is unknown."""
    old = findings.in_place.threshold if findings.in_place else None
    return "" if old in (None, findings.threshold) else f"{findings.threshold:.4f}, was {old:.4f}"


def telling_words(field: TellingField, words: Words) -> str:
    """The reason why a field nearly predicts the target alone."""
    if field.auc is not None:
        figure = f"its own AUC is {field.auc:.3f} on the {field.part} part"
        return f"{field.field} alone ranks customers nearly perfectly ({figure})"
    only = words.did if field.label else words.did_not
    is_what = "filled" if field.usual is None else f"other than {quote_value(field.usual)}"
    return f"{field.field} is {is_what} only for customers who {only} (in {in_rows(field.filled)})"


def comparison_lines(comparison: Comparison) -> list[str]:
    """Lines with the AUCs of both models, the customers that they are measured on, and reservations about these."""
    refused = comparison.refused
    lines = [
        f"auc {comparison.new_auc:.3f}, was {comparison.old_auc:.3f}, "
        f"on the same {comparison.compared:,} test customers: {comparison.new_auc - comparison.old_auc:+.4f} "
        f"(95 %: {comparison.gain.low:+.4f} to {comparison.gain.high:+.4f})"
    ]
    if refused.customers:
        left_out = f"{count_subject(refused.customers, 'test customer')} left out of that"
        lines.append(f"{left_out}: the old model can't score them ({refused.describe()})")
    if comparison.is_adopted:
        lines.append("the old model was adopted: it may have been trained on these customers")
    elif not comparison.same_table:
        table = "another table" if comparison.same_table is False else "an unknown table"
        lines.append(f"the old model is from {table}: it may have been fitted on some of these customers")
    if comparison.fitted_on:
        left_out = f"{count_subject(comparison.fitted_on, 'more test customer')} left out"
        lines.append(f"{left_out}: the old model was fitted on other parts of this table, which include them")
    return lines


def comparison_sentences(comparison: Comparison) -> str:
    """The lines of comparison_lines as sentences in one text."""
    sentences = ". ".join(line[0].upper() + line[1:] for line in comparison_lines(comparison))
    return sentences.replace("Auc", "AUC")


def not_compared_words(comparison: NotCompared) -> str:
    """The reason why the model in place is not compared."""
    reason = comparison.reason
    if isinstance(reason, FittedOn):
        if reason.unseen is None:
            return "it was fitted on other parts of this table, and it is unknown which test customers they include"
        fitted_on = f"it was fitted on {reason.tested - reason.unseen:,} of the {reason.tested:,} test customers"
        return f"{fitted_on}, and the others are too few" if reason.unseen else fitted_on
    if not isinstance(reason, OneClass):
        return f"it can't be served: {reason}"
    words = f"it can score {reason.scored:,} of {reason.scored + reason.refused.customers:,} test customers"
    return f"{words}; refused: {reason.refused.describe()}" if reason.refused.customers else words


def compared_words(comparison: Comparison) -> str:
    """The number of test customers that both models score, in words."""
    return f"{comparison.compared:,} of {comparison.compared + comparison.refused.customers:,} test customers"


def tested_words(findings: Findings) -> str:
    """The number of test customers that the new model scores, in words."""
    tested = len(findings.tested.rows)
    return f"{tested:,} of {tested + findings.tested.refused.customers:,} test customers"
