"""Makes a pair that the service can load from a model trained elsewhere and a table of its customers. The table gives
what the model's file lacks: the contract, the average customer, the golden customers and the figures.

Owns the steps, and the refusal of a table of which too few customers are accepted. Fits nothing and changes no
probability.
"""

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import ModelError, TableError
from churn.model.card import DEFAULT_THRESHOLD, Card
from churn.model.columns import read_column
from churn.model.contract import Contract
from churn.model.training_counts import TrainingCounts
from churn.pickles.file_words import show_text, word_unusable
from churn.training.adopted_contract import learn_fields
from churn.training.adopted_table import AdoptedTable
from churn.training.adoption_wording import blank_lines, figure_lines, unknown_lines
from churn.training.categories import spell_as_known
from churn.training.cells import share_cells
from churn.training.complexity import Progress
from churn.training.counts import count_fields
from churn.training.evaluation import evaluate
from churn.training.fit import build_card, make_scorer, number_columns, predict_churn
from churn.training.foreign_model import ForeignModel
from churn.training.groups import find_groups
from churn.training.limits import set_limits
from churn.training.matrix import average_columns, name_column, read_columns
from churn.training.missing import in_rows
from churn.training.models import Fitted
from churn.training.newton import Optimum, make_classifier
from churn.training.refused import count_refused, taken_customers
from churn.training.split import draw_parts
from churn.training.table import Table
from churn.training.wording import contract_lines


@dataclass(frozen=True)
class Adoption:
    """A foreign model with everything that is learned about it from its table.

    `fitted` is the pair to write, with the contract. `rows` are the positions of the table's customers that the
    contract accepts, int64, and `probabilities` the model's for them, float64, 0 to 1; both of shape (n_taken,).
    `figures` are the card's; empty where the table has no target or the customers are all of one class.
    """

    foreign: ForeignModel
    adopted: AdoptedTable
    fitted: Fitted
    rows: np.ndarray
    probabilities: np.ndarray
    figures: dict[str, Any]

    @property
    def threshold(self) -> float:
        """The churn probability from which a customer counts as leaving: the one in the file, or 0.5."""
        threshold = self.foreign.linear.threshold
        return DEFAULT_THRESHOLD if threshold is None else threshold


def adopt_model(
    foreign: ForeignModel,
    adopted: AdoptedTable,
    *,
    limits: bool = True,
    groups: bool = True,
    progress: Progress = lambda line: None,
) -> Adoption:
    """The model with the contract and the average customer learned from the table.

    `limits` and `groups` switch these parts of the contract on; each line about a finding goes to `progress`.
    Raises TableError where the contract would refuse more than a tenth of the customers, and ModelError for columns
    that no field reaches.
    """
    table, dv_and_model = adopted.table, make_pair(foreign)
    contract = learn_fields(foreign, adopted)
    contract = set_limits(contract) if limits else contract
    for line in unknown_lines(table.customers, contract):
        progress(line)
    rows = _find_taken(table, contract, progress)
    customers = table.customers.iloc[rows]
    if groups:
        known = spell_as_known(customers, contract)
        contract = find_groups(contract, known, known)
    for line in (*contract_lines(contract), *blank_lines(contract)):
        progress(line)
    fitted = _fit(foreign, customers, contract, *dv_and_model)
    probabilities = predict_churn(customers, contract, *dv_and_model)
    figures = _evaluate(table.y[rows], probabilities) if adopted.is_labelled else {}
    for line in figure_lines(adopted, rows, probabilities, figures):
        progress(line)
    return Adoption(foreign, adopted, fitted, rows, probabilities, figures)


def _find_taken(table: Table, contract: Contract, progress: Progress) -> np.ndarray:
    """The positions of the customers that the contract accepts. Raises TableError where it refuses too many."""
    rows = np.flatnonzero(taken_customers(table.customers, contract))
    refused = count_refused(table.customers, contract)
    by_field = f" ({refused.describe()})" if refused.customers else ""
    words = f"{refused.customers:,} of {in_rows(len(table.y))}{by_field}"
    if not refused.leaves_enough(len(rows)):
        advice = "the model was trained on other customers, or the table spells them in another way"
        raise TableError(table.path, f"the service would refuse {words}: {advice}")
    progress(f"the service would refuse {words}")
    return rows


def _fit(
    foreign: ForeignModel,
    customers: pd.DataFrame,
    contract: Contract,
    dv: DictVectorizer,
    model: LogisticRegression,
) -> Fitted:
    """The pair with the averages of these customers. Raises ModelError for columns that no field reaches."""
    try:
        interactions = make_scorer(contract, dv, model).interactions
    except ValueError as error:
        raise ModelError(foreign.path, word_unusable(error)) from None
    average = average_columns(customers, contract, read_columns(dv.feature_names_, contract))
    return Fitted(contract, dv, model, average, share_cells(customers, contract, interactions))


def make_pair(foreign: ForeignModel) -> tuple[DictVectorizer, LogisticRegression]:
    """The pair to write to the model's file: scikit-learn's own objects, with the classes 0 and 1 and these weights.

    Columns with another separator are renamed with "=". Raises ModelError where a new name would mean another column.
    """
    linear = foreign.linear
    columns = {name: read_column(name, separator=linear.separator) for name in linear.weights}
    weights: dict[str, float] = {}
    for name, column in columns.items():
        spelled = name_column(column)
        if spelled in weights or read_column(spelled) != column:
            raise ModelError(
                foreign.path, f"has a column {show_text(name)}, which can't be written with '=' as the separator"
            )
        weights[spelled] = linear.weights[name]
    dv = number_columns(list(weights))
    ordered = np.array([weights[name] for name in dv.feature_names_])
    return dv, make_classifier(Optimum(ordered, linear.intercept, 1), C=foreign.C or 1.0)


def describe_adoption(adoption: Adoption, *, event: str | None = None) -> tuple[bytes, Card]:
    """The bytes of the model's file, and the card that belongs to them."""
    foreign, fitted, table = adoption.foreign, adoption.fitted, adoption.adopted.table
    pickled = pickle.dumps((fitted.dv, fitted.model), protocol=4)
    customers, folds = table.customers.iloc[adoption.rows], draw_parts(len(adoption.rows))
    labels = {"churn_rate": float(table.y.mean()), **table.found.describe()} if adoption.adopted.is_labelled else {}
    card = build_card(
        pickled,
        fitted.contract,
        fitted.dv,
        fitted.model,
        threshold=adoption.threshold,
        training=foreign.describe(),
        target=table.target,
        event=event,
        table={
            "sha256": table.sha256,
            "rows": len(table.y),
            "adopted_on": len(adoption.rows),
            "left_out": {column.name: column.reason for column in table.left_out},
            **labels,
        },
        figures=adoption.figures,
        average=fitted.average,
        shares=fitted.shares,
        counts=TrainingCounts(**count_fields(customers, fitted.contract, folds)._asdict()),
    )
    return pickled, card


def _evaluate(y: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """The card's figures on the customers that the model is adopted on; empty if they are all of one class."""
    if len(np.unique(y)) < 2:
        return {}
    return {"adopted_on": len(y), **evaluate(y, probabilities)}
