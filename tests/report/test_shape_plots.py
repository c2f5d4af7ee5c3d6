"""The plots of curves and of pairs of fields: with the properties of the other plots, and with any name in them."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from churn.report.field_pairs import FieldPair, Side
from churn.report.own_parts import Outline
from churn.report.shape_plots import CLASSES, COLOURS, plot_field_pair, plot_shape
from churn.report.shapes import At, Scale, Shape

HOSTILE = '<b>$x_1$</b> url(#a) id="b" d="1.23456" font-family: serif; &amp;'


def make_shape(x, log_odds, *, field="tenure", scale=None, blank=None, has_all=False):
    """A shape with two customers at each point."""
    x, log_odds, scale = np.array(x, dtype=float), np.array(log_odds, dtype=float), scale or Scale()
    edges = scale.divide(x[0], x[-1], 5)
    counts, _ = np.histogram(np.repeat(x, 2), edges)
    knots = [At(number, height, 2) for number, height in zip(x.tolist(), log_odds.tolist(), strict=True)]
    rows = (*knots, *([At(None, blank, 4)] if blank is not None else []))
    return Shape(field, scale, Outline(x, log_odds, has_all), edges, counts, rows, 1.0)


def make_pair(rows, columns, *, cuts=(), log_odds=None, shares=None):
    size = len(rows), len(columns)
    log_odds = np.linspace(-1.5, 1.5, size[0] * size[1]).reshape(size) if log_odds is None else np.array(log_odds)
    shares = np.full(size, 1 / (size[0] * size[1])) if shares is None else np.array(shares)
    return FieldPair(Side("contract", tuple(rows)), Side("tenure", tuple(columns), cuts), log_odds, shares, 1.0)


STEPS = ("5 or less", "6 to 11", "12 to 23", "24 or more")
PLOTS = {
    "curve-1": lambda: plot_shape("curve-1", make_shape([0, 12, 12, 72], [0.7, 0.1, -0.2, -1.2])),
    "curve-2": lambda: plot_shape("curve-2", make_shape([0, 1, 2], [0, 0.5, 0.2], blank=0.9, has_all=True)),
    "curve-3": lambda: plot_shape("curve-3", make_shape([-10, 0, 100, 1e5], [-60, 2, 3, 80], scale=Scale(10.0))),
    "curve-4": lambda: plot_shape("curve-4", make_shape([7, 7], [0, 0])),
    "curve-5": lambda: plot_shape("curve-5", make_shape([0, 1], [-900, 900])),
    "curve-6": lambda: plot_shape("curve-6", make_shape([0, 2e-9, 4e-6], [0, 1, 2], scale=Scale(1e-9))),
    "pair-1": lambda: plot_field_pair("pair-1", make_pair(["monthly", "two_year"], STEPS, cuts=(6.0, 12.0, 24.0))),
    "pair-2": lambda: plot_field_pair("pair-2", make_pair("abc", [f"a_long_category_{name}" for name in "abcd"])),
    "pair-3": lambda: plot_field_pair("pair-3", make_pair("ab", "cd", shares=[[0, 0.5], [0.5, 0]])),
    "pair-4": lambda: plot_field_pair("pair-4", make_pair("ab", "cd", shares=np.zeros((2, 2)))),
}


@pytest.fixture(scope="module")
def plots():
    return {name: draw() for name, draw in PLOTS.items()}


TITLES = {
    "curve-1": "Curve of tenure: compared with the average customer's, "
    "the odds are multiplied by 0.30 at 72 and 2.01 at 0",
    "curve-2": "1.00 at 0 and 1.65 at 1",
    "curve-3": "8.8e-27 at \N{MINUS SIGN}10 and over 1,000,000 at 100,000",
    "pair-1": "contract and tenure together: the odds are multiplied by 4.48 at two_year and 24 or more, "
    "0.22 at monthly and 5 or less",
    "pair-4": "contract and tenure together: no cell has enough customers for a figure",
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_one_svg_of_a_known_size_with_ids_of_its_own(plots, name):
    svg = ET.fromstring(plots[name])
    assert svg.attrib["viewBox"] == f"0 0 320 {svg.attrib['height']}"
    assert svg[0].attrib["id"] == svg.attrib["aria-labelledby"] == f"{name}-title"
    assert TITLES.get(name, "") in svg[0].text
    identifiers = re.findall(r' id="([^"]*)"', plots[name])
    assert all(identifier.startswith(f"{name}-") for identifier in identifiers)
    assert {*re.findall(r'(?:url\(#|href="#)([^")]*)', plots[name])} <= {*identifiers}
    assert "nan" not in plots[name].lower()


def texts(svg):
    return [text.text for text in ET.fromstring(svg).iter("text")]


def test_the_same_figures_give_the_same_bytes(plots):
    assert {name: draw() for name, draw in PLOTS.items()} == plots


def test_a_curve_has_round_odds_and_round_numbers_on_its_axes(plots):
    assert {"0.5", "1", "2", "0", "20", "40", "60"} <= {*texts(plots["curve-1"])}
    assert {"0", "1", "2", "blank"} <= {*texts(plots["curve-2"])}
    assert texts(plots["curve-2"]).count("0.5") == 1  # one of the odds; the numbers are whole
    crowded = texts(plots["curve-3"])
    assert {"0", "1,000", "100,000"} <= {*crowded}
    assert len(crowded) < 20


def test_only_a_blank_with_its_own_weight_has_a_place(plots):
    assert [name for name in PLOTS if "blank" in texts(plots[name])] == ["curve-2"]


def test_a_cell_has_the_colour_of_its_odds():
    edges = [*CLASSES, 4.0]
    below = [np.log(edge * 0.99) for edge in edges]
    plot = plot_field_pair("p", make_pair("a", "bcdefghij", log_odds=[below]))
    used = re.findall(r"fill: (#[0-9a-f]{6})", plot)
    assert [colour for colour in dict.fromkeys(used) if colour in COLOURS] == list(COLOURS)
    assert len(COLOURS) == len(CLASSES) + 1
    assert sorted(CLASSES) == list(CLASSES)
    for low, high in zip(CLASSES, reversed(CLASSES), strict=True):
        assert low * high == pytest.approx(1)


def test_a_cell_without_a_customer_is_a_small_square(plots):
    paths = [path for path in ET.fromstring(plots["pair-3"]).iter("path") if path.get("style", "")[6:13] in COLOURS]
    corners = [re.findall(r"[ML] ([\d.]+) ", subpath) for path in paths for subpath in path.get("d").split("z")[:-1]]
    widths = sorted(float(left_to_right[1]) - float(left_to_right[0]) for left_to_right in corners)
    assert widths[:2] == pytest.approx([0.3 * widths[-1]] * 2, abs=0.1)
    assert widths[2:] == pytest.approx([widths[-1]] * 2, abs=0.1)


def test_a_small_table_has_its_figures_in_its_cells(plots):
    written = texts(plots["pair-3"])
    assert {"0.22", "4.48"} <= {*written}
    assert written.count("50\N{NO-BREAK SPACE}%") == 2
    wide = plot_field_pair("p", make_pair("a", "bcdefgh"))
    assert not any("%" in text for text in texts(wide))


def test_long_labels_are_cut_and_slanted(plots):
    assert "a_long_category\N{HORIZONTAL ELLIPSIS}" in texts(plots["pair-2"])
    assert "rotate(-35" in plots["pair-2"]
    assert "rotate(-35" not in plots["pair-3"]


def test_any_name_is_shown_unchanged():
    pair = make_pair(["<b>", "$x$", 'd="1.23456"'], ["url(#a)", ' id="b"'])
    svg = plot_field_pair("p", pair._replace(down=pair.down._replace(field=HOSTILE[:30])))
    assert {"<b>", "$x$", 'd="1.23456"', "url(#a)", ' id="b"'.strip()} <= {text.strip() for text in texts(svg)}
    title = ET.fromstring(plot_shape("p", make_shape([0, 1], [0, 1], field=HOSTILE)))[0].text
    assert title.startswith(f"Curve of {HOSTILE}: ")
