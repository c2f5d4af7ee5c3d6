"""The drawn curves of numbers: the effect of each number, averaged over the customers of training."""

import copy
import math
import re
from dataclasses import replace

import msgspec
import pytest
import requests
from selenium.webdriver.common.keys import Keys

from churn.web.pages.curves import DrawnCurve, draw_curves
from churn.web.pages.labels import label_category, label_field
from tests.apps import make_client
from tests.browser import PHONE, need_browser
from tests.serving import PageServer
from tests.shaped import AXES, COLUMNS, CUSTOMERS


@pytest.fixture(scope="module")
def drawn(shaped) -> dict[str, DrawnCurve]:
    return draw_curves(shaped.current)


def points_of(curve: DrawnCurve) -> list[tuple[float, float]]:
    """The points of a curve: the number, and how far above the average it is drawn, in units of the picture."""
    points = [tuple(map(float, point.split(","))) for point in curve.points.split(" ")]
    width = curve.highest - curve.lowest
    return [(curve.lowest + x / curve.width * width, curve.average_y - y) for x, y in points]


def add_columns(field: str, number: float) -> float:
    """The sum in log-odds of a number's own columns, by hand."""
    return sum(weight * part.of({field: number}) for part, weight in COLUMNS if f"({field}," in part.name)


def balance_alone(number: float) -> float:
    """The effect of a balance, which has no pair, compared with the customers of training."""
    average = sum(add_columns("balance", customer["balance"]) for customer in CUSTOMERS) / len(CUSTOMERS)
    return add_columns("balance", number) - average


ENDS = {"tenure": (24.0, 72.0), "charges": (80.0, 118.75), "balance": (-50.0, 250.0)}
"""For each field two numbers in the same place of its pairs, so that only its own columns differ between them."""


def unit_of(drawn, field: str) -> float:
    """Units of a field's picture for one unit of log-odds."""
    low, high = (height_at(drawn[field], number) for number in ENDS[field])
    low_added, high_added = (add_columns(field, number) for number in ENDS[field])
    return (high - low) / (high_added - low_added)


def test_a_number_without_a_pair_is_drawn_as_its_columns_add_up(drawn):
    unit = unit_of(drawn, "balance")
    for number in (-50.0, -7.0, 0.0, 100.0, 250.0):  # 0 is a knot, where the curve has its corner
        assert height_at(drawn["balance"], number) == pytest.approx(balance_alone(number) * unit, abs=0.03)


def height_at(curve: DrawnCurve, number: float) -> float:
    """The height of a number above the average, interpolated between a curve's points, in units of the picture."""
    points = points_of(curve)
    left = [point for point in points if point[0] <= number + 0.0001][-1]
    right = next((point for point in points if point[0] > number + 0.0001), left)
    part = (number - left[0]) / (right[0] - left[0]) if right[0] > left[0] else 0.0
    return left[1] + (right[1] - left[1]) * part


def mean_reason(shaped, field: str, value: float | str, customers: list[dict]) -> float:
    """The mean contribution of a field, in log-odds, if these customers had this value of it."""
    explained = [shaped.current.explainer.explain(customer | {field: value}) for customer in customers]
    reasons = [reason for explanation in explained for reason in explanation.reasons if reason.field == field]
    return sum(reason.contribution for reason in reasons) / len(customers)


@pytest.mark.parametrize("number", [0.0, 2.0, 5.9, 6.0, 12.0, 30.0, 72.0])
def test_a_number_with_a_pair_is_drawn_at_the_average_of_its_reasons(shaped, drawn, number):
    """The average is over the customers of training whose tenure has the same place in the pair."""
    (cuts,) = (cuts for _, _, field, cuts in AXES if field == "tenure")
    place = sum(cut <= number for cut in cuts)
    alike = [customer for customer in CUSTOMERS if sum(cut <= customer["tenure"] for cut in cuts) == place]
    mean = mean_reason(shaped, "tenure", number, alike)
    assert height_at(drawn["tenure"], number) == pytest.approx(mean * unit_of(drawn, "tenure"), abs=0.1)


def test_a_blank_with_its_own_weight_is_drawn_at_the_average_of_its_reasons(shaped, drawn):
    alike = [customer for customer in CUSTOMERS if 65.0 <= (customer["charges"] or 65.0) < 80.0]
    mean = mean_reason(shaped, "charges", "", alike)
    curve = drawn["charges"]
    height = curve.average_y - curve.blank_y
    assert height == pytest.approx(mean * unit_of(drawn, "charges"), abs=0.05)
    assert [drawn[name].blank_y for name in ("tenure", "balance")] == [None, None]


def test_each_curve_fills_its_own_picture(drawn):
    for curve in drawn.values():
        heights = [curve.average_y - height for _, height in points_of(curve)] + [curve.average_y]
        heights += [] if curve.blank_y is None else [curve.blank_y]
        assert (min(heights), max(heights)) == (2.0, DrawnCurve.height - 2.0)
        numbers = [number for number, _ in points_of(curve)]
        assert numbers == sorted(numbers)
        assert (curve.points.split(",")[0], curve.points.split(" ")[-1].split(",")[0]) == ("0", "100")


def test_a_picture_gives_the_odds_at_its_top_and_bottom(drawn):
    for field, curve in drawn.items():
        unit = unit_of(drawn, field)
        above, below = curve.average_y - 2.0, DrawnCurve.height - 2.0 - curve.average_y
        assert (float(curve.top), float(curve.bottom)) == pytest.approx(
            (math.exp(above / unit), math.exp(-below / unit)), abs=0.01
        )


def test_a_number_that_hardly_changes_the_risk_is_drawn_nearly_flat(shaped):
    tenure, charges, balance = shaped.current.card.curves
    pieces = [piece._replace(base=piece.base / 100, slope=piece.slope / 100) for piece in balance.pieces]
    flat = msgspec.structs.replace(balance, pieces=tuple(pieces))
    explainer = copy.copy(shaped.current.explainer)
    explainer.average_terms = explainer.average_terms | {"balance": pieces[0].base}
    model = replace(change(shaped.current, curves=(tenure, charges, flat)), explainer=explainer)
    curve = draw_curves(model)["balance"]
    heights = [height for _, height in points_of(curve)]
    assert max(heights) - min(heights) < DrawnCurve.height / 20
    assert float(curve.top) / float(curve.bottom) == pytest.approx(1.5, abs=0.03)
    assert curve.words == "The risk hardly changes with it."


def test_a_picture_in_words_has_the_odds_of_its_points(drawn):
    said = re.fullmatch(r"the odds of leaving, in times the average customer's: (.*)", drawn["balance"].values)
    points = [re.fullmatch(r"(\S+) at (\S+)", point).groups() for point in said[1].split(", ")]
    assert [float(number) for _, number in points] == [-50, 0, 25, 100, 175, 250]
    for odds, number in points:
        assert float(odds) == pytest.approx(math.exp(balance_alone(float(number))), abs=0.006)
    assert re.search(r", \S+ for a blank$", drawn["charges"].values)


def test_the_words_name_partners_as_the_form_does(drawn):
    assert drawn["tenure"].words.endswith(" This differs by Contract.")
    assert re.search(r"A blank (raises|lowers) it\. This differs by Senior\.$", drawn["charges"].words)
    assert "differs" not in drawn["balance"].words


def test_the_page_draws_a_curve_at_each_number_that_has_one_and_nowhere_else(shaped, client):
    page = make_client(shaped).get("/").text
    assert page.count('class="curve"') == page.count("<polyline") == 3
    assert page.count('class="blank"') == 1
    assert 'class="curve"' not in client.get("/").text


def change(model, **members):
    """The model with another card."""
    return replace(model, card=msgspec.structs.replace(model.card, **members))


def test_without_curves_in_the_card_nothing_is_drawn(shaped):
    model = shaped.current
    assert draw_curves(change(model, curves=())) == {}
    assert draw_curves(replace(model, card=None)) == {}


def test_a_curve_of_a_single_number_and_one_too_high_to_be_drawn_are_left_out(shaped):
    tenure, charges, balance = shaped.current.card.curves
    one = msgspec.structs.replace(tenure, knots=(5.0,), pieces=tenure.pieces[:2])
    assert set(draw_curves(change(shaped.current, curves=(one, charges, balance)))) == {"charges", "balance"}
    huge = [piece._replace(base=base) for piece, base in zip(tenure.pieces, (1e308, -1e308) * 9, strict=False)]
    endless = msgspec.structs.replace(tenure, pieces=tuple(huge))
    assert set(draw_curves(change(shaped.current, curves=(endless, charges, balance)))) == {"charges", "balance"}


@pytest.fixture(scope="module")
def service(shaped, tmp_path_factory):
    need_browser()
    log = tmp_path_factory.mktemp("service") / "log"
    with PageServer(log, MODEL_FILE=str(shaped.current.path)) as running:
        yield running


@pytest.fixture
def page(browser, service):
    browser.open(service.url)
    return browser


def lines(page, name: str) -> dict[str, dict[str, float]]:
    """The visible lines on a field's curve, by class, with their ends."""
    script = """
        const control = document.querySelector(`[name="${arguments[0]}"]`);
        const shown = [...document.getElementById(`${control.id}-curve`).querySelectorAll("line:not([hidden])")];
        const ends = (line) => ["x1", "x2", "y1", "y2"].map((end) => [end, line[end].baseVal.value]);
        return shown.map((line) => [line.getAttribute("class"), Object.fromEntries(ends(line))]);
    """
    return dict(page.run(script, name))


@pytest.mark.browser
def test_a_customers_number_is_marked_on_its_curve(page, drawn):
    for number in (0, 2.5, 6, 11.99, 12, 50, 72):
        page.fill("tenure", number)
        page.wait_for_answer()
        curve, shown = drawn["tenure"], lines(page, "tenure")
        here, x, y = shown["here"], number / 72 * 100, curve.average_y - height_at(curve, number)
        assert (here["x1"], here["x2"], here["y1"], here["y2"]) == pytest.approx((x, x, y, y), abs=0.001), number
        effect = shown.get("effect") or shown["effect more"]
        ends = (effect["x1"], effect["x2"], effect["y1"], effect["y2"])
        assert ends == pytest.approx((x, x, curve.average_y, y), abs=0.001), number
        assert ("effect more" in shown) == (here["y1"] < curve.average_y), number


@pytest.mark.browser
def test_beyond_training_the_mark_is_at_the_curves_end(page):
    page.fill("tenure", 100)
    page.wait_for_answer()
    assert lines(page, "tenure")["here"]["x1"] == 100
    page.fill("balance", -200)
    page.wait_for_answer()
    assert lines(page, "balance")["here"]["x1"] == 0


@pytest.mark.browser
def test_a_blank_has_its_own_line_and_a_refused_number_has_no_mark(page, drawn):
    assert set(lines(page, "charges")) - {"effect", "effect more"} == {"average", "here"}
    page.find("[name='charges']").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    page.wait(lambda: "blank" in lines(page, "charges"))
    shown = lines(page, "charges")
    assert set(shown) == {"average", "blank"}
    assert shown["blank"]["y1"] == shown["blank"]["y2"] == pytest.approx(drawn["charges"].blank_y, abs=0.001)
    assert ["Charges: blank"] in [row[:1] for row in page.rows("#reasons")]
    page.expected = {"status of 422"}
    page.fill("charges", "many")
    page.wait(lambda: page.find_all("[aria-invalid]"))
    assert [set(lines(page, name)) for name in ("charges", "tenure", "balance")] == [{"average"}] * 3


@pytest.mark.browser
def test_the_curve_in_words_is_the_screen_readers_description_of_the_field(page):
    control = page.find("[name='charges']")
    described = [page.text(f"#{id}") for id in control.get_attribute("aria-describedby").split()]
    assert described[-1] == "The risk hardly changes until 50, then rises. A blank raises it. This differs by Senior."


@pytest.mark.browser
def test_a_curves_picture_is_read_aloud_to_those_who_do_not_see_it(page, drawn):
    for name, curve in drawn.items():
        picture = page.find(f"#{page.find(f'[name={name}]').get_attribute('id')}-curve")
        assert picture.aria_role in {"img", "image"}
        assert picture.accessible_name == f"{label_field(name)}: {curve.values}"


@pytest.mark.browser
def test_a_curves_scale_is_written_next_to_it(page, drawn):
    shown = [element.text.split() for element in page.find_all(".drawn .scale")]
    scales = [[f"\N{MULTIPLICATION SIGN}{end}" for end in (curve.top, curve.bottom)] for curve in drawn.values()]
    assert shown == scales
    assert "Each has a scale of its own." in page.text("#customer-form > .hint")


@pytest.mark.browser
def test_curves_fit_a_phone(page):
    for size in (PHONE, (360, 740)):
        page.resize(size)
        assert not page.wider_than_the_window(), size
        curve, slider = (page.find(f"#customer-form {name}").rect for name in ("svg", "input[type='range']"))
        assert (curve["x"], curve["width"]) == (slider["x"], slider["width"]), size


@pytest.mark.browser
def test_reasons_name_the_fields_that_share_their_effect(page, service, tmp_path):
    customer = next(
        customer
        for customer in CUSTOMERS
        if customer["charges"] != "" and any("together_with" in reason for reason in explain(service, customer)[:3])
    )
    for name, value in customer.items():
        page.fill(name, f"{value:g}" if isinstance(value, float) else value)
    page.wait_for_answer()
    page.wait(lambda: page.customer()["tenure"] == f"{customer['tenure']:g}")
    words = [word(reason) for reason in explain(service, customer)]
    assert any(", together with " in text for text in words)
    page.wait(lambda: [row[0] for row in page.rows("#reasons")] == words)
    path = tmp_path / "list.csv"
    path.write_text("\n".join([",".join(customer), ",".join(map(str, customer.values()))]))
    page.upload(path)
    ((*_, strongest),) = page.rows("#customers-table")
    assert [reason.rpartition(" (")[0] for reason in strongest.split("\n")] == words[:3]


def explain(service, customer: dict) -> list[dict]:
    """The service's reasons for a customer."""
    return requests.post(f"{service.url}/predict?explain=true", json=customer, timeout=5).json()["reasons"]


def word(reason: dict) -> str:
    """A reason in the page's words, without its weight."""
    value = reason["value"]
    if reason["field"] == "senior":
        shown = "Yes" if value else "No"
    else:
        shown = label_category(value) if isinstance(value, str) else f"{value:g}"
    partners = " and ".join(map(label_field, reason.get("together_with", [])))
    return f"{label_field(reason['field'])}: {shown}" + (f", together with {partners}" if partners else "")
