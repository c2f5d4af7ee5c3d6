"""Files that LibreOffice saves of the five hundred customers: answered as in test_forms.py, or refused by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from churn.batch.score import score_file
from churn.errors import TableError
from churn.training.fit import build_matrix
from tests.browser import need_browser
from tests.customers import PROJECT
from tests.forms import FORMS, Form, assert_same, csv_form, sklearn_answers
from tests.office import LEFT_OUT, Office, need_office
from tests.serving import PageServer
from tests.ways_in import Service, fit_pair, serve

pytestmark = pytest.mark.office

SAVED = {
    "workbook of a CSV": ("commas", "xlsx"),
    "workbook of a workbook": ("workbook by openpyxl", "xlsx"),
    "CSV in UTF-8": ("workbook by openpyxl", "utf-8"),
    "CSV in Windows-1252": ("workbook by openpyxl, below a title, rows of blanks between", "cp1252"),
    "CSV in UTF-16": ("workbook by openpyxl", "utf-16-le"),
}
"""The files to save: from which form, and as a workbook or in which encoding."""


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    need_office()
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Service:
    folder = tmp_path_factory.mktemp("model")
    return serve(fit_pair(FORMS["commas"].write(folder), folder / "model.bin"), folder)


@pytest.fixture(scope="module")
def page(trained, tmp_path_factory):
    """The address of a service's page."""
    need_browser()
    with PageServer(tmp_path_factory.mktemp("service") / "log", MODEL_FILE=str(trained.model.path)) as running:
        yield running.url


@pytest.fixture(scope="module", params=SAVED)
def saved(request, office, tmp_path_factory) -> tuple[Path, Form]:
    """A file that LibreOffice has saved, and its form."""
    name, kind = SAVED[request.param]
    source = FORMS[name].write(tmp_path_factory.mktemp("saved"))
    if kind == "xlsx":
        return office.convert(source, kind), FORMS["workbook by pandas"]._replace(worksheet=FORMS[name].worksheet)
    return office.save_csv(source, delimiter=";", codec=kind, sheet=2), csv_form(";", ",", codec=kind)


def test_a_file_that_it_saves_is_read_for_training_and_scored_alike(saved, trained, tmp_path):
    source, form = saved
    target, (X, probabilities) = tmp_path / f"scored{form.ending}", sklearn_answers(trained.pair)
    outcome = score_file(source, target, form.scorer(trained.model), worksheet=form.worksheet)
    assert_same(form.answers(target.read_bytes()), probabilities)
    table = form.read_table(source)
    assert outcome.form == table.form
    assert_same(build_matrix(table.customers, trained.model.scorer.contract, trained.pair[0]), X)


@pytest.mark.browser
def test_a_file_that_it_saves_is_scored_alike_on_the_page(browser, page, saved, trained, tmp_path):
    source, form = saved
    path = tmp_path / f"customers{source.suffix}"
    path.write_bytes(source.read_bytes())
    browser.open(page)
    scored = browser.score(path, sheet=form.worksheet)
    assert_same(form.answers(scored), sklearn_answers(trained.pair)[1])


@pytest.mark.parametrize(
    ("kind", "words"), [("xls", "an old Excel workbook (.xls)"), ("ods", "a LibreOffice workbook (.ods)")]
)
def test_a_workbook_of_another_kind_is_refused_with_the_way_out(office, trained, tmp_path, kind, words):
    form = FORMS["workbook by pandas"]
    made = office.convert(form.write(tmp_path), kind)
    reason = f"it is {words}; save it as .xlsx or CSV UTF-8"
    with pytest.raises(TableError) as refused:
        form.read_table(made)
    assert refused.value.reason == reason
    renamed = made.rename(tmp_path / "customers.xlsx")  # as people do
    with pytest.raises(TableError) as refused:
        score_file(renamed, tmp_path / "scored.xlsx", form.scorer(trained.model))
    assert refused.value.reason == reason


@pytest.mark.parametrize(("setting", "status"), [("", 0), ("required", 1)])
def test_without_libreoffice_these_tests_are_skipped_in_one_line_or_fail_where_it_is_required(setting, status):
    environ = os.environ | {"PATH": "/nonexistent", "OFFICE_TESTS": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__, "-k", "refused"]
    run = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == status
    left_out = [line for line in run.stdout.splitlines() if line.startswith("the LibreOffice tests were left out")]
    assert left_out == ([LEFT_OUT] if status == 0 else [])
    assert "apt-get install --no-install-recommends libreoffice-calc-nogui" in run.stdout
