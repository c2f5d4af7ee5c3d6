"""The report: every section with its figures, self-contained, the same bytes again, any table; and in Chromium."""

import csv
import dataclasses
import errno
import os
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.metrics import average_precision_score

from churn.errors import ModelError, WriteError
from churn.model.gain import Campaign
from churn.report.page import render_report, write_report
from churn.training.changes import Change
from churn.training.columns import LeftOut
from churn.training.evaluation import Interval, auc_interval, evaluate
from churn.training.findings import Findings, InPlace
from churn.training.gate import Comparison, NotCompared
from churn.training.labels import FoundLabels
from churn.training.refused import Refused
from churn.training.run import TrainingOptions, run_training
from churn.training.rungs import Rung
from churn.training.table import read_table
from churn.training.verdict import judge
from tests.customers import CSV
from tests.report_page import Page

pytestmark = pytest.mark.slow

CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)
SECTIONS = [
    "summary",
    "ranking",
    "calibration",
    "lift",
    "money",
    "subgroups",
    "odds",
    "churn",
    "contract",
    "provenance",
]


def find(path: Path, *, folds: int) -> Findings:
    """The findings of a training on this table, for a campaign, without a model in place."""
    options = TrainingOptions(Path("no-such-folder/model.bin"), folds=folds, campaign=CAMPAIGN, shapes=Rung.NONE)
    return run_training(read_table(path), options)


def render(findings: Findings, progress=lambda line: None) -> str:
    return render_report(findings, judge(findings), progress=progress)


def write_table(path: Path, header: list[str], rows: list[list]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture(scope="module")
def findings():
    return find(CSV, folds=5)


@pytest.fixture(scope="module")
def tested(findings):
    return findings.tested


@pytest.fixture(scope="module")
def table(findings):
    return findings.split.table


@pytest.fixture(scope="module")
def html(findings):
    return render(findings)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_sections_are_there_in_order_and_each_has_a_heading(page):
    assert [attributes["aria-labelledby"] for tag, attributes in page.tags if tag == "section"] == SECTIONS
    assert [attributes["id"] for tag, attributes in page.tags if tag == "h2"] == SECTIONS
    assert [tag for tag, _ in page.tags].count("h1") == 1


def test_the_summary_has_the_published_figures_and_the_verdict(page, tested):
    interval = auc_interval(tested.y, tested.probabilities)
    assert page.has("summary", "AUC on the test part 0.861", f"95 %: {interval.low:.3f} to {interval.high:.3f}")
    assert page.has("summary", "AUC over 5 folds 0.846 ± 0.007", "348 of 1,409 customers")
    assert page.has(
        "summary",
        "Nothing speaks against shipping it",
        "there was none at model.bin",
        "points too high on average, which chance explains",
    )


def test_folds_and_thresholds(page, findings, tested):
    for number, fold in enumerate(findings.fit.folds):
        assert page.has("ranking", f"fold {number} {fold:.3f}")
    y, positive = tested.y, tested.probabilities >= 0.5
    precision, recall = y[positive].mean(), y[positive].sum() / y.sum()
    row = f"{positive.sum()} {100 * precision:.1f} % {100 * recall:.1f} % {100 * positive[y == 0].mean():.1f} %"
    assert page.has("ranking", f"0.500, the usual one {row}", "0.164, the campaign’s 732")  # noqa: RUF001
    assert page.has("ranking", f"Average precision {average_precision_score(y, tested.probabilities):.3f}")
    assert page.has("ranking", f"log loss {tested.figures['log_loss']:.4f}", f"{tested.figures['brier']:.4f}")


def test_calibration_has_the_counts_of_each_bin(page, tested):
    for low in np.arange(10) / 10:
        of_bin = (tested.probabilities > low) & (tested.probabilities <= low + 0.1)
        left = tested.y[of_bin].sum()
        assert page.has("calibration", f"{low:.1f}–{low + 0.1:.1f} {of_bin.sum()} {left} ")  # noqa: RUF001


def test_lift_and_gains_by_tenth(page, tested):
    riskiest = np.argsort(-tested.probabilities)[:141]
    left, of_all = tested.y[riskiest].sum(), tested.y.sum()
    lift = (left / 141) / tested.y.mean()
    row = f"141 {left} {100 * left / 141:.1f} % {lift:.2f} {100 * left / of_all:.1f} %"
    assert page.has("lift", f"1 {tested.probabilities[riskiest].min():.3f} {row}", "100.0 %")


def test_the_section_on_money_has_the_campaigns_figures(page, tested):
    y, probabilities = tested.y, tested.probabilities
    gains = np.where(y == 1, 0.3 * 190 - 1, -11)  # a leaver accepts in 3 of 10 cases; a stayer takes the offer
    best = max(gains[probabilities >= threshold].sum() for threshold in probabilities)
    for threshold in (11 / 67, 0.5):
        contacted = probabilities >= threshold
        share = f"{100 * contacted.mean():.0f} %"
        assert page.has("money", f"{threshold:.3f} {contacted.sum()} ({share}) {gains[contacted].sum():,.0f}")
    assert page.has("money", f"{best:,.0f}", f"Everybody 0.000 1,409 (100 %) {gains.sum():,.0f}")
    assert page.has("money", "optimistic", "would have stayed anyway accepts the offer, too", "kept is worth 200")


def test_subgroups_are_gender_and_age(page, tested, table):
    customers = table.customers.iloc[tested.rows]
    for field, value, shown in (("gender", "female", "female"), ("seniorcitizen", 1.0, "1")):
        group = (customers[field] == value).to_numpy()
        y, probabilities = tested.y[group], tested.probabilities[group]
        row = f"{100 * probabilities.mean():.1f} % {100 * y.mean():.1f} %"
        assert page.has(
            "subgroups", f"{shown} {len(y):,} {y.sum()} {row}", f"{evaluate(y, probabilities)['auc']:.3f}"
        )


def test_odds_ratios_are_scikit_learns(page, findings):
    weights = dict(zip(findings.fit.dv.get_feature_names_out(), findings.fit.model.coef_[0], strict=True))
    customers = findings.split.table.customers.iloc[findings.split.train]
    assert page.has("odds", f"seniorcitizen 16.2 % {np.exp(weights['seniorcitizen']):.2f}")
    low, high = np.percentile(customers.tenure, [25, 75])
    step = weights["tenure"] * (high - low) + weights["log1p(tenure)"] * np.log((1 + high) / (1 + low))
    assert page.has("odds", f"tenure {low:.0f} {high:.0f} {np.exp(step):.2f}", "logarithm together")
    mean = np.mean([weights[f"contract={category}"] for category in customers.contract])
    for category in ("month-to-month", "two_ year"):  # a name may be broken into lines there
        assert page.has("odds", f"{np.exp(weights['contract=' + category.replace(' ', '')] - mean):.2f}", category)


def test_churn_by_category_is_that_of_the_whole_table(page, table):
    churned = table.y[(table.customers.contract == "two_year").to_numpy()]
    rate = churned.mean()
    row = f"two_ year {len(churned):,} {100 * rate:.1f} % {rate / table.y.mean():.2f}"
    assert page.has("churn", row, "26.5 % of all customers left")
    blocks = re.findall(r"(\S+) Customers Left Ratio", page.words["churn"])
    assert len(blocks) == 16  # every category and flag
    assert blocks[0] == "contract"


def test_the_contract(page):
    assert page.has("contract", "19 fields", "totalcharges number", "blank only where tenure is 0", "18.8 to 8,684.8")
    assert page.has("contract", "There was no model at model.bin before.")


def test_provenance(page, table):
    assert page.has("provenance", "telco-churn.csv", table.sha256, "7,043", "5,634", "1,409", "none")
    assert page.has("provenance", "C = 1.0", sklearn.__version__)


def test_the_comparison_with_a_model_in_place_without_a_campaign(findings):
    lines: list[str] = []
    comparison = Comparison(
        0.87, 0.8612, Interval(-0.015, -0.002), compared=1409, refused=Refused(2, {"plan": 2}), same_table=False
    )
    changes = [Change("plan", "lost the category <gold>", True), Change("tenure", "wider", False)]
    table = dataclasses.replace(findings.split.table, left_out=(LeftOut("<id>", "it is an id"),))
    known = {
        "split": dataclasses.replace(findings.split, table=table),
        "tested": dataclasses.replace(findings.tested, refused=Refused(3, {"plan": 2, "<age>": 1})),
        "in_place": InPlace(comparison, "0123456789ab", 0.5, tuple(changes)),
        "campaign": None,
    }
    page = Page(render(dataclasses.replace(findings, **known), lines.append))
    assert page.has(
        "summary", "Do not ship it", "\N{MINUS SIGN}0.0088", "\N{MINUS SIGN}0.0150 to \N{MINUS SIGN}0.0020"
    )
    assert page.has(
        "summary",
        "2 test customers are left out of that: the old model can't score them (plan: 2)",
        "it may have been fitted on some",
    )
    assert page.has("summary", "1 change of the contract would break them")
    assert page.has("contract", "plan lost the category <gold> would break", "tenure wider not affected")
    assert page.has("provenance", "the contract refuses 3 more (plan: 2, <age>: 1)", "<id>: it is an id")
    assert "money" not in page.words
    assert "campaign" not in page.words["ranking"]
    assert ("a", {"href": "#money"}) not in page.tags
    assert lines[-1] == "report: contract (8 of 8)"


def test_the_comparison_with_a_model_in_place_that_cannot_be_compared(findings):
    in_place = InPlace(NotCompared(ModelError(Path("model.bin"), "is <cut> off")))
    page = Page(render(dataclasses.replace(findings, in_place=in_place)))
    assert page.has(
        "summary", "Do not ship it without a look", "not compared: it can't be served: model.bin: is <cut> off"
    )
    assert "there was none" not in page.words["summary"]
    assert page.has("contract", "No change for the clients is known.")


def test_the_page_is_self_contained_and_has_no_script(html, page):
    assert "http" not in html.replace("https", "http")
    assert not {"script", "iframe", "object", "embed", "img", "form", "base"} & {tag for tag, _ in page.tags}
    links = [attributes.get(name) for _, attributes in page.tags for name in ("src", "href", "action", "srcset")]
    assert all(link.startswith(("#", "data:,")) for link in links if link is not None)
    assert not re.search(r"@import|url\((?!#)", html)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_every_link_within_the_page_and_every_id_is_right(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for tag, attributes in page.tags if tag == "a"} <= set(ids)


def test_every_header_cell_has_a_scope_and_every_plot_a_name(page):
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    graphics = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert sum("aria-labelledby" in graphic for graphic in graphics) == 7
    assert all("aria-labelledby" in graphic or graphic.get("aria-hidden") == "true" for graphic in graphics)
    assert all({"width", "height"} <= graphic.keys() for graphic in graphics)


def test_two_writes_give_the_same_bytes_of_a_bounded_size(tmp_path, html, findings):
    lines: list[str] = []
    write_report(tmp_path / "report.html", render(findings, lines.append))
    written = (tmp_path / "report.html").read_bytes()
    assert written == html.encode()
    assert len(written) < 500_000
    assert lines[0] == "report: summary (1 of 9)"
    assert lines[3:5] == ["report: lift and gains (4 of 9)", "report: odds ratios (5 of 9)"]
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("the old one")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match=r"report\.html can't be written: No space left on device"):
        write_report(path, "the new one")
    assert path.read_text() == "the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_a_write_error(tmp_path):
    with pytest.raises(WriteError, match="No such file or directory"):
        write_report(tmp_path / "missing" / "report.html", "the new one")


def odd_tables() -> dict[str, tuple[list[str], list[list]]]:
    rng = np.random.default_rng(5)

    def rows(count, *columns):
        made = [[column(row) for column in columns] for row in range(count)]
        return [[*row, ("yes", "no")[int(rng.random() < 0.6)]] for row in made]

    def flag(row):
        return int(rng.integers(2))

    def category(*names):
        return lambda row: str(rng.choice(names))

    def number(row):
        return round(float(rng.normal()), 3)

    return {
        "names": (
            ["<b>plan</b>", '"a" & b', "$x$_^{", "it's", "n" * 300, "churn"],
            rows(
                200,
                category("<script>alert(1)</script>", "a&b", "$y$", ""),
                category("p", "'q'"),
                number,
                flag,
                category("z" * 400, "y"),
            ),
        ),
        "300 categories": (
            ["city", "pinned", "churn"],
            [
                [city, "never" if churn == "no" and row % 2 else "may", churn]
                for row, (city, churn) in enumerate(rows(3000, category(*(f"c{number}" for number in range(300)))))
            ],
        ),
        "tiny": (["a", "plan", "gender", "churn"], rows(40, flag, category(*"abc"), category("m", "f"))),
        "numbers": (["n", "constant", "large", "churn"], rows(120, number, lambda row: 7, lambda row: row * 1e5)),
        "100 flags": ([*(f"f{number}" for number in range(100)), "churn"], rows(150, *[flag] * 100)),
    }


ODD_TABLES = odd_tables()


@pytest.fixture(scope="module")
def odd_pages(tmp_path_factory):
    folder, pages = tmp_path_factory.mktemp("odd"), {}
    for name, (header, rows) in ODD_TABLES.items():
        path = folder / f"{name}.html"
        findings = find(write_table(folder / f"{name}.csv", header, rows), folds=2)
        write_report(path, render(findings))
        pages[name] = path
    return pages


@pytest.mark.parametrize("name", ODD_TABLES)
def test_any_table_gives_a_report_of_a_bounded_size(odd_pages, name):
    page = Page(odd_pages[name].read_text(encoding="utf-8"))
    assert [attributes["aria-labelledby"] for tag, attributes in page.tags if tag == "section"] == SECTIONS
    assert odd_pages[name].stat().st_size < 300_000
    assert not re.search(r"\b(nan|inf|None)\b", " ".join(page.words.values()))


def test_names_are_escaped_and_not_mathematics(odd_pages):
    html = odd_pages["names"].read_text(encoding="utf-8")
    assert "<b>" not in html
    assert "alert(1)</script>" not in html
    assert "script" not in {tag for tag, _ in Page(html).tags}
    shown = unescape(html.replace("<wbr>", ""))
    assert all(name in shown for name in ("<b>plan</b>", '"a"_&_b', "$x$_^{", "<script>alert(1)</script>", "(blank)"))


def test_a_field_of_300_categories_shows_the_largest_20(odd_pages):
    page = Page(odd_pages["300 categories"].read_text(encoding="utf-8"))
    for section in ("odds", "churn"):
        assert len(re.findall(r" c\d+ ", page.words[section])) == 20
        assert page.has(section, "more; these are the largest")
    assert page.has("churn", "and 280 more")
    assert page.has("contract", ", and 280 more")


def test_a_subgroup_with_one_class_is_reported_as_such(odd_pages):
    page = Page(odd_pages["300 categories"].read_text(encoding="utf-8"))
    assert re.search(r"never \d+ 0 \S+ % 0\.0 % \S+ \(±\S+\) too few", page.words["subgroups"])


def test_a_table_without_categories_or_without_numbers_gets_a_report_that_says_so(odd_pages):
    words = {name: Page(path.read_text(encoding="utf-8")).words for name, path in odd_pages.items()}
    assert "numbers only" in words["numbers"]["churn"]
    assert "no field that divides customers" in words["numbers"]["subgroups"]
    assert "Categories: compared" not in words["100 flags"]["odds"]
    assert "Numbers: one step" not in words["tiny"]["odds"]
    assert "Not shown: 60 more, with" in words["100 flags"]["odds"]
    assert "Not shown: 60 more, with" in words["100 flags"]["churn"]
    assert "100 fields" in words["100 flags"]["contract"]


@pytest.mark.parametrize("width", [360, 1200])
def test_in_a_browser_the_page_is_as_wide_as_its_window_and_every_plot_has_a_size(
    browser, odd_pages, tmp_path, html, width
):
    shipped = tmp_path / "report.html"
    shipped.write_text(html, encoding="utf-8")
    browser.resize((width, 900))
    for path in (shipped, odd_pages["names"], odd_pages["numbers"]):
        browser.driver.get(path.as_uri())
        assert browser.run("return document.documentElement.clientWidth") == width
        assert not browser.wider_than_the_window()
        sizes = browser.run(
            "return [...document.querySelectorAll('svg.plot')].map(s => [s.clientWidth, s.clientHeight])"
        )
        assert len(sizes) == 7
        assert all(250 <= wide <= 480 and high > 90 for wide, high in sizes)


HOSTILE_VERB = "<b>x$\\frac{1}$</b>{{7*7}}\"'&"


def test_with_its_own_verb_a_report_has_no_word_of_leaving(findings):
    html = render(dataclasses.replace(findings, event="buy again"))
    page, rate = Page(html), f"{100 * findings.tested.y.mean():.1f} %"
    assert page.has("ranking", "Of these, buy again", "False alarms", "who will buy again is ranked above one")
    assert page.has("calibration", "30 % should buy again", f"and {rate} will buy again")
    assert page.has("odds", "doubles the odds to buy again")
    assert page.has("money", "of those who will buy again accept when contacted")
    named = (r"<code>.*?</code>", r'<dl class="known">.*?</dl>', r'<p class="soft.*?</p>', r"<title>Model.*?</title>")
    without_names = re.sub("|".join((*named, "<style>.*?</style>")), "", html, flags=re.DOTALL)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", without_names)).lower()
    for word in ("leav", " left ", "stay", "churn", "riski", "less risk"):
        assert word not in words.replace("bars to the left mean", ""), word


def test_a_verb_is_a_text_in_a_report_and_never_markup(findings):
    html = render(dataclasses.replace(findings, event=HOSTILE_VERB))
    assert "<b>x" not in html
    assert "{{7*7}}" in unescape(html)
    assert "Of these, <b>x" in unescape(html)


def test_a_targets_own_words_and_the_rows_without_a_label_are_in_the_report(findings):
    found = FoundLabels(("<i>gone",), ("here", "there"), {"": 1234, "NA": 1})
    table = dataclasses.replace(findings.split.table, found=found)
    html = render(dataclasses.replace(findings, split=dataclasses.replace(findings.split, table=table)))
    page = Page(html)
    assert page.has("provenance", "churn: <i>gone (1), here, there (0)", "Rows without a label 1,235, left out")
    assert "<i>" not in html
