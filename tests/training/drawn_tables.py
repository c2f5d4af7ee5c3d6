"""Generated tables of categories, numbers and flags, as read_table has them."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from churn.model.spelling import clean, is_blank
from churn.training.categories import spell_category

WORDS = {"na", "?", "-9"}
categories = st.sampled_from(["Basic", " gold ", "Two year", "", " ", "NA", "?", "None", "-", "3", "3.0", "1.50"])
numbers = st.sampled_from(["0", "1", "2.5", "-3", "1e6", "", "NA", " na", "-9", "-9.0"])
flags = st.sampled_from(["0", "1"])


def read_column(texts: list[str], *, as_numbers: bool) -> tuple[pd.Series, tuple[str, ...]]:
    """A column as read_table returns it, and the words for a blank that occur in it."""
    words = tuple(sorted({clean(text) for text in texts} & WORDS))
    if not as_numbers:
        cells = ["" if is_blank(text) or clean(text) in words else spell_category(text, ".") for text in texts]
        return pd.Series(cells, dtype="str"), words
    missing = [is_blank(text) or clean(text) in words or ("-9" in words and text == "-9.0") for text in texts]
    return pd.Series([np.nan if blank else float(text) for text, blank in zip(texts, missing, strict=True)]), words


def draw_table(data, *, most: int) -> tuple[dict[str, list[str]], pd.DataFrame, dict[str, tuple[str, ...]]]:
    """The texts of 2 to `most` rows by column, the table that they make, and each column's words for a blank."""
    count = data.draw(st.integers(2, most))
    kinds = data.draw(st.lists(st.sampled_from([categories, numbers, flags]), min_size=1, max_size=5))
    texts = {
        f"c{place}": data.draw(st.lists(kind, min_size=count, max_size=count)) for place, kind in enumerate(kinds)
    }
    columns, missing = {}, {}
    for (name, cells), kind in zip(texts.items(), kinds, strict=True):
        columns[name], missing[name] = read_column(cells, as_numbers=kind is not categories)
    return texts, pd.DataFrame(columns), missing
