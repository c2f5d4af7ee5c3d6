"""Folds scalers between the DictVectorizer and the model into the weights: a scaler shifts and scales each column.

Owns which scalers can be folded, and how. Imports neither scikit-learn nor NumPy.
"""

import math
from collections.abc import Sequence
from typing import Any

from churn.pickles.linear_model import LinearModel, read_parts
from churn.pickles.parts import Parts, Scaler, StandardScaler
from churn.pickles.pickled_arrays import RefusedError, read_numbers, read_plain, read_texts, refusing_damage


def fold_scalers(linear: LinearModel, scalers: Sequence[Scaler]) -> LinearModel:
    """The same model on unscaled columns: the scalers, in the order of the steps, become part of its weights.

    `linear` has the weights of the scaled columns. Raises RefusedError for a scaler that is not fitted, or was fitted
    to other columns.
    """
    weights, log_odds = list(linear.weights.values()), [linear.intercept]
    for scaler in reversed(scalers):
        _check_columns(scaler, list(linear.weights))
        shifts, scales = _read_scaler(scaler, len(weights))
        weights = [weight / scale for weight, scale in zip(weights, scales, strict=True)]
        log_odds += [-weight * shift for weight, shift in zip(weights, shifts, strict=True)]
    if not all(map(math.isfinite, (*weights, sum(map(abs, log_odds))))):
        raise RefusedError("has a weight that is not finite once its scaler is folded into it")
    return linear._replace(weights=dict(zip(linear.weights, weights, strict=True)), intercept=math.fsum(log_odds))


@refusing_damage()
def read_folded(parts: Parts) -> LinearModel:
    """The linear model of the two objects, with the scalers between them folded in. Raises RefusedError."""
    return fold_scalers(read_parts(parts), parts.between)


def _check_columns(scaler: Scaler, columns: list[str]) -> None:
    """Raises RefusedError for a scaler that was fitted to other columns than the DictVectorizer's."""
    name, state = type(scaler).__name__, scaler.state
    fitted_on, names = state.get("n_features_in_"), state.get("feature_names_in_")
    if names is not None:
        is_other = fitted_on != len(columns) or read_texts(names, len(columns)) != columns
    else:
        is_other = type(fitted_on) is int and fitted_on != len(columns)
    if is_other:
        raise RefusedError(
            f"has a {name} of other columns than the DictVectorizer's, so it scales before that: train it on the "
            "numbers as they are, or with the scaler after the DictVectorizer in a Pipeline"
        )


def _read_scaler(scaler: Scaler, count: int) -> tuple[Sequence[float], Sequence[float]]:
    """The number subtracted from each of `count` columns, and the number by which each is then divided."""
    name, state = type(scaler).__name__, scaler.state
    try:
        is_standard = isinstance(scaler, StandardScaler)
        if not is_standard and _is_true(state.get("clip", False)):
            raise RefusedError(f"has a {name} that clips, which weights can't do")
        has_mean = is_standard and _is_true(state["with_mean"])
        has_scale = not is_standard or _is_true(state["with_std"])
        shifts = read_numbers(state["mean_"], count) if has_mean else (0.0,) * count
        scales = read_numbers(state["scale_"], count) if has_scale else (1.0,) * count
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError(f"has a {name} that is not fitted, or damaged ({type(error).__name__})") from None
    if 0.0 in scales:
        raise RefusedError(f"has a {name} that divides by 0")
    return shifts, scales


def _is_true(setting: Any) -> bool:
    """The value of a setting that is True or False in Python or NumPy. Raises RefusedError for any other."""
    setting = read_plain(setting)
    if type(setting) is not bool and setting not in (0, 1):
        raise RefusedError("has a scaler whose settings are neither True nor False")
    return bool(setting)
