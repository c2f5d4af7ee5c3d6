"""The sections of a report on curves, on pairs of fields and on the recipes that were compared; and in Chromium."""

import dataclasses
import json
import re
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.report import model_sections
from churn.report.model_sections import compare_recipes
from churn.report.page import render_report
from churn.training.findings import Fit
from churn.training.fit import build_matrix
from churn.training.ladder import Ladder, Lead
from churn.training.rungs import Rung
from churn.training.verdict import judge
from tests.report_page import Page
from tests.shaped import COLUMNS, CUSTOMERS, make_matrix, make_sklearn
from tests.shaped_findings import find_shaped, make_findings

pytestmark = pytest.mark.slow

SECTIONS = [
    "summary",
    "ranking",
    "calibration",
    "lift",
    "subgroups",
    "odds",
    "curves",
    "field-pairs",
    "churn",
    "contract",
    "provenance",
]
HOSTILE = "<b>$x$</b>&{{7*7}}"


def render(findings):
    return render_report(findings, judge(findings))


@pytest.fixture(scope="module")
def findings():
    return find_shaped()


@pytest.fixture(scope="module")
def html(findings):
    return render(findings)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def find_large():
    """Findings on a model with 30 curves of 32 knots and ten pairs of 13 by 13 steps, with random weights."""
    rng = np.random.default_rng(5)
    names = [HOSTILE, *(f"a_number_with_a_long_name_{number}" for number in range(29))]
    fields = [Number(name, 0.0, 100.0, non_negative=True) for name in names]
    contract = Contract((*fields, Category("plan", ("a", HOSTILE))))
    weights = {f"plan={category}": 0.0 for category in ("a", HOSTILE)}
    for name in names:
        weights |= {
            f"within({name},0.0,100.0)": 0.001,
            f"log1p(within({name},0.0,100.0))": float(rng.normal(0, 0.05)),
        }
        for start, end in pairwise(np.linspace(0, 100, 33).tolist()):
            weights[f"ramp({name},{start!r},{end!r})"] = float(rng.normal(0, 0.1))
    cuts = [float(cut) for cut in range(8, 104, 8)]
    for first, second in list(combinations(names, 2))[:10]:
        for low in cuts:
            for high in cuts:
                both = f"{json.dumps(f'{first}>={low}')},{json.dumps(f'{second}>={high}')}"
                weights[f"both({both})"] = float(rng.normal(0, 0.02))
    customers = pd.DataFrame({name: rng.uniform(0, 100, 500).round(1) for name in names})
    customers["plan"] = pd.Series(rng.choice(["a", HOSTILE], 500), dtype="str")
    dv, model = make_sklearn(weights, -1.0)
    X = build_matrix(customers, contract, dv)
    average = dict(zip(dv.feature_names_, X.mean(axis=0).tolist(), strict=True))
    return make_findings(customers, Fit(contract, dv, model, average, 1.0, (0.8, 0.82)), X)


@pytest.fixture(scope="module")
def large():
    return render(find_large())


def test_curves_and_pairs_have_their_own_sections(page):
    assert [attributes["aria-labelledby"] for tag, attributes in page.tags if tag == "section"] == SECTIONS
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert {"#curves", "#field-pairs"} <= links
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    graphics = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert sum("aria-labelledby" in graphic for graphic in graphics) == 6 + 3 + 3
    assert all("aria-labelledby" in graphic or graphic.get("aria-hidden") == "true" for graphic in graphics)


def test_each_curve_has_a_table_of_its_knots(page, findings):
    columns = [(part, weight) for part, weight in COLUMNS if "balance" in part.name]

    def added(number):
        return sum(weight * part.of({"balance": number}) for part, weight in columns)

    balance = findings.split.table.customers.balance
    average = np.mean([added(number) for number in balance])
    rows = [
        f"{number} {np.exp(added(float(knot)) - average):.2f} {100 * share.mean():.1f} %"
        for number, knot, share in (
            ("\N{MINUS SIGN}50", -50, balance < 0),
            ("0", 0, (balance >= 0) & (balance < 250)),
            ("250", 250, balance >= 250),
        )
    ]
    assert page.has("curves", f"From Odds ratio Customers up to the next row {' '.join(rows)}")
    blank = 100 * findings.split.table.customers.charges.isna().mean()
    assert re.search(rf"\(blank\) \d\.\d\d {blank:.1f} %", page.words["curves"])
    assert page.has("curves", "The dot to the right", "but below, in the pairs of fields")


def test_curves_of_near_copies_name_each_other(page, findings):
    customers = findings.split.table.customers
    X = make_matrix(CUSTOMERS, [part for part, _ in COLUMNS])
    words = Page(render(make_findings(customers.assign(balance=2 * customers.tenure), findings.fit, X))).words[
        "curves"
    ]
    told = "Nearly a copy of {}: the model divides their effect among them"
    assert (f"balance {told.format('tenure')}" in words, f"tenure {told.format('balance')}" in words) == (True, True)
    assert words.count("Nearly a copy of") == 2
    assert "Nearly a copy of" not in page.words["curves"]


def test_each_pair_shows_where_it_is_strongest_and_has_a_table_of_its_cells(page):
    seniors = [customer for customer in CUSTOMERS if customer["senior"] == 1]
    share = 100 * sum(customer["plan"] == "pro" for customer in seniors) / len(CUSTOMERS)
    found = re.search(r"where plan is pro and senior is 1 \((\S+) % of the customers\)", page.words["field-pairs"])
    assert found[1] == f"{share:.1f}"
    assert re.search(rf"plan 0 1 basic .* pro \S+ \S+ % \S+ {share:.1f} % others ", page.words["field-pairs"])
    assert page.has("field-pairs", "contract below 6 6 to 12 12 to 24 24 or more monthly", "below 0.33", "from 3.00")
    assert page.has("field-pairs", "or its curve, above")


def test_the_recipes_are_compared_with_how_far_each_is_ahead(page, findings):
    rows = "plain columns 0.4312 – – shapes: a curve for each number 0.4101 +0.0211 +5.0"  # noqa: RUF001
    assert page.has("ranking", f"{rows} shapes and pairs of fields, chosen 0.3954 +0.0358 +7.0")
    assert page.has("ranking", "by more than 2 standard errors", "12 of 300 training customers are exact copies")
    assert page.has("provenance", "3 numbers with a curve, 3 pairs of fields")
    assert "with their logarithms" not in page.words["provenance"]


def test_a_recipe_that_is_not_ahead_has_no_lead_and_one_that_is_the_same_has_no_error():
    losses = {Rung.NONE: 0.4, Rung.SHAPES: 0.402, Rung.PAIRS: 0.402}
    behind = {Rung.SHAPES: Lead(-0.002, 0.004), Rung.PAIRS: Lead(0.0, 0.0)}
    plain, shapes, pairs = compare_recipes(Ladder(Rung.NONE, losses, behind, rows=300), chosen=Rung.NONE)["rows"]
    assert (plain["chosen"], plain["gain"], plain["errors"]) == (True, None, None)
    assert (shapes["chosen"], shapes["gain"], shapes["errors"]) == (False, -0.002, -0.5)
    assert (pairs["chosen"], pairs["gain"], pairs["errors"]) == (False, 0.0, None)


def test_the_models_own_recipe_is_the_chosen_one_and_those_that_failed_are_named(findings):
    recipe = dataclasses.replace(findings.fit.recipe, pairs=())
    ladder = dataclasses.replace(findings.fit.ladder, failed=(Rung.SCALED,))
    fit = dataclasses.replace(findings.fit, recipe=recipe, ladder=ladder)
    page = Page(render(dataclasses.replace(findings, fit=fit)))
    assert page.has("ranking", "shapes: a curve for each number, chosen", "shapes and pairs of fields 0.3954")
    assert page.has("ranking", "a fit does not reach its optimum: plain columns, scaled for the penalty.")


def test_where_nothing_was_compared_the_page_gives_the_reason(findings):
    fit = dataclasses.replace(findings.fit, ladder=Ladder(Rung.NONE, reason="90 rows are <too> few"))
    page = Page(render(dataclasses.replace(findings, fit=fit)))
    assert page.has("ranking", "Curves and pairs of fields were not tried: 90 rows are <too> few.")
    assert not re.search("recipe|copies", page.words["ranking"])


def test_the_strongest_curves_are_shown_at_once_and_others_unfold(findings, monkeypatch):
    monkeypatch.setattr(model_sections, "OPEN_CURVES", 1)
    monkeypatch.setattr(model_sections, "MOST_FIELDS", 2)
    page = Page(render(findings))
    assert page.has("curves", "The curves of 1 more number", "Not shown: 1 more, with a weaker effect")
    assert (
        len([attributes for tag, attributes in page.tags if attributes.get("id", "").endswith("-title")]) == 6 + 2 + 3
    )


def test_with_its_own_verb_curves_and_pairs_have_no_word_of_leaving(findings):
    page = Page(render(dataclasses.replace(findings, event="buy again")))
    assert page.has("curves", "The odds to buy again at each value, compared with those of the average customer")
    assert page.has("field-pairs", "together on the odds to buy again")
    for section in ("curves", "field-pairs"):
        assert not re.search(r"leav|left|stay|churn|risk", page.words[section])


def test_30_curves_and_ten_pairs_make_a_page_of_a_bounded_size(large):
    page = Page(large)
    assert page.has("curves", "The curves of 21 more numbers")
    assert not re.search("recipe|copies|not tried", page.words["ranking"])  # there was no comparison
    assert page.has("provenance", "30 numbers with a curve, 10 pairs of fields")
    assert len(large.encode()) < 1_500_000
    assert "<b>" not in large
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.words["curves"].count(HOSTILE) >= 1
    assert not re.search(r"\b(nan|inf|None)\b", " ".join(page.words.values()))


@pytest.mark.parametrize("width", [360, 1200])
def test_in_a_browser_everything_that_unfolds_is_as_wide_as_the_window(browser, tmp_path, html, large, width):
    browser.resize((width, 900))
    for name, text, plots in (("shaped", html, 6 + 3 + 3), ("large", large, 6 + 30 + 10)):
        path = tmp_path / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        browser.driver.get(path.as_uri())
        assert not browser.wider_than_the_window()
        browser.run("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert browser.run("return document.documentElement.clientWidth") == width
        assert not browser.wider_than_the_window()
        sizes = browser.run(
            "return [...document.querySelectorAll('svg.plot')].map(s => [s.clientWidth, s.clientHeight])"
        )
        assert len(sizes) == plots
        assert all(250 <= wide <= 480 and high > 90 for wide, high in sizes)


def test_on_paper_every_curve_is_printed_and_no_table_of_one(browser, tmp_path, large):
    path = tmp_path / "large.html"
    path.write_text(large, encoding="utf-8")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        browser.driver.get(path.as_uri())
        shown = browser.run(
            "return [...document.querySelectorAll('svg.plot')].filter(svg => svg.checkVisibility()).length"
        )
        tables = browser.run(
            "return [...document.querySelectorAll('.curves table')].filter(t => t.checkVisibility()).length"
        )
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (shown, tables) == (6 + 30 + 10, 0)
