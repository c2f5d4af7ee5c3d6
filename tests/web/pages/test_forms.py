"""On the page the five hundred customers of tests/test_forms.py get the same answers in every form of file."""

import pytest

from tests.browser import need_browser
from tests.forms import FORMS, assert_same, sklearn_answers
from tests.serving import PageServer
from tests.ways_in import Service, fit_pair, serve

pytestmark = pytest.mark.browser

ALWAYS = (
    "commas, CR",
    "semicolons, decimal commas, sep=",
    "semicolons, decimal commas, UTF-16, under other names",
    "workbook by openpyxl, below a title, rows of blanks between",
    "workbook of texts",
)
"""The forms of every run; make test-page has all forms."""
PAGE_FORMS = [
    pytest.param(name, marks=[] if name in ALWAYS else pytest.mark.thorough)
    for name, form in FORMS.items()
    if form.is_csv or form.ending == ".xlsx"
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Service:
    folder = tmp_path_factory.mktemp("model")
    return serve(fit_pair(FORMS["commas"].write(folder), folder / "model.bin"), folder)


@pytest.fixture(scope="module")
def service(trained, tmp_path_factory):
    need_browser()
    with PageServer(tmp_path_factory.mktemp("service") / "log", MODEL_FILE=str(trained.model.path)) as running:
        yield running


@pytest.mark.parametrize("name", PAGE_FORMS)
def test_a_file_of_every_form_is_scored_alike_and_reported_as_in_training(browser, service, trained, tmp_path, name):
    form = FORMS[name]
    path = form.write(tmp_path)
    browser.open(service.url)
    scored = browser.score(path, sheet=form.worksheet, missing=len(form.mapped))
    assert_same(form.answers(scored), sklearn_answers(trained.pair)[1])
    assert browser.text("#list-form") == f"Read as {form.read_table(path).form}."
