"""The stored report is of all tables and arms, and the documents have no figure but its own."""

import re

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bench.arms import ARMS, NO_SHAPES
from bench.kept import Kept
from bench.models import PUBLIC, REPORT, TELCO, build_parser, compare, find_sources
from tests.bench.reports import read_sections
from tests.customers import PROJECT

STORED = REPORT.read_text()
SECTIONS = read_sections(STORED)
BY_TABLE = ("AUC", "Log loss", "Brier", "Slope")
DOCUMENT = (PROJECT / "docs" / "model.md").read_text()
TRAINING = next(part for part in (PROJECT / "docs" / "training.md").read_text().split("\n\n") if "(model.md)" in part)
FIGURE = r"(?<![\d./])\d+\.\d{2,}\b"  # and not of an address


def test_the_stored_report_is_of_all_tables_and_arms():
    assert len(PUBLIC) >= 8
    assert list(SECTIONS["All tables"]) == list(ARMS)
    for section in ("", *BY_TABLE):
        assert tuple(SECTIONS[section]) == PUBLIC, section


def test_the_stored_figures_of_what_costs_little_come_out_again(tmp_path):
    """The shipped table without shapes."""
    (source,) = find_sources(build_parser().parse_args(["--tables", TELCO]), tmp_path)
    with threadpool_limits(limits=1):  # matrices this small are slower with more, as soon as others want the cores
        again = compare(source, [ARMS[NO_SHAPES]], Kept(tmp_path / "models.jsonl"), repeats=1).mean(NO_SHAPES)
    place = 1 + list(ARMS).index(NO_SHAPES)
    stored = [float(SECTIONS[section][TELCO][place]) for section in BY_TABLE]
    np.testing.assert_allclose(stored, again, rtol=0, atol=2e-4)


def test_the_documents_tables_are_the_reports():
    rows = re.findall(r"^\|.*$", DOCUMENT, re.MULTILINE)
    assert len(rows) > len(PUBLIC)
    assert not set(rows) - set(STORED.splitlines())
    assert set(SECTIONS["Goals"]) <= {row.split(" | ")[0].removeprefix("| ") for row in rows}


@pytest.mark.parametrize("text", [DOCUMENT, TRAINING], ids=["docs/model.md", "docs/training.md"])
def test_a_document_has_no_figure_of_models_but_the_reports(text):
    assert not set(re.findall(FIGURE, text)) - set(re.findall(FIGURE, STORED))
