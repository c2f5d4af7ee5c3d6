"""The lines that an adoption prints: the content of the model's file, the values of the table that the model does not
know, and the model's figures there.

Decides nothing and measures only rows.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Number, show_value
from churn.model.positive_class import show_label
from churn.model.spelling import clean
from churn.training.adopted_table import AdoptedTable
from churn.training.categories import spell_as_known
from churn.training.choices import Choices
from churn.training.evaluation import calibration_gap
from churn.training.fields import find_met
from churn.training.foreign_model import ForeignModel
from churn.training.labels import quote_value
from churn.training.missing import in_rows, join_words
from churn.training.table import Table
from churn.training.unknown import MOST_UNKNOWN, estimate_unknown, of_customers

_MOST_LISTED = 5  # categories of a field
_FAR_OFF = 1.5  # an odds ratio; class_weight="balanced" makes 2 or more from a churn rate of a third or less


def foreign_lines(foreign: ForeignModel) -> Iterator[str]:
    """Lines about the content of a model's file and the class that leaves."""
    columns, fields = len(foreign.linear.weights), len(foreign.contract.fields)
    library = f", from scikit-learn {foreign.library}" if foreign.library else ""
    yield f"found a logistic regression with {columns:,} columns in {fields:,} fields{library}"
    if foreign.folded:
        yield f"folded into its weights: {join_words(foreign.folded)}"
    stays, leaves = map(show_label, foreign.linear.classes)
    yield f"who leaves: {leaves} (who stays: {stays})"
    if foreign.linear.threshold is not None:
        yield f"the file's threshold, {foreign.linear.threshold:g}, is read as a probability of leaving"


def missing_lines(table: Table, choices: Choices) -> Iterator[str]:
    """Lines about the table's words that are read as blanks, by field, and the words of --missing in no column."""
    met = find_met(choices, clean(table.target), [clean(word) for word in table.found.unlabelled])
    for field, words in table.missing.items():
        met |= find_met(choices, field, words)
        yield f"{field}: {_list(words)} {'is read as a blank' if len(words) == 1 else 'are read as blanks'}"
    for named in choices.missing:
        if named not in met:
            yield f"--missing names {named!r}, which no field has"


def unknown_lines(customers: pd.DataFrame, contract: Contract) -> Iterator[str]:
    """Lines about categories of the table without a weight, with their rows, and of the model without a row."""
    known = spell_as_known(customers, contract)
    for field in contract.fields:
        if not isinstance(field, Category):
            continue
        column = known[field.name]
        unknown = column[~column.isin(field.categories)].value_counts()
        if len(unknown):
            share = f"{show_value(float(f'{100 * unknown.sum() / len(column):.2g}'))} %"
            words = f"{field.name}: the model has no weight for {_list([str(text) for text in unknown.index])}"
            yield (
                f"{words}, in {in_rows(int(unknown.sum()))} ({share}): such customers are refused; "
                "scikit-learn alone would ignore the value"
            )
        estimate = estimate_unknown(column.value_counts().to_numpy())
        if estimate.lower > MOST_UNKNOWN:
            share = of_customers(estimate.share)
            yield f"{field.name}: by estimate, {share} new customers have a category that no row has, and are refused"
        absent = sorted(set(field.categories).difference(column.unique()))
        if absent:
            yield f"{field.name}: no row has {_list(absent)}, which the model knows and accepts"


def blank_lines(contract: Contract) -> Iterator[str]:
    """Lines about blanks whose meaning comes from the table, since the model's columns do not give it."""
    for field in contract.fields:
        if isinstance(field, Number) and field.blank and not field.blank.apart:
            where = f" where {field.blank.where}" if field.blank.where else ""
            counts = f"a blank counts as {show_value(field.blank.value)}{where}, as the table suggests"
            yield f"{field.name}: {counts}; only the model's author knows what it was trained with"


def figure_lines(
    adopted: AdoptedTable, rows: np.ndarray, probabilities: np.ndarray, figures: Mapping[str, float]
) -> Iterator[str]:
    """Lines with the model's figures on the rows that it accepts; it may have been trained on them."""
    mean = float(probabilities.mean())
    if not adopted.is_labelled:
        yield f"no figures: the table has no column {adopted.table.target!r}; --target names another one"
        yield f"on these {len(rows):,} customers: mean probability {mean:.3f}"
        return
    if not figures:
        yield "no figures: the customers that the model accepts are all of one class"
        return
    y = adopted.table.y[rows]
    rate, is_reversed = float(y.mean()), figures["auc"] < 0.5
    on = f"on these {len(rows):,} customers, on which the model may have been trained"
    yield f"{on}: auc={figures['auc']:.3f}, mean probability {mean:.3f}, churn rate {rate:.3f}"
    is_far = _is_far_off(y, probabilities) and not (is_reversed and not _is_far_off(1 - y, probabilities))
    if is_far:
        yield (
            f"a mean probability of {mean:.3f} is far from the churn rate: are the table's numbers in the units that "
            "the model was trained on, or were they scaled for it? A model fitted with class_weight, or on customers "
            "of another churn rate, is far from it, too"
        )
    if is_reversed:
        unless = ", unless the units are the cause" if is_far else ""
        words = f"an AUC below 0.5 means that the model ranks the wrong way round{unless}"
        yield f"{words}: --positive names the class that leaves"


def _is_far_off(y: np.ndarray, probabilities: np.ndarray) -> bool:
    """True if the odds of the mean probability and of the churn rate differ by more than a factor of 1.5, and chance
    does not explain it. On the customers that a model was fitted on the two odds are equal.
    """
    mean, rate = probabilities.mean(), y.mean()
    larger, smaller = max(mean, rate), min(mean, rate)
    is_far = larger * (1 - smaller) > _FAR_OFF * smaller * (1 - larger)
    return bool(is_far) and not calibration_gap(y, probabilities, fitted_on=len(y)).explained


def _list(categories: Sequence[str]) -> str:
    shown = [quote_value(category) if category else "a blank" for category in categories[:_MOST_LISTED]]
    more = [f"{len(categories) - _MOST_LISTED:,} more"] if len(categories) > _MOST_LISTED else []
    return join_words([*shown, *more])
