"""Scalers folded into the weights: scikit-learn's own pipelines give the same log-odds."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from churn.pickles.folding import fold_scalers, read_folded
from churn.pickles.linear_model import LinearModel, read_parts
from churn.pickles.parts import MODEL_NAMES, find_parts
from churn.pickles.pickle_reader import load_objects
from churn.pickles.pickled_arrays import RefusedError

DRAWN = np.random.default_rng(1)
RECORDS = [
    {"plan": plan, "tenure": float(tenure), "debt": float(debt), "same": 3.0, "none": 0.0}
    for plan, tenure, debt in zip(
        DRAWN.choice(["basic", "gold"], 60), DRAWN.integers(0, 72, 60), DRAWN.normal(-1e4, 2e3, 60), strict=True
    )
]
"""Customers with a number that has a single value, whose deviation is 0, and one that is 0 everywhere."""
Y = DRAWN.integers(0, 2, 60)


def fit(*scalers):
    """A pipeline, and the linear model in its file with the scalers folded in."""
    pipeline = make_pipeline(DictVectorizer(sparse=False), *scalers, LogisticRegression(max_iter=5000))
    pipeline.fit(RECORDS, Y)
    return pipeline, fold(pipeline)


def fold(pipeline) -> LinearModel:
    parts = find_parts(load_objects(pickle.dumps(pipeline), MODEL_NAMES))
    return fold_scalers(read_parts(parts), parts.between)


@pytest.mark.parametrize(
    "scalers",
    [
        [StandardScaler()],
        [StandardScaler(with_mean=False)],
        [StandardScaler(with_std=False)],
        [StandardScaler(with_mean=False, with_std=False)],
        [MaxAbsScaler()],
        [MaxAbsScaler(), StandardScaler()],
        [StandardScaler(), MaxAbsScaler(), StandardScaler(with_std=False)],
        [],
    ],
    ids=str,
)
def test_a_folded_model_gives_the_log_odds_of_the_pipeline(scalers):
    pipeline, linear = fit(*scalers)
    X = pipeline[0].transform(RECORDS)
    folded = X @ np.array([linear.weights[column] for column in pipeline[0].feature_names_]) + linear.intercept
    assert folded == pytest.approx(pipeline.decision_function(RECORDS), abs=1e-12, rel=1e-12)
    assert list(linear.weights) == list(pipeline[0].feature_names_)


def test_settings_of_numpy_and_of_old_versions_are_read():
    pipeline, linear = fit(StandardScaler())
    pipeline[1].with_mean, pipeline[1].with_std = np.bool_(True), 1
    assert fold(pipeline) == linear


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scale_": np.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])}, "divides by 0"),
        ({"scale_": np.ones(5)}, "longer or shorter"),
        ({"scale_": None}, "not fitted, or damaged"),
        ({"scale_": np.full(6, 1e-320)}, "not finite"),
        ({"with_mean": "yes"}, "neither True nor False"),
    ],
)
def test_a_scaler_that_cannot_be_folded_is_refused(change, reason):
    pipeline, _ = fit(StandardScaler())
    vars(pipeline[1]).update(change)
    with pytest.raises(RefusedError, match=reason):
        fold(pipeline)


def test_a_scaler_that_clips_is_refused():
    pipeline, _ = fit(MaxAbsScaler())
    pipeline[1].clip = True
    with pytest.raises(RefusedError, match="clips"):
        fold(pipeline)


def test_an_unfitted_scaler_is_refused():
    pipeline, _ = fit(StandardScaler())
    pipeline.steps[1] = ("standardscaler", StandardScaler())
    with pytest.raises(RefusedError, match="not fitted"):
        fold(pipeline)


def test_a_scaler_of_other_columns_is_refused_since_it_scaled_before_the_vectorizer():
    numbers = pd.DataFrame(RECORDS)[["tenure", "debt"]]  # the DictVectorizer sorts them
    dv = DictVectorizer(sparse=False)
    for fitted_on in (numbers, numbers.assign(same=3.0)):
        scaler = StandardScaler().fit(fitted_on)
        model = LogisticRegression().fit(dv.fit_transform(numbers.to_dict("records")), Y)
        parts = find_parts(load_objects(pickle.dumps({"dv": dv, "scaler": scaler, "model": model}), MODEL_NAMES))
        with pytest.raises(RefusedError, match="has a StandardScaler of other columns than the DictVectorizer's"):
            read_folded(parts)


@pytest.mark.parametrize("protocol", [2, 5])
def test_a_pipeline_of_frames_is_folded(protocol):
    pipeline = make_pipeline(DictVectorizer(sparse=False), StandardScaler(), LogisticRegression(max_iter=5000))
    pipeline.set_output(transform="pandas").fit(RECORDS, Y)
    linear = read_folded(find_parts(load_objects(pickle.dumps(pipeline, protocol), MODEL_NAMES)))
    X = pipeline[0].transform(RECORDS).to_numpy()
    folded = X @ np.array(list(linear.weights.values())) + linear.intercept
    assert folded == pytest.approx(pipeline.decision_function(RECORDS), abs=1e-12, rel=1e-12)
