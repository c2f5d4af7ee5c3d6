"""Finds the field because of which a fit does not reach its optimum, by fitting without it.

A field is named, and a remedy given, only when a fit with that remedy has reached its optimum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from sklearn.feature_extraction import DictVectorizer

from churn.errors import FitError
from churn.model.columns import category_column, log_column
from churn.model.contract import Contract
from churn.model.fields import Category, Field, Number
from churn.training.fit import fit_model
from churn.training.telling import rank_alone

MOST_TRIED = 10
"""The number of fields, the most suspicious ones, that are left out one at a time to see whether the fit succeeds."""
_WEAKEST = 12  # powers of ten that are tried below C, and below 1
_ALIKE = 1 - 1e-12  # the correlation of two columns of which one is computed from the other
_DIGITS = 3  # before the decimal point, of a number in units that suit a fit


def explain_failure(X: np.ndarray, y: np.ndarray, contract: Contract, dv: DictVectorizer, *, C: float) -> FitError:
    """The error for a failed fit, with the field that causes the failure and a remedy.

    Arguments as for build_matrix and fit_model. The error has general advice where no such field is found.
    """
    failed = _Failure(X, y, contract, dv, C)
    reasons = (failed.find_scale, failed.find_double, failed.find_separation, failed.find_penalty)
    with np.errstate(over="ignore", invalid="ignore"):
        reason = next((found for find in reasons if (found := find())), "")
    return FitError(C, reason)


@dataclass(frozen=True)
class _Failure:
    X: np.ndarray
    y: np.ndarray
    contract: Contract
    dv: DictVectorizer
    C: float

    def find_scale(self) -> str:
        """The reason if numbers differ too much in size for the arithmetic: the fit succeeds once all are scaled.

        Where the fit succeeds with the usual penalty, the penalty is the cause, not the size.
        """
        largest = np.abs(self.X).max(axis=0)
        if self.succeeds(self.X, C=1.0) or not self.succeeds(self.X / np.where(largest > 0, largest, 1)):
            return ""
        numbers = [field for field in self.contract.fields if isinstance(field, Number)]
        blamed = self.find_smallest_set(sorted(numbers, key=lambda field: -_largest(field)))
        ranges = [f"{field.name} goes from {field.minimum:g} to {field.maximum:g}" for field in blamed]
        if not blamed:
            return ""
        units = [10.0 ** max(np.floor(np.log10(_largest(field))) + 1 - _DIGITS, 0) for field in blamed]
        divided = self.divide(blamed, units)
        other = ""
        if self.succeeds(divided):
            divisors = ", ".join(f"{field.name} by {unit:g}" for field, unit in zip(blamed, units, strict=True))
            other = f", or divide {divisors}"
        return f"{', '.join(ranges)}: {_drop(blamed)}{other}"

    def find_double(self) -> str:
        """The reason if one number is computed from another, so that the weights of both are undetermined."""
        columns: dict[Field, np.ndarray] = {
            field: self.X[:, self.dv.vocabulary_[field.name]]
            for field in self.contract.fields
            if not isinstance(field, Category)
        }
        for field, other in islice(_alike(columns), MOST_TRIED):
            if self.succeeds(self.without([other])):
                return f"{other.name} is a linear function of {field.name}: {_drop([other])}{self.or_penalty()}"
        return ""

    def find_separation(self) -> str:
        """The reason if one field alone ranks all customers right: its best weight without a penalty is infinite."""
        perfect = [field for field in self.contract.fields if self.ranks_perfectly(field)]
        if not perfect or not self.succeeds(self.without(perfect)):
            return ""
        names = ", ".join(field.name for field in perfect)
        separates = "separates" if len(perfect) == 1 else "each separate"
        return f"{names} {separates} the two classes without an exception: {_drop(perfect)}{self.or_penalty()}"

    def find_penalty(self) -> str:
        other = self.nearest_inverse()
        if not other:
            return ""
        strength = "weak" if other < self.C else "strong"
        return f"the penalty is too {strength} for these columns; with --C {other:g} the fit succeeds"

    def nearest_inverse(self) -> float | None:
        """The nearest C, in powers of ten, with which the fit succeeds; None if there is no such C.

        A C below 1 may be too small for the arithmetic, so larger values up to 1 are tried before smaller ones.
        """
        larger = [10.0**power for power in range(-_WEAKEST, 1) if 10.0**power > self.C]
        smaller = [self.C / 10**power for power in range(1, _WEAKEST + 1)]
        return next((C for C in [*larger, *smaller] if self.succeeds(self.X, C=C)), None)

    def or_penalty(self) -> str:
        other = self.nearest_inverse()
        return f", or --C {other:g}" if other else ""

    def find_smallest_set(self, suspects: Sequence[Number]) -> list[Number]:
        """One field without which the fit succeeds; else as few of the first suspects as needed; else no field."""
        for field in suspects[:MOST_TRIED]:
            if self.succeeds(self.without([field])):
                return [field]
        few, many = 1, len(suspects)
        if many < 2 or not self.succeeds(self.without(suspects)):
            return []
        while many - few > 1:  # the fit fails without the first `few` and succeeds without the first `many`
            middle = (few + many) // 2
            few, many = (few, middle) if self.succeeds(self.without(suspects[:middle])) else (middle, many)
        return list(suspects[:many])

    def succeeds(self, X: np.ndarray, *, C: float | None = None) -> bool:
        if not X.shape[1] or not np.isfinite(X).all():
            return False
        try:
            fit_model(X, self.y, C=C or self.C)
        except FitError:
            return False
        return True

    def without(self, fields: Sequence[Field]) -> np.ndarray:
        left_out = [position for field in fields for position in self.positions_of(field)]
        return np.delete(self.X, left_out, axis=1)

    def divide(self, fields: Sequence[Number], units: Sequence[float]) -> np.ndarray:
        """The matrix of the same table with these numbers in other units."""
        X = self.X.copy()
        for field, unit in zip(fields, units, strict=True):
            X[:, self.dv.vocabulary_[field.name]] /= unit
            if (log := log_column(field.name)) in self.dv.vocabulary_:
                X[:, self.dv.vocabulary_[log]] = np.log1p(X[:, self.dv.vocabulary_[field.name]])
        return X

    def positions_of(self, field: Field) -> list[int]:
        if isinstance(field, Category):
            names = [category_column(field.name, category) for category in field.categories]
        else:
            names = [field.name, log_column(field.name)]
        return [self.dv.vocabulary_[name] for name in names if name in self.dv.vocabulary_]

    def ranks_perfectly(self, field: Field) -> bool:
        columns = self.X[:, self.positions_of(field)]
        if isinstance(field, Category):
            counts = np.array([columns[self.y == label].sum(axis=0) for label in (0, 1)])
            return bool((counts.min(axis=0) == 0).all())
        return rank_alone(self.y, columns[:, 0], either_way=True)[0] == 1


def _largest(field: Number) -> float:
    return max(abs(field.minimum or 0.0), abs(field.maximum or 0.0), 1e-300)


def _alike(columns: dict[Field, np.ndarray]) -> Iterator[tuple[Field, Field]]:
    """The pairs of fields whose columns differ only by scale and origin, in the order of the fields."""
    fields = [field for field, column in columns.items() if column.min() < column.max()]
    if len(fields) < 2:
        return
    correlations = np.abs(np.corrcoef([columns[field] for field in fields]))
    for first, second in np.argwhere(np.triu(correlations >= _ALIKE, k=1)):
        yield fields[first], fields[second]


def _drop(fields: Sequence[Field]) -> str:
    return f"leave {'it' if len(fields) == 1 else 'them'} out, --drop {','.join(field.name for field in fields)}"
