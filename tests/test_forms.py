"""The same five hundred customers in every form of file and by every way in have one answer, which is scikit-learn's.

tests/web/pages/test_forms.py has the page, and tests/test_office.py the files that LibreOffice saves.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import numpy as np
import pyarrow.parquet as pq
import pytest

from churn.batch.score import score_file
from churn.training.fit import build_matrix
from tests.forms import CUSTOMERS, FORMS, LEFT, TEXTS, assert_same, sklearn_answers
from tests.ways_in import Service, fit_pair, json_list, json_one, serve

pytestmark = pytest.mark.slow

CHARSETS = {"utf-8": "utf-8", "utf-8-sig": "UTF-8", "cp1252": "windows-1252"} | dict.fromkeys(
    ("utf-16-le", "utf-16-be"), "utf-16"
)
PLAIN_CSVS = {name: form for name, form in FORMS.items() if form.is_csv and not form.is_compressed}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[[str], Path]:
    """A function from the name of a form to a file in it, which is written once."""

    @cache
    def write(name: str) -> Path:
        return FORMS[name].write(tmp_path_factory.mktemp("form"))

    return write


@pytest.fixture(scope="module")
def service(written, tmp_path_factory) -> Service:
    folder = tmp_path_factory.mktemp("model")
    return serve(fit_pair(written("commas"), folder / "model.bin"), folder)


@pytest.fixture(scope="module")
def expected(service) -> np.ndarray:
    _, probabilities = sklearn_answers(service.pair)
    assert probabilities.std() > 0.2
    return probabilities


@pytest.mark.parametrize("name", FORMS)
def test_training_reads_the_same_table_from_every_form(service, written, name):
    dv, _ = service.pair
    table = FORMS[name].read_table(written(name))
    X, _ = sklearn_answers(service.pair)
    assert_same(build_matrix(table.customers, service.model.scorer.contract, dv), X)
    assert table.y.tolist() == LEFT
    left_out = [(column.name, column.reason) for column in table.left_out]
    assert left_out == [("straße", "it is an id: 500 different texts in 500 rows")]


@pytest.mark.parametrize("name", FORMS)
def test_a_file_of_every_form_is_scored_alike_and_reported_as_in_training(service, expected, written, tmp_path, name):
    form, target = FORMS[name], tmp_path / f"scored{FORMS[name].ending}"
    outcome = score_file(written(name), target, form.scorer(service.model), worksheet=form.worksheet)
    assert (outcome.customers, outcome.refused) == (len(CUSTOMERS), 0)
    assert_same(form.answers(target.read_bytes()), expected)
    assert outcome.form == form.read_table(written(name)).form


@contextmanager
def pipe_of(content: bytes) -> Iterator[BinaryIO]:
    """A pipe that provides these bytes."""
    reading, writing = os.pipe()

    def fill() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    filling = Thread(target=fill)
    filling.start()
    with os.fdopen(reading, "rb", buffering=0) as file:
        yield file
    filling.join()


@pytest.mark.parametrize("name", PLAIN_CSVS)
def test_a_pipe_of_every_form_is_scored_alike(service, expected, written, tmp_path, name):
    form, scorer = FORMS[name], FORMS[name].scorer(service.model)
    encoding = None if form.codec.startswith("utf-8") else CHARSETS[form.codec]
    with pipe_of(written(name).read_bytes()) as source, (tmp_path / "scored.csv").open("wb") as target:
        score_file(source, target, scorer, encoding=encoding)
    assert_same(form.answers((tmp_path / "scored.csv").read_bytes()), expected)


@pytest.mark.parametrize("name", [name for name, form in PLAIN_CSVS.items() if not form.mapped])
def test_a_body_of_every_form_is_answered_alike_as_csv_and_as_json(service, expected, written, name):
    form = FORMS[name]

    def post(accept: str):
        headers = {"Content-Type": f"text/csv; charset={CHARSETS[form.codec]}", "Accept": accept}
        body = written(name).read_bytes()
        response = service.client.post("/predict?errors=report", data=body, headers=headers)
        assert response.status_code == 200, response.text
        return response

    assert_same(form.answers(post("text/csv").data), expected)
    assert_same([answer["churn_probability"] for answer in post("application/json").json], expected)


@pytest.mark.parametrize("customers", [CUSTOMERS, TEXTS], ids=["numbers", "texts"])
@pytest.mark.parametrize("way", [json_one, json_list], ids=["one", "list"])
def test_json_is_answered_alike_with_numbers_and_with_texts(service, expected, customers, way):
    assert_same([outcome.probability for outcome in way(service, customers)], expected)


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.ending == ".parquet"])
def test_a_frame_is_answered_alike(service, expected, written, name):
    (batch,) = pq.read_table(written(name)).to_batches()
    assert_same(FORMS[name].scorer(service.model).answer(batch).probabilities.tolist(), expected)
