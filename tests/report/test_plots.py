"""The plots as SVG: text that stays text, a title with the main figure, unique ids, the same bytes again."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from churn.model.gain import Campaign
from churn.report.diagnostics import (
    calibration_bins,
    gains,
    gains_by_decile,
    operating_point,
    precision_recall,
    roc,
)
from churn.report.plots import (
    plot_calibration,
    plot_folds,
    plot_gains,
    plot_lift,
    plot_precision_recall,
    plot_profit,
    plot_roc,
)
from churn.report.svg import draw_svg
from churn.training.campaign import find_profit_curve
from churn.training.evaluation import Interval

Y = np.array([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
PROBABILITIES = np.array([0.95, 0.9, 0.8, 0.62, 0.6, 0.41, 0.4, 0.15, 0.12, 0.0])
POINTS = [operating_point(Y, PROBABILITIES, threshold=threshold) for threshold in (0.5, 0.99)]


def draw_all() -> dict[str, str]:
    deciles = gains_by_decile(Y, PROBABILITIES)
    curve = find_profit_curve(Campaign(200, 10, 1, 0.3), Y, PROBABILITIES)
    return {
        "folds": plot_folds([0.81, 0.83], 0.8123, Interval(0.7, 0.9)),
        "many folds": plot_folds([0.8] * 50, 0.8, Interval(0.7, 0.9)),
        "roc": plot_roc(roc(Y, PROBABILITIES), 0.7083, POINTS),
        "precision-recall": plot_precision_recall(precision_recall(Y, PROBABILITIES), 0.7, 0.4, POINTS),
        "calibration": plot_calibration(calibration_bins(Y, PROBABILITIES)),
        "gains": plot_gains(gains(Y, PROBABILITIES), deciles),
        "lift": plot_lift(deciles),
        "profit": plot_profit(curve, 10, [("D", 5, 146.0), ("s", 3, 101.0), ("o", 8, 180.0)]),
    }


@pytest.fixture(scope="module")
def plots():
    return draw_all()


TITLES = {
    "folds": "AUC of 2 folds: 0.820 ± 0.010; of the test part: 0.812",
    "many folds": "AUC of 50 folds: 0.800 ± 0.000; of the test part: 0.800",
    "roc": "ROC curve: AUC 0.708, where chance has 0.5",
    "precision-recall": "Precision over recall: 0.700 on average, where chance has 0.400",
    "calibration": "of 1 with a mean probability of 90 %, 0 % left",
    "gains": "Gains: the riskiest 20 % of the customers include 25 % of the leavers",
    "lift": "Lift: the riskiest tenth leaves 2.5 times as often as the average customer",
    "profit": "Profit over the share of 10 customers contacted: at most 180",  # 56 for a leaver, -11 for a stayer
}


@pytest.mark.parametrize("name", TITLES)
def test_a_plot_is_one_svg_of_a_known_size_whose_title_has_its_main_figure(plots, name):
    svg = ET.fromstring(plots[name])  # without a prefix and a namespace, as it is part of HTML
    assert svg.tag == "svg"
    assert svg.attrib["viewBox"] == f"0 0 320 {svg.attrib['height']}"
    assert svg.attrib["width"] == "320"
    assert svg.attrib["role"] == "img"
    assert svg[0].tag == "title"
    assert svg.attrib["aria-labelledby"] == svg[0].attrib["id"]
    assert TITLES[name] in svg[0].text.replace("\N{NO-BREAK SPACE}", " ")


def test_labels_are_text_in_the_pages_own_font(plots):
    texts = [text.text for text in ET.fromstring(plots["roc"]).iter("text")]
    assert {"AUC 0.708", "from 0.5 on", "chance", "Stayers alarmed", "Leavers found"} <= set(texts)
    assert all("font-family" not in svg and "DejaVu" not in svg for svg in plots.values())


def test_every_fold_is_named_while_there_are_few(plots):
    assert [f"fold {number}" in plots["folds"] for number in range(3)] == [True, True, False]
    assert "50 folds</text>" in plots["many folds"]
    assert "fold 1<" not in plots["many folds"]


def test_ids_are_each_plots_own_and_every_reference_leads_somewhere(plots):
    seen = [
        identifier
        for name, svg in plots.items()
        if name != "many folds"
        for identifier in re.findall(r' id="([^"]*)"', svg)
    ]
    assert len(seen) == len(set(seen)) > 20
    for svg in plots.values():
        referred = set(re.findall(r'(?:url\(#|href="#)([^")]*)', svg))
        assert referred <= set(re.findall(r' id="([^"]*)"', svg))


def test_the_same_arrays_give_the_same_bytes(plots):
    assert draw_all() == plots


def test_nothing_of_a_plot_is_elsewhere_or_styles_the_page(plots):
    for svg in plots.values():
        assert "http" not in svg
        assert "<style" not in svg
        assert "<script" not in svg
        assert "<metadata" not in svg


def test_a_dollar_is_not_mathematics_and_a_strange_letter_gives_no_warning():
    svg = draw_svg("x", lambda figure: figure.text(0, 0, "$x_2$ 東京 <b>"), height=50, title="a < b & c")
    assert [text.text for text in ET.fromstring(svg).iter("text")] == ["$x_2$ 東京 <b>"]
    assert ET.fromstring(svg)[0].text == "a < b & c"
