"""What a training table says before anything is fitted: churn by category, and which fields reveal most about churn.

Takes customers and labels as read_table gives them; draws nothing, fits nothing.
"""

import pandas as pd
from sklearn.metrics import mutual_info_score

from churn.training.table import Table


def churn_by_category(table: Table, field: str) -> pd.DataFrame:
    """How many customers each value of a category or flag has, how many of them left, compared with all customers.

    The index is the value; `customers` counts, `churn_rate` is 0 to 1, `difference` is that rate less the rate of
    all, `risk_ratio` is the one divided by the other: above 1 they leave more often than the average customer.
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
    """How much each category or flag reveals about churn, in nats, the most first: 0 is nothing at all.

    The most that there is to know, the entropy of a churn rate of 27 %, is 0.58 nats.
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
    """The labels under the customers' own index, by which pandas pairs them; a part of a table keeps its index."""
    return pd.Series(table.y, index=table.customers.index, dtype="float64")
