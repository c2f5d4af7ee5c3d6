"""The words that tables have for a missing value."""

from churn.model.spelling import clean

MISSING_WORDS = frozenset(map(clean, ("NA", "N/A", "NaN", "NULL", "None", "?", "-", "\\N")))
"""In clean spelling, as R, pandas, SQL dumps and people write them."""
