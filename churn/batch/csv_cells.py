"""Numbers and texts of an answer as cells of a CSV, by column, equal to those of answer_cells and Python's csv.

Needs pyarrow and NumPy.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PYTHON_SPELLS_BELOW, _PYTHON_SPELLS_FROM = 1e-3, 1e9  # Arrow spells these, and whole numbers, differently


def spell_numbers(numbers: np.ndarray, decimal_mark: str) -> pa.Array:
    """The numbers as Python spells them, with this decimal mark; "" for NaN."""
    texts = pc.cast(pa.array(numbers), pa.string())
    size = np.abs(numbers)
    plain = (size >= _PYTHON_SPELLS_BELOW) & (size < _PYTHON_SPELLS_FROM) & (numbers != np.floor(numbers))
    if not plain.all():
        spelled = ["" if number != number else repr(number) for number in numbers[~plain].tolist()]
        texts = pc.replace_with_mask(texts, pa.array(~plain), pa.array(spelled, type=pa.string()))
    return pc.replace_substring(texts, ".", decimal_mark) if decimal_mark != "." else texts


def quote_texts(texts: pa.Array, delimiter: str) -> pa.Array:
    """Texts as cells, in quotes if they need them."""
    special = pc.match_substring_regex(texts, f'[{delimiter}"\r\n]')
    if not pc.any(special).as_py():
        return texts
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(texts, '"', '""'), '"', "")
    return pc.if_else(special, quoted, texts)
