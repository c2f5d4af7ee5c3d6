"""Figures of a training table before any fit: churn by category, and the information of each field about churn.

Takes customers and labels as read_table returns them. Draws nothing and fits nothing.
"""

import pandas as pd
from sklearn.metrics import mutual_info_score

from churn.training.table import Table


def churn_by_category(table: Table, field: str) -> pd.DataFrame:
    """The number of customers with each value of a category or flag, and their churn rate compared with that of all.

    The index is the value. `customers` is a count, `churn_rate` is 0 to 1, `difference` is this rate less the rate of
    all customers, and `risk_ratio` this rate divided by that of all: above 1 they leave more often than average.
    """
    grouped = _labels(table).groupby(table.customers[field])
    overall = float(table.y.mean())
    rates = grouped.mean()
    return pd.DataFrame(
        {
            "customers": grouped.size(),
            "churn_rate": rates,
            "difference": rates - overall,
            "risk_ratio": rates / overall,
        }
    )


def mutual_information(table: Table) -> pd.Series:
    """The mutual information of each category or flag with churn, in nats, the highest first; 0 is no information.

    The upper limit is the entropy of churn: 0.58 nats at a churn rate of 27 %.
    """
    nats = {name: mutual_info_score(table.customers[name], table.y) for name in category_names(table)}
    return pd.Series(nats, dtype="float64").sort_values(ascending=False, kind="stable")


def correlations(table: Table) -> pd.Series:
    """Pearson's correlation of each number with churn, -1 to 1, the strongest first; blanks are left out."""
    y = _labels(table)
    names = [name for name in table.customers if name not in category_names(table)]
    coefficients = {name: table.customers[name].corr(y) for name in names}
    return pd.Series(coefficients, dtype="float64").sort_values(ascending=False, key=abs, kind="stable")


def category_names(table: Table) -> list[str]:
    """The columns that hold categories or 0/1 flags; the others hold numbers."""
    return [
        str(name)
        for name, column in table.customers.items()
        if not pd.api.types.is_numeric_dtype(column) or set(column.unique()) <= {0.0, 1.0}
    ]


def _labels(table: Table) -> pd.Series:
    """The labels with the customers' index, by which pandas matches them; a part of a table keeps its index."""
    return pd.Series(table.y, index=table.customers.index, dtype="float64")
