"""Generated customers and JSON values, for hypothesis."""

from hypothesis import strategies as st

from churn.model.fields import Category
from churn.model.file import load_model
from tests.customers import PROJECT

_CONTRACT = load_model(PROJECT / "model_C=1.0.bin").scorer.contract
CATEGORIES = {field.name: field.categories for field in _CONTRACT.fields if isinstance(field, Category)}

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
LIMITS = {"tenure": 144, "monthlycharges": 219.05, "totalcharges": 17_350.8}
"""The highest numbers that the shipped model accepts: twice the highest in training, less the lowest. The lowest is
0."""
INTERNET = ("onlinesecurity", "onlinebackup", "deviceprotection", "techsupport", "streamingtv", "streamingmovies")
"""The fields whose value is no_internet_service exactly where internetservice is no."""


def keep_together(customer: dict) -> dict:
    """The customer with its internet and phone services on in all of their fields, or off in all."""
    has_phone, has_internet = customer["phoneservice"] == "yes", customer["internetservice"] != "no"
    kept = {name: customer[name] if customer[name] != "no_internet_service" else "yes" for name in INTERNET}
    lines = customer["multiplelines"] if customer["multiplelines"] != "no_phone_service" else "yes"
    return (
        customer
        | (kept if has_internet else dict.fromkeys(INTERNET, "no_internet_service"))
        | {"multiplelines": lines if has_phone else "no_phone_service"}
    )


customers = st.fixed_dictionaries(
    {name: st.sampled_from(known) for name, known in CATEGORIES.items()}
    | {name: st.floats(0, highest) | st.integers(0, int(highest)) for name, highest in LIMITS.items()}
    | {"seniorcitizen": st.sampled_from([0, 1, True, False])}
).map(keep_together)
