"""The names of a contract for people: labels, units and groups of the telco table's fields, and labels made from the
name for any other field.

Owns wording only: the contract has what a field accepts.
"""

from churn.model.fields import Number
from churn.model.marks import WORDS

GROUPS: dict[str, dict[str, str]] = {
    "Contract and billing": {
        "contract": "Contract",
        "paymentmethod": "Payment method",
        "paperlessbilling": "Paperless billing",
        "tenure": "Months with us",
        "monthlycharges": "Monthly charges",
        "totalcharges": "Charged so far",
    },
    "Services": {
        "internetservice": "Internet",
        "onlinesecurity": "Online security",
        "onlinebackup": "Online backup",
        "deviceprotection": "Device protection",
        "techsupport": "Tech support",
        "streamingtv": "Streaming TV",
        "streamingmovies": "Streaming movies",
        "phoneservice": "Phone",
        "multiplelines": "Multiple lines",
    },
    "Customer": {
        "gender": "Gender",
        "seniorcitizen": "Senior citizen",
        "partner": "Has a partner",
        "dependents": "Has dependents",
    },
}
"""The telco table's fields: group, name and label, in the order of the form."""

OTHER_GROUP = "Other"
"""The group of the fields that no other group names."""

UNITS = {"monthlycharges": "$", "totalcharges": "$"}
"""The unit shown before a field's number."""

_SPELLED = {"dsl": "DSL", "tv": "TV", "id": "ID", "usd": "USD"}
_EMPTY = "(blank)"


def label_field(name: str) -> str:
    """The label of a field.

    >>> label_field("monthlycharges"), label_field("average_call_minutes")
    ('Monthly charges', 'Average call minutes')
    """
    for labels in GROUPS.values():
        if name in labels:
            return labels[name]
    return label_category(name)


def label_category(category: str) -> str:
    """The label of a category in clean spelling.

    >>> [label_category(category) for category in ("no_internet_service", "bank_transfer_(automatic)", "dsl")]
    ['No internet service', 'Bank transfer (automatic)', 'DSL']
    """
    words = [_SPELLED.get(word, word) for word in category.split("_") if word]
    words[:1] = [word[:1].upper() + word[1:] for word in words[:1]]
    return " ".join(words) or _EMPTY


def label_number(field: Number, number: float) -> str:
    """A field's number with its unit.

    >>> from churn.model.marks import Marks
    >>> label_number(Number("totalcharges"), 1900.0), label_number(Number("share", marks=Marks(sign="%")), 5.5)
    ('$1,900', '5.5%')
    """
    before, behind = unit_of(field)
    return f"{before}{number:,.10g}{behind}"


def unit_of(field: Number) -> tuple[str, str]:
    """The texts shown before and after a field's numbers: its sign, or the unit of a telco field."""
    sign = field.marks.sign if field.marks else ""
    if not sign:
        return UNITS.get(field.name, ""), ""
    return ("", sign) if sign == "%" else (f"{sign} " if sign in WORDS else sign, "")
