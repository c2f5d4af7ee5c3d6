"""Generated customers and JSON values, for hypothesis."""

from hypothesis import strategies as st

from churn.model.fields import Category
from churn.model.file import load_model
from tests.customers import NUMBERS, PROJECT

_CONTRACT = load_model(PROJECT / "model_C=1.0.bin").scorer.contract
CATEGORIES = {field.name: field.categories for field in _CONTRACT.fields if isinstance(field, Category)}

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
numbers = st.floats(0, 1e6) | st.integers(0, 10_000)
customers = st.fixed_dictionaries(
    {name: st.sampled_from(known) for name, known in CATEGORIES.items()}
    | dict.fromkeys(NUMBERS[1:], numbers)
    | {"seniorcitizen": st.sampled_from([0, 1, True, False])}
)
