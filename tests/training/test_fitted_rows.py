"""The rows that a model is fitted on are customers that its contract takes, as their table spells them."""

from unittest import mock

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.model.spelling import clean, is_blank
from churn.training import groups
from churn.training.categories import spell_category
from churn.training.fit import learn_contract
from churn.training.groups import find_groups
from churn.training.limits import set_limits
from churn.training.refused import taken_customers
from tests.drawn_contracts import scorer_of

WORDS = {"na", "?", "-9"}
categories = st.sampled_from(["Basic", " gold ", "Two year", "", " ", "NA", "?", "None", "-", "3", "3.0", "1.50"])
numbers = st.sampled_from(["0", "1", "2.5", "-3", "1e6", "", "NA", " na", "-9", "-9.0"])
flags = st.sampled_from(["0", "1"])


def read_column(texts: list[str], *, as_numbers: bool) -> tuple[pd.Series, tuple[str, ...]]:
    """A column as read_table has it, and the words for a blank that occur in it."""
    words = tuple(sorted({clean(text) for text in texts} & WORDS))
    if not as_numbers:
        cells = ["" if is_blank(text) or clean(text) in words else spell_category(text, ".") for text in texts]
        return pd.Series(cells, dtype="str"), words
    missing = [is_blank(text) or clean(text) in words or ("-9" in words and text == "-9.0") for text in texts]
    return pd.Series([np.nan if blank else float(text) for text, blank in zip(texts, missing, strict=True)]), words


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_scoring_the_rows_that_a_model_was_fitted_on_refuses_none(data):
    count = data.draw(st.integers(2, 30))
    kinds = data.draw(st.lists(st.sampled_from([categories, numbers, flags]), min_size=1, max_size=5))
    texts = {
        f"c{place}": data.draw(st.lists(kind, min_size=count, max_size=count)) for place, kind in enumerate(kinds)
    }
    columns, missing = {}, {}
    for (name, cells), kind in zip(texts.items(), kinds, strict=True):
        columns[name], missing[name] = read_column(cells, as_numbers=kind is not categories)
    customers = pd.DataFrame(columns)
    contract = set_limits(learn_contract(customers, {}, missing))
    with mock.patch.object(groups, "FEWEST_ROWS", 2):
        contract = find_groups(contract, customers, customers)
    assert taken_customers(customers, contract).all()
    scorer = scorer_of(contract)
    for row in range(count):
        scorer.log_odds({name: cells[row] for name, cells in texts.items()})
