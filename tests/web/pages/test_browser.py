"""The page in a real Chromium with a real gunicorn: the right numbers, problems at their fields, lists in pieces,
the key, the keyboard alone, a phone, contrast; and a console that stays silent."""

import csv
import gzip
import io
import math
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import requests
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.card import decode_card, encode_card
from churn.model.pair import card_path
from churn.web.pages.labels import UNITS, label_category, label_field
from tests.browser import LEFT_OUT, PHONE
from tests.customers import CSV, GOOD, PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean, write_list
from tests.drawn_customers import INTERNET
from tests.scored_files import assert_same_answers
from tests.serving import PageServer

pytestmark = pytest.mark.browser

SHIPPED = PROJECT / "model_C=1.0.bin"
REFUSED = "status of 422"


def sklearn_of(customer: dict) -> float:
    """scikit-learn's probability of the customer in the form."""
    numbers = {name: float(customer[name]) for name in ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")}
    return float(sklearn_probabilities(SHIPPED, [customer | numbers])[0])


def word_reason(probability: float, field: str, value: str | float, contribution: float) -> str:
    """A reason as the page shows it, in the form's words, with the risk and the risk without the reason."""
    shown = label_category(value) if isinstance(value, str) else f"{UNITS.get(field, '')}{value:g}"
    if field == "seniorcitizen":
        shown = "Yes" if value else "No"
    without = 1 / (1 + math.exp(math.log(1 / probability - 1) + contribution))
    effect = f"risk {probability * 100:.1f}\u00a0% instead of {without * 100:.1f}\u00a0%"
    return f"{label_field(field)}: {shown} ({effect})"


def download(browser, folder, name: str) -> bytes:
    """The file of the download link."""
    browser.find("#download").click()
    path = folder / name
    browser.wait(
        lambda: path.exists() and path.stat().st_size
    )  # Chromium reserves the name before it renames its file to it
    return path.read_bytes()


@pytest.mark.parametrize(("setting", "status"), [("", 0), ("required", 1)])
def test_without_chromium_these_tests_are_skipped_in_one_line_or_fail_where_it_is_required(setting, status):
    environ = os.environ | {"PATH": "/nonexistent", "BROWSER_TESTS": setting}
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    few = Path(__file__).with_name("test_print.py")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(few)]
    run = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == status
    left_out = [line for line in run.stdout.splitlines() if line.startswith("the browser tests were left out")]
    assert left_out == ([LEFT_OUT] if status == 0 else [])
    assert "apt-get install chromium chromium-driver" in run.stdout


def test_the_page_has_scikit_learns_probability_of_the_customer_in_its_form(browser, service):
    browser.open(service.url)
    assert browser.probability() == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)
    for name, value in GOOD.items():
        browser.fill(name, value)
    browser.find("[name='tenure']").send_keys(Keys.ENTER)
    browser.wait_for_answer()
    assert browser.customer() == {name: str(value) for name, value in GOOD.items()}
    assert browser.probability() == pytest.approx(sklearn_of(GOOD), abs=1e-9)
    assert (browser.text("#probability"), browser.text("#decision")) == ("28.3", "Likely to stay")
    announced = browser.find("#announcement").get_property("textContent")
    assert announced.startswith("Likely to stay, 28.3 percent.")


def test_a_two_year_contract_more_than_halves_the_risk_and_the_page_shows_it(browser, service):
    browser.open(service.url)
    before, customer = browser.probability(), browser.customer()
    assert customer["contract"] == "month-to-month"
    browser.fill("contract", "two_year")
    browser.wait_for_answer()
    after = browser.probability()
    assert after == pytest.approx(sklearn_of(customer | {"contract": "two_year"}), abs=1e-9)
    assert after < before / 2
    expected = f"Started at {before * 100:.1f} % \u2192 now {after * 100:.1f} % ("
    assert browser.text("#comparison").startswith(expected)
    assert browser.text("#changes") == "Contract: Month-to-month \u2192 Two year"
    assert browser.rows("#reasons")[0][0] == "Contract: Two year"
    assert browser.find_all("#reasons rect.down")
    browser.find("#keep").click()
    assert browser.text("#comparison") == f"Kept at {after * 100:.1f} %. Change a field to see what it does."
    browser.find("[type='reset']").click()
    browser.wait_for_answer()
    assert browser.probability() == before
    assert browser.text("#comparison") == f"Started at {before * 100:.1f} %. Change a field to see what it does."


def test_a_field_may_have_the_name_of_any_property_of_a_form(browser, tmp_path):
    names = ("elements", "reset", "method", "id", "queryselectorall")
    rows = [
        [f"{kind}{row % 3}" for kind in "abcde"] + [str(row % 40), "yes" if row % 4 else "no"] for row in range(99)
    ]
    table = "\n".join(",".join(row) for row in [[*names, "spend", "churn"], *rows])
    (tmp_path / "names.csv").write_text(table)
    import train  # imports pandas and scikit-learn

    train.main([str(tmp_path / "names.csv"), "--shapes", "none", "--output", str(tmp_path / "names.bin")])
    with PageServer(tmp_path / "log", MODEL_FILE=str(tmp_path / "names.bin")) as server:
        browser.open(server.url)
        assert set(browser.customer()) == {*names, "spend"}
        assert 0 < browser.probability() < 1
        answer = requests.post(f"{server.url}/predict", json=browser.customer(), timeout=5).json()
        assert browser.probability() == answer["churn_probability"]


def test_a_customer_at_or_above_the_threshold_is_likely_to_leave(browser, tmp_path):
    with PageServer(tmp_path / "log", CHURN_THRESHOLD="0.3") as service:
        browser.open(service.url)
        assert browser.probability() > 0.3
        assert browser.text("#decision") == "Likely to leave"
        assert "from 30 % on" in browser.text("#verdict")


def test_the_chart_is_a_table_whose_weights_add_up_to_the_answer(browser, service):
    browser.open(service.url)
    few = browser.rows("#reasons")
    browser.find("#all-reasons").click()
    all_rows = browser.rows("#reasons")
    assert (len(few), few[-1][0], len(all_rows)) == (9, "11 others together", 19)
    weights = [float(weight.replace("\u2212", "-")) for _, _, weight in all_rows]
    assert sorted(weights, key=abs, reverse=True) == pytest.approx(weights, abs=0.011)
    answer = requests.post(f"{service.url}/predict?explain=true", json=browser.customer(), timeout=5).json()
    others = sum(reason["contribution"] for reason in answer["reasons"][8:])
    assert float(few[-1][2].replace("\u2212", "-")) == pytest.approx(others, abs=0.0051)
    log_odds = math.log(answer["churn_probability"] / (1 - answer["churn_probability"]))
    assert answer["baseline"] + sum(weights) == pytest.approx(log_odds, abs=19 * 0.005)
    for (_, direction, _), weight in zip(all_rows, weights, strict=True):
        assert direction.strip() == ("raises the risk" if weight >= 0 else "lowers the risk")
    assert browser.find("#all-reasons").get_attribute("aria-expanded") == "true"


def test_a_problem_is_at_its_field_and_the_old_result_is_marked_out_of_date(browser, service, tmp_path):
    browser.expected = {REFUSED}
    browser.open(service.url)
    before = browser.probability()
    browser.fill("totalcharges", "-4")
    browser.fill("tenure", "a year")
    browser.wait(lambda: len(browser.find_all("[aria-invalid]")) == 2)
    tenure = browser.find("[name='tenure']")
    problem = browser.find(f"#{tenure.get_attribute('aria-describedby').split()[0]}")
    assert problem.text == "Not a number. Expected: a finite number, 0 or more."
    assert "stale" in browser.find("#verdict").get_attribute("class")
    assert browser.text("#failure-text") == "Not scored: 2 things to put right."
    browser.driver.save_screenshot(str(tmp_path / "problems.png"))
    browser.find("#failure-fields a").click()
    assert browser.driver.switch_to.active_element == tenure
    browser.find("[type='reset']").click()
    browser.wait(lambda: not browser.find_all("[aria-invalid]"))
    browser.wait_for_answer()
    assert not browser.find("#failure").is_displayed()
    assert browser.probability() == before


def note(browser, name: str, kind: str = "note") -> str:
    """The text at a field: its note or its problem."""
    control = browser.find(f"[name='{name}']")
    return browser.text(f"#{control.get_attribute('id')}-{kind}")


def test_values_that_go_together_change_together_and_come_back(browser, service):
    browser.open(service.url)
    browser.fill("onlinesecurity", "yes")
    browser.wait_for_answer()
    before = browser.customer()
    assert (before["internetservice"], before["phoneservice"]) == ("fiber_optic", "yes")
    off = dict.fromkeys(INTERNET, "no_internet_service")
    browser.fill("internetservice", "no")
    browser.wait_for_answer()
    assert browser.customer() == before | off | {"internetservice": "no"}
    assert browser.probability() == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)
    assert {note(browser, name) for name in INTERNET} == {"Changed with \u2018Internet: No\u2019."}
    said = browser.find("#form-status").get_property("textContent")
    assert said.startswith("Internet: No. Changed with it: Online security: No internet service; Online backup: No")
    browser.fill("phoneservice", "no")
    assert browser.customer()["multiplelines"] == "no_phone_service"
    assert (note(browser, "multiplelines"), note(browser, "onlinesecurity")) == (
        "Changed with \u2018Phone: No\u2019.",
        "",
    )
    browser.fill("multiplelines", "yes")
    browser.fill("internetservice", "dsl")
    browser.wait_for_answer()
    assert browser.customer() == before | {"internetservice": "dsl", "multiplelines": "yes"}
    browser.fill("techsupport", "no_internet_service")
    assert browser.customer() == before | off | {"internetservice": "no", "multiplelines": "yes"}
    browser.fill("streamingtv", "yes")
    expected = before | {"internetservice": "dsl", "multiplelines": "yes", "streamingtv": "yes"}
    assert browser.customer() == expected
    browser.find("[type='reset']").click()
    browser.wait_for_answer()
    assert browser.customer() == before | {"onlinesecurity": "no"}
    assert not any(element.text for element in browser.find_all(".note"))


def test_a_number_outside_of_training_is_scored_and_marked_and_one_beyond_the_limits_is_refused(browser, service):
    browser.expected = {REFUSED}
    browser.open(service.url)
    for number in ("72", "72.5", "144"):
        browser.fill("tenure", number)
        browser.find("[name='tenure']").send_keys(Keys.ENTER)
        browser.wait(lambda number=number: browser.probability() == pytest.approx(sklearn_of(browser.customer())))
        is_outside = number != "72"
        assert note(browser, "tenure") == ("Training saw 0 to 72." if is_outside else "")
        assert browser.text("#outside") == ("Months with us: training saw 0 to 72" if is_outside else "")
    browser.fill("tenure", "145")
    browser.wait(lambda: browser.find_all("[aria-invalid]"))
    words = "Too far from what the model knows. It takes 0 to 144; training saw 0 to 72."
    assert (note(browser, "tenure", "problem"), note(browser, "tenure")) == (words, "")
    assert browser.text("#failure-fields") == "Months with us: too far from what the model knows"
    assert not browser.find("#outside").is_displayed()
    browser.fill("tenure", "0")
    browser.fill("totalcharges", " ")  # stands for 0, which training has seen only as a blank
    browser.find("[name='tenure']").send_keys(Keys.ENTER)
    browser.wait_for_answer()
    assert browser.text("#outside") == ""
    browser.fill("totalcharges", "0")
    browser.wait(lambda: browser.text("#outside") == "Charged so far: training saw $18.8 to $8,684.8")


def test_a_list_reports_how_many_customers_in_all_its_pieces_are_outside_of_training(browser, frugal, tmp_path):
    customers = [dict(raw) for raw in RAW_CUSTOMERS[:900]]
    for row in (0, 1, 2, 500, 880, 899):
        customers[row]["tenure"] = "80"
    customers[700]["MonthlyCharges"] = "3"
    customers[701]["tenure"] = "400"
    browser.open(frugal.url)
    browser.upload(write_list(tmp_path / "customers.csv", customers))
    assert [element.text for element in browser.find_all("#list-outside li")] == [
        "6 customers have \u2018Months with us\u2019 outside of what training saw (0 to 72).",
        "1 customer has \u2018Monthly charges\u2019 outside of what training saw ($18.25 to $118.65).",
    ]
    browser.upload(write_list(tmp_path / "few.csv", RAW_CUSTOMERS[:9]))
    assert not browser.find("#list-outside").is_displayed()


def test_bad_rows_name_contradicting_values_in_the_forms_words(browser, service, tmp_path):
    online = next(raw for raw in RAW_CUSTOMERS if raw["InternetService"] == "DSL")
    offline = next(raw for raw in RAW_CUSTOMERS if raw["InternetService"] == "No")
    customers = [
        online | {"InternetService": "No"},
        online | {"OnlineSecurity": "No internet service"},
        offline | {"StreamingTV": "No"},
        online | {"tenure": "400"},
    ]
    customers += [online | {"tenure": "x"}] * 100 + customers[:1]  # only a hundred problems come in full
    browser.open(service.url)
    browser.upload(write_list(tmp_path / "customers.csv", customers))
    assert [group[:2] for group in browser.bad_groups()] == [
        ["100 rows: Months with us is not a number", "Expected: a finite number, 0 or more."],
        [
            "2 rows: Internet does not go with Online security: No internet service",
            "Expected: another value than No.",
        ],
        ["1 row: Online security does not go with Internet: No", "Expected: another value than No internet service."],
        ["1 row: Streaming TV does not go with Internet: No", "Expected: No internet service."],
        ["1 row: Months with us is too far from what the model knows", "It takes 0 to 144; training saw 0 to 72."],
    ]


def test_a_what_if_is_marked_as_one_and_a_list_is_not(browser, service, tmp_path):
    """The service counts the customers that it answers, and a customer made up in the form is not a real one."""
    browser.open(service.url)
    browser.intercept(
        """(window.asked ??= []).push([csv, options.headers.get("X-What-If")]);
        return ask(path, options);"""
    )
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))
    browser.upload(write_list(tmp_path / "list.csv", RAW_CUSTOMERS[:3]))
    browser.find("[type='reset']").click()
    browser.wait_for_answer()
    asked = [tuple(request) for request in browser.run("return window.asked")]
    assert set(asked) == {(False, "1"), (True, None)}
    assert asked.count((False, "1")) >= 2


def test_a_slider_and_its_number_follow_each_other(browser, service):
    browser.open(service.url)
    number = browser.find("[name='tenure']")
    slider = browser.find(f"[data-for='{number.get_attribute('id')}']")
    browser.fill("tenure", "60")
    assert slider.get_property("value") == "60"
    browser.run("arguments[0].focus()", slider)
    slider.send_keys(Keys.ARROW_RIGHT)
    assert number.get_property("value") == "61"
    browser.wait_for_answer()
    assert browser.probability() == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)


def test_only_the_newest_answer_counts(browser, service):
    browser.open(service.url)
    browser.intercept(
        """const mine = ++calls, { signal, ...rest } = options, response = await ask(path, rest);
        if (mine === 1) await new Promise((answer) => (window.release = answer));
        window.late = mine; return response;""",
    )
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.run("return Boolean(window.release)"))
    browser.fill("contract", "one_year")
    browser.wait(lambda: browser.run("return window.late") == 2)
    browser.wait_for_answer()
    shown = browser.probability()
    browser.run("window.release()")
    browser.wait(lambda: browser.run("return window.late") == 1)
    assert browser.probability() == shown == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)


def test_a_list_comes_back_scored_and_ranked_with_its_bad_rows(browser, service, tmp_path):
    customers = [{"customerID": f"C-{row}", **raw} for row, raw in enumerate(RAW_CUSTOMERS[:300], start=1)]
    customers[6]["Contract"] = "Two yeer"
    customers[200]["tenure"] = "long"
    browser.open(service.url)
    browser.upload(write_list(tmp_path / "customers.csv", customers))
    good = [row for row in range(300) if row not in (6, 200)]
    expected = sklearn_probabilities(SHIPPED, [spell_clean(RAW_CUSTOMERS[row]) for row in good])
    scored = list(csv.DictReader(io.StringIO(download(browser, tmp_path, "customers-scored.csv").decode())))
    assert [{name: row[name] for name in customers[0]} for row in scored] == customers
    assert [float(scored[row]["churn_probability"]) for row in good] == pytest.approx(list(expected), abs=1e-12)
    leaving = sum(one >= 0.5 for one in expected)
    assert browser.text("#totals").splitlines()[1::3] == ["298 rows", f"{leaving} customers", "2 rows"]
    ranked = sorted(zip(expected, good, strict=True), reverse=True)[:25]
    shown = browser.rows("#customers-table")
    assert [cells[:3] for cells in shown] == [[str(r + 2), f"C-{r + 1}", f"{p * 100:.1f}\u00a0%"] for p, r in ranked]
    first = RAW_CUSTOMERS[ranked[0][1]]
    answer = requests.post(f"{service.url}/predict?explain=3", json=first, timeout=5).json()
    assert shown[0][3].split("\n") == [word_reason(ranked[0][0], **reason) for reason in answer["reasons"]]
    assert browser.bad_groups() == [
        [
            "1 row: Contract is none of the known values",
            "Expected: Month-to-month, One year, Two year.",
            ["Row", "customerID", "Contract", "Meant, perhaps"],
            ["8", "C-7", "Two yeer", "Two year"],
        ],
        [
            "1 row: Months with us is not a number",
            "Expected: a finite number, 0 or more.",
            ["Row", "customerID", "tenure"],
            ["202", "C-201", "long"],
        ],
    ]
    assert scored[6]["error"] == "contract: unknown category (did you mean two_year?)"
    status = browser.find("#list-status").get_property("textContent")
    assert status == f"Done: 298 rows scored, {leaving} likely to leave. 2 rows could not be scored."


def test_a_models_own_verb_is_on_the_page_after_the_key_and_as_a_text(browser, tmp_path, pair):
    """The locked page reveals nothing of the model, so its title and brand come with the key."""
    verb = "<b>buy</b> again"
    card = decode_card(card_path(pair).read_bytes())
    card_path(pair).write_bytes(encode_card(msgspec.structs.replace(card, event=verb)))
    customers = [{"id": row, **raw} for row, raw in enumerate(RAW_CUSTOMERS[:5])]
    with PageServer(tmp_path / "log", MODEL_FILE=str(pair), API_KEY="right-key") as service:
        browser.driver.get(service.url)
        assert browser.text(".brand") == "Churn"
        browser.find("#key").send_keys("right-key", Keys.ENTER)
        browser.wait(lambda: browser.find_all("#customer-form"))
        browser.wait_for_answer()
        assert browser.text(".brand") == "<b>buy</b> again"
        assert browser.driver.title == f"<b>buy</b> again: who will {verb}, and why"
        assert browser.text("h1") == f"Who will {verb}, and why?"
        assert browser.text("#risk-title") == f"Chance to {verb}"
        assert browser.text("#decision") in (f"Likely to {verb}", f"Unlikely to {verb}")
        assert browser.text("#why-words").endswith(f"+0.7 doubles the odds to {verb}.")
        directions = {cell.get_property("textContent") for cell in browser.find_all("#reasons tbody .spoken")}
        assert directions <= {"raises the chance", "lowers the chance"}
        browser.upload(write_list(tmp_path / "customers.csv", customers))
        assert f"Likely to {verb}" in browser.text("#totals")
        assert browser.text("#customers-table thead").split()[:3] == ["Row", "id", "Chance"]


def test_a_list_sent_in_pieces_gives_the_same_file_as_sent_whole(browser, service, frugal, tmp_path):
    customers = [
        {"note": f'two\r\nlines, a ""quote"" {row}; and \u20ac', "id": row, **raw}
        for row, raw in enumerate(RAW_CUSTOMERS[:1500])
    ]
    customers[1400]["Contract"] = ""
    path = write_list(tmp_path / "many.csv", customers, lineterminator="\r\n", encoding="utf-8-sig")
    browser.open(frugal.url)
    browser.upload(path)
    script = "return performance.getEntriesByType('resource').filter(e => e.name.includes('errors=report')).length"
    assert (
        browser.run(script) >= 1 + (path.stat().st_size - 100_000) / 50_000
    )  # the first is as large as a body may be
    whole = requests.post(
        f"{service.url}/predict?errors=report&explain=3",
        data=path.read_bytes(),
        headers={"Content-Type": "text/csv"},
        timeout=30,
    )
    assert download(browser, tmp_path, "many-scored.csv") == whole.content
    assert browser.bad_rows() == ["1402"]  # each customer has two lines but is one row


def test_a_row_has_the_number_that_the_spreadsheet_shows(browser, service, frugal, tmp_path):
    customers = [{"note": f'two\nlines "{row}"', **raw} for row, raw in enumerate(RAW_CUSTOMERS[:900])]
    lines = write_list(tmp_path / "list.csv", customers, lineterminator="\r\n").read_bytes().split(b"\r\n")
    lines[0:0] = [b"", b" , ,"]  # two rows above the header
    lines[500:500] = [b"", b",,,"]
    (tmp_path / "list.csv").write_bytes(b"\r\n".join(lines))
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_bytes().decode(), newline="")))
    risky = sklearn_probabilities(SHIPPED, [spell_clean(raw) for raw in RAW_CUSTOMERS[:900]])
    browser.open(frugal.url)
    browser.upload(tmp_path / "list.csv")
    shown = browser.rows("#customers-table")
    assert [rows[int(cells[0]) - 1][0] for cells in shown] == [
        f'two\nlines "{row}"' for row in sorted(range(900), key=lambda row: -risky[row])[:25]
    ]
    assert browser.text("#customers-table thead").split() == ["Row", "note", "Risk", "Strongest", "reasons"]


@pytest.mark.parametrize(
    ("delimiter", "line_end", "encoding", "decimal"),
    [
        (",", "\r", "utf-8", "."),
        (";", "\r\n", "utf-8-sig", ","),
        (";", "\n", "utf-8", "."),
        ("\t", "\n", "utf-8", ","),
    ],
)
def test_the_scored_file_is_byte_for_byte_the_services_answer_in_each_form(
    browser, service, frugal, tmp_path, delimiter, line_end, encoding, decimal
):
    chance = random.Random(f"{delimiter}{line_end}")
    odd = [
        "",
        "?",
        ' "a" ',
        "a\nb",
        "a\r\nb",
        "a,b;c\td",
        "=1+1",
        "\u00a0",
        "\ufeff",
        "\x85",
        "\u0130\U0001f600",
        "1,2.3",
    ]
    rows = [[*customer.values(), *chance.sample(odd, 2)] for customer in RAW_CUSTOMERS[:900]]
    for row in rows:
        row[:-2] = [cell.replace(".", decimal) for cell in row[:-2]]
        if chance.random() < 0.1:
            row[chance.randrange(len(row))] = chance.choice(odd)
        if chance.random() < 0.05:
            row[:] = chance.choice(
                [row[:-1], [*row, chance.choice(odd)], chance.choices(["", " ", "\x1c\x85"], k=3), []]
            )
    with (tmp_path / "list.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        writer.writerows([[*RAW_CUSTOMERS[0], "the note", " Error"], *rows])
    browser.open(frugal.url)
    browser.upload(tmp_path / "list.csv")
    assert download(browser, tmp_path, "list-scored.csv") == ask_whole(service, tmp_path / "list.csv").content


FORMS = {
    "Windows-1252 below sep=": (
        "cp1252",
        "sep=;\r\n",
        ";",
        "\r\n",
        "separated by semicolons, decimal commas, header in row 1",
    ),
    "UTF-16 of tabs": ("utf-16", "", "\t", "\r\n", "separated by tabs, decimal commas, header in row 1"),
    "UTF-16 below a title": (
        "utf-16",
        "Kunden\n;;\n",
        ";",
        "\n",
        "separated by semicolons, decimal commas, header in row 3 below a title",
    ),
    "UTF-8 below a title": (
        "utf-8-sig",
        "\nKunden,,\n\nMai\n",
        ",",
        "\n",
        "separated by commas, header in row 5 below a title",
    ),
}
OFFICE_FILES = [
    pytest.param(
        *form,
        compressed,
        id=f"{name}-{'gz' if compressed else 'plain'}",
        marks=[] if compressed == (number % 2 == 1) else pytest.mark.thorough,  # each form, half of them compressed
    )
    for number, (name, form) in enumerate(FORMS.items())
    for compressed in (False, True)
]


@pytest.mark.parametrize(("codec", "above", "delimiter", "line_end", "form", "compressed"), OFFICE_FILES)
def test_a_file_is_accepted_as_an_office_program_saves_it_and_comes_back_in_its_own_form(
    browser, service, frugal, tmp_path, codec, above, delimiter, line_end, form, compressed
):
    mark = "." if delimiter == "," else ","
    customers = [
        {"Straße": "Königsallee €"} | {name: value.replace(".", mark) for name, value in raw.items()}
        for raw in RAW_CUSTOMERS[:700]
    ]
    customers[600]["Contract"] = "?"
    written = write_list(tmp_path / "list.csv", customers, delimiter=delimiter, lineterminator=line_end)
    text = above + written.read_bytes().decode()
    path = tmp_path / ("list.csv.gz" if compressed else "list.csv")
    content = text.encode(codec)
    path.write_bytes(gzip.compress(content) if compressed else content)
    browser.open(frugal.url)
    browser.upload(path)
    name = {"cp1252": "Windows-1252", "utf-16": "UTF-16", "utf-8-sig": "UTF-8"}[codec]
    assert browser.text("#list-form") == f"Read as CSV in {name}, {form}."
    (tmp_path / "utf-8.csv").write_bytes(text.encode("utf-8-sig"))
    assert download(browser, tmp_path, "list-scored.csv") == ask_whole(service, tmp_path / "utf-8.csv").content
    title_rows = len(list(csv.reader(io.StringIO(above, newline="")))) - above.startswith("sep=")
    assert browser.bad_rows() == [str(title_rows + 602)]


RENAMED = {"Contract": "Vertrag", "tenure": "Tenure (months)", "PaymentMethod": "Pay method", "TotalCharges": "Summe"}


def rename_columns(customers: list[dict]) -> list[dict]:
    return [{RENAMED.get(name, name): value for name, value in customer.items()} for customer in customers]


def ask_for_columns(browser, path) -> list[str]:
    """Choose a file whose columns have other names; the columns that the page proposes for the fields."""
    browser.find("#file").send_keys(str(path))
    browser.wait(lambda: browser.find("#choices").is_displayed())
    return browser.run(
        "return [...document.querySelectorAll('#choices select')].map((s) => s.selectedOptions[0].text)"
    )


def test_the_page_asks_for_columns_with_other_names_and_the_file_keeps_its_own(browser, service, frugal, tmp_path):
    customers = [{"id": row, **raw} for row, raw in enumerate(RAW_CUSTOMERS[:700])]
    path = write_list(tmp_path / "list.csv", rename_columns(customers), delimiter=";")
    browser.open(frugal.url)
    guesses = ["Vertrag (Month-to-month, One year)", "Pay method (Electronic check, Mailed check)"]
    assert ask_for_columns(browser, path) == [*guesses, "Tenure (months) (1, 34)", "Choose a column"]
    assert browser.driver.switch_to.active_element.text == "4 columns are missing"
    labels = [label.text for label in browser.find_all("#choices label")]
    assert (labels[0], labels[2]) == (
        "Which of your columns is Contract?",
        "Which of your columns is Months with us?",
    )
    keys = lambda *pressed: ActionChains(browser.driver).send_keys(*pressed).perform()  # noqa: E731
    keys(*[Keys.TAB] * 4, "Tenure", *[Keys.TAB], Keys.ENTER)
    last = browser.driver.switch_to.active_element
    assert last.get_attribute("aria-invalid") == "true"
    problem = browser.find(f"#{last.get_attribute('aria-describedby').split()[0]}")
    assert problem.text == "It is chosen above already."
    keys("Summe", Keys.TAB, Keys.ENTER)
    browser.wait(lambda: browser.find("#scored").is_displayed())
    assert focused(browser) == "file"
    write_list(tmp_path / "named.csv", customers, delimiter=";")
    named = ask_whole(service, tmp_path / "named.csv").content.partition(b"\n")
    header = (
        path.read_bytes().partition(b"\r\n")[0] + b";churn_probability;churn;reason_1;reason_2;reason_3;error\r\n"
    )
    assert download(browser, tmp_path, "list-scored.csv") == header + named[2]
    assert browser.text("#customers-table thead").split()[:2] == ["Row", "id"]
    assert ask_for_columns(browser, path)[3] == "Summe (29.85, 1889.5)"  # as it was chosen before
    browser.find("#choices-cancel").click()
    browser.wait(lambda: browser.text("#list-problem") == "Cancelled. Nothing of it is kept.")
    assert not browser.find("#choices").is_displayed()
    browser.open(frugal.url)
    assert ask_for_columns(browser, path)[3] == "Choose a column"  # the choice is not stored anywhere
    browser.upload(write_list(tmp_path / "good.csv", RAW_CUSTOMERS[:3]))  # another file replaces it
    assert not browser.find("#choices").is_displayed()
    assert browser.find("#scored").is_displayed()


def test_where_all_columns_have_other_names_the_header_is_the_first_of_the_widest_rows(browser, service, tmp_path):
    customers = [{f"Our {name}": value for name, value in raw.items()} for raw in RAW_CUSTOMERS[:9]]
    path = write_list(tmp_path / "list.csv", customers)
    path.write_bytes(b"Customers of May,,\r\n" + path.read_bytes())
    browser.open(service.url)
    guesses = ask_for_columns(browser, path)
    assert browser.text("#list-form") == "Read as CSV in UTF-8, separated by commas, header in row 2 below a title."
    assert len(guesses) == len(RAW_CUSTOMERS[0])
    assert "Our gender (Female, Male)" in guesses
    browser.find("#choices .primary").click()
    browser.wait(lambda: browser.find("#scored").is_displayed())
    assert browser.text("#totals").splitlines()[1] == "9 rows"


def test_the_question_for_columns_fits_a_phone_and_has_the_contrast_of_wcag_aa(browser, service, tmp_path):
    browser.resize(PHONE)
    browser.open(service.url)
    ask_for_columns(browser, write_list(tmp_path / "list.csv", rename_columns(RAW_CUSTOMERS[:9])))
    browser.find("#choices .primary").click()
    browser.wait(lambda: browser.find_all("#choices [aria-invalid]"))
    assert not browser.wider_than_the_window()
    controls = browser.heights("#choices select, #choices button")
    assert len(controls) > 5
    assert [control for control in controls if control[1] < 44] == []
    for dark in (False, True):
        browser.set_dark(dark)
        browser.wait_for_paint()
        assert [measured for measured in browser.contrasts() if measured[1] < measured[2]] == [], f"{dark=}"


def test_a_column_is_guessed_by_its_name_or_by_values_that_no_other_column_has(modules):
    script = """const [fields, columns] = arguments;
        for (const field of fields) field.categories &&= new Set(field.categories);
        return import("/static/columns.js").then(({ guessColumns }) => [...guessColumns(fields, columns)]);"""
    plan = {"field": "plan", "label": "Plan", "categories": ["basic", "pro"]}
    partner = {"field": "partner", "label": "Has a partner", "categories": ["no", "yes"]}
    charge = {"field": "monthlycharges", "label": "Monthly charges", "categories": None}

    def guess(fields: list, **columns: str) -> dict:
        shown = [
            {"number": number, "name": name, "cells": cells.split(",")}
            for number, (name, cells) in enumerate(columns.items())
        ]
        return dict(modules.run(script, fields, shown))

    assert guess([plan, charge], Tarif="Pro,basic,,PRO", monthly_charge="1,2") == {"plan": 0, "monthlycharges": 1}
    assert guess([plan], Tarif="pro,gold,silver") == {}
    assert guess([plan], Tarif="pro", Old="basic") == {}  # two columns fit
    assert guess([partner, partner | {"field": "married", "label": "Married"}], a="yes,no") == {}
    assert guess([partner], Partner_="1,2", x="yes") == {"partner": 1}  # the values contradict the name
    assert guess([charge], betrag="1.5") == {}


def test_a_row_with_many_problems_is_in_the_group_of_each_and_the_page_says_how_many_rows_have_more(
    browser, service, tmp_path
):
    customers = [dict.fromkeys(RAW_CUSTOMERS[0], "?") for _ in range(30)]
    for raw, customer in zip(RAW_CUSTOMERS, customers[1:3], strict=False):
        customer |= raw | {"Partner": "?", "tenure": ""}
    browser.open(service.url)
    browser.upload(write_list(tmp_path / "list.csv", customers))
    titles = [title for title, *_ in browser.bad_groups()]
    assert titles == [
        "30 rows: Has a partner is none of the known values",
        "28 rows: Gender is none of the known values",
        "28 rows: Senior citizen is not 0 or 1",
        "28 rows: Has dependents is none of the known values",
        "28 rows: Months with us is not a number",
        "2 rows: Months with us is blank",
    ]
    assert "28 rows have further problems, beyond the first five, that are in no group." in browser.text("#bad-hint")


@pytest.mark.parametrize(
    ("first", "later", "delimiter"),
    [("29,85", "30", ";"), ("29.85", "29,85", ";"), ("1.234", "29.85", ";"), ("30", "29,85", "\t")],
    ids=["whole numbers later", "another mark later", "said late", "said late between tabs"],
)
def test_a_file_has_one_decimal_mark_whatever_its_pieces_are(
    browser, frugal, shipped, tmp_path, first, later, delimiter
):
    customers = [
        raw | {"MonthlyCharges": first if row < 1100 else later, "TotalCharges": "1.234" if row % 9 == 0 else "40"}
        for row, raw in enumerate(RAW_CUSTOMERS[:1500])
    ]
    path = write_list(tmp_path / "list.csv", customers, delimiter=delimiter)
    browser.open(frugal.url)
    browser.upload(path)
    scored = download(browser, tmp_path, "list-scored.csv")
    score_file(path, tmp_path / "by-score.csv", TableScorer(Answerer(shipped, n_reasons=3)))
    assert_same_answers(tmp_path / "by-score.csv", scored, delimiter=delimiter)


def test_where_the_file_has_more_columns_than_are_offered_the_page_says_so(browser, service, tmp_path):
    customers = [
        {f"c{number}": "x" for number in range(600)}
        | {"Laufzeit" if name == "tenure" else name: raw[name] for name in raw}
        for raw in RAW_CUSTOMERS[:3]
    ]
    browser.open(service.url)
    browser.find("#file").send_keys(str(write_list(tmp_path / "list.csv", customers)))
    browser.wait(lambda: browser.find("#choices").is_displayed())
    assert "Of its 601 other columns the first 500 are offered." in browser.text("#choices-hint")


def test_answers_that_do_not_match_the_number_of_rows_are_never_shown(browser, service, tmp_path):
    browser.open(service.url)
    browser.intercept(
        """const response = await ask(path, options);
        if (!csv) return response;
        const [, ...others] = await response.json();
        return new Response(JSON.stringify(others), { headers: response.headers });""",
    )
    browser.upload(write_list(tmp_path / "list.csv", RAW_CUSTOMERS[:20]))
    assert "do not find the same rows" in browser.text("#list-problem")
    assert not browser.find("#scored").is_displayed()


def answered_twice(path, whole: bool) -> None:
    """A list with last month's answer, and with two columns of its own that have names of an answer's columns."""
    customers = [
        {"id": row, "churn_probability": row / 1000, "churn": "true", "reason_1": f"C{row}", "Churn": "no"} | raw
        for row, raw in enumerate(RAW_CUSTOMERS[:900])
    ]
    write_list(path, customers, quoting=csv.QUOTE_ALL if whole else csv.QUOTE_MINIMAL)


@pytest.mark.parametrize("quoted", [True, False])
def test_an_earlier_answer_is_replaced_in_every_piece_and_a_users_own_column_in_none(
    browser, service, frugal, tmp_path, quoted
):
    answered_twice(tmp_path / "list.csv", quoted)
    browser.open(frugal.url)
    browser.upload(tmp_path / "list.csv")
    browser.score_anew()
    scored = download(browser, tmp_path, "list-scored.csv")
    assert scored == ask_whole(service, tmp_path / "list.csv").content
    header, first, *_ = csv.reader(io.StringIO(scored.decode()))
    assert header[:4] == ["id", "reason_1", "Churn", "gender"]
    assert header[-6:] == [
        "churn_probability",
        "predicted_churn",
        "predicted_reason_1",
        "reason_2",
        "reason_3",
        "error",
    ]
    assert first[:3] == ["0", "C0", "no"]
    assert browser.text("#list-note") == (
        "The file had an earlier answer, which is replaced: churn_probability, churn. "
        "The answer\u2019s column is called predicted_churn: the file has its own churn. "
        "The answer\u2019s column is called predicted_reason_1: the file has its own reason_1."
    )


def ask_whole(service, path) -> requests.Response:
    url, headers = f"{service.url}/predict?errors=report&explain=3", {"Content-Type": "text/csv"}
    return requests.post(url, data=path.read_bytes(), headers=headers, timeout=30)


def test_the_first_pieces_decisions_hold_for_all_pieces_and_ragged_rows_are_refused_as_in_a_whole_file(
    browser, service, frugal, tmp_path
):
    """Only later pieces of the first file show that a column is the user's own. Some rows lack cells, or have only an
    old answer's.
    """
    customers = [
        {"id": row, "churn_probability": 0.5, "churn": "no" if row == 3 else "true"} | raw
        for row, raw in enumerate(RAW_CUSTOMERS[:900])
    ]
    lines = write_list(tmp_path / "own.csv", customers, lineterminator="\n").read_text().splitlines()
    lines[600] = lines[600].rsplit(",", 3)[0]
    lines[700] = f"{lines[700]},x"
    lines[800] = ",0.5,true"
    lines[850] = "\u00a0,,"
    (tmp_path / "own.csv").write_text("\n".join(lines))
    answered = [{**row, "churn": "true"} for row in customers]
    write_list(tmp_path / "answered.csv", answered, lineterminator="\n")
    text = (tmp_path / "answered.csv").read_text().splitlines()
    text[600], text[800] = text[600].rsplit(",", 3)[0], ",0.5,true"
    (tmp_path / "answered.csv").write_text("\n".join(text))
    browser.open(frugal.url)
    for name in ("own", "answered"):
        path = tmp_path / f"{name}.csv"
        browser.upload(path)
        if name == "answered":
            browser.score_anew()
        whole = ask_whole(service, path)
        assert download(browser, tmp_path, f"{name}-scored.csv") == whole.content
        assert browser.bad_rows() == (["601", "701", "801"] if name == "own" else ["601", "801"])


def test_the_first_piece_has_a_thousand_rows_even_if_they_are_wide(browser, service, tmp_path):
    """The 991st of them shows that the columns are the user's own."""
    customers = [
        {**raw, "churn_probability": 0.5, "churn": "true", "error": "E404" if row == 990 else ""}
        | {f"note{number}": "x" * 100 for number in range(40)}
        for row, raw in enumerate(RAW_CUSTOMERS[:1100])
    ]
    path = write_list(tmp_path / "wide.csv", customers)
    assert path.stat().st_size * 990 / 1100 > 2 * 2**20  # more than a piece usually holds
    browser.open(service.url)
    browser.upload(path)
    browser.score_anew()
    scored = download(browser, tmp_path, "wide-scored.csv")
    assert scored == ask_whole(service, path).content
    assert b",E404," in scored


def test_blank_columns_cells_and_rows_that_a_spreadsheet_left_change_no_answer(browser, service, tmp_path):
    header, *rows = CSV.read_text(encoding="utf-8").splitlines()[:20]
    (tmp_path / "plain.csv").write_text("\n".join([header, *rows, ""]))
    blank = ",,,\n" * 30_000
    (tmp_path / "wide.csv").write_text(
        f"{header}\n" + "".join(f"{row},,\n" for row in rows) + blank + f"{rows[0]}\n{blank}"
    )
    browser.open(service.url)
    browser.upload(tmp_path / "wide.csv")
    expected = ask_whole(service, tmp_path / "plain.csv").content.splitlines()
    assert download(browser, tmp_path, "wide-scored.csv").splitlines() == [*expected, expected[1]]


BAD_LISTS = {
    "empty": (b"", "It is empty; give a file with a header row and a row for each customer."),
    "blank": (b"\n ,\n", "Its header line has no column for: contract, "),
    "blank lines": (b"\xef\xbb\xbf\n\n", "It is empty; give a file with a header row and a row for each customer."),
    "no header": (b"1,2\n3,4\n", "Its header line has no column for: contract, "),
    "a field twice": (b"contract,Contract,tenure\n", "more than one column for: contract."),
    "not UTF-8": (b"\xef\xbb\xbf" + CSV.read_bytes()[:500] + b"\xe9\n", "line 4: it is not UTF-8"),
    "no encoding": (CSV.read_bytes()[:500] + b"\xe9\x81\n", "line 4: it is neither UTF-8 nor Windows-1252;"),
    "half a character": ("a,b\n\u20ac".encode("utf-16")[:-1], "line 2: it is not UTF-16; save it as"),
    "a PDF": (b"%PDF-1.7\n", "It is a PDF; save its table as .xlsx or CSV UTF-8."),
    "a page": (
        b"<!doctype html>\n<table>",
        "It is an HTML page; download the table itself, or save it as .xlsx or CSV",
    ),
    "a PDF in gzip": (gzip.compress(b"%PDF-1.7\n"), "It is a PDF; save its table as .xlsx or CSV UTF-8."),
    "a broken gzip": (
        gzip.compress(CSV.read_bytes())[:9_000],
        "It is a damaged gzip file; fetch or compress it again, or give the table that was in it.",
    ),
    "gzip in gzip": (
        gzip.compress(gzip.compress(CSV.read_bytes(), mtime=0), mtime=0),
        "It is a gzip file; unpack it and give the table that is in it.",
    ),
    "an open quote": (CSV.read_bytes()[:210_000] + b'\n"' + b"a" * 300_000, "Is there a quote that nothing closes?"),
    "a broken quote": (CSV.read_bytes()[:120_000].rpartition(b"\n")[0] + b'\n"a"b\n', "it is not CSV"),
}


def test_a_list_that_cannot_be_scored_shows_the_reason(browser, frugal, tmp_path):
    browser.expected = {REFUSED, "status of 400", "status of 413"}
    path = tmp_path / "list.csv"
    browser.open(frugal.url)
    for name, (content, words) in BAD_LISTS.items():
        path.write_bytes(content)
        browser.run("document.getElementById('list-problem').textContent = ''")
        browser.upload(path)
        assert words in browser.text("#list-problem"), name
        assert not browser.find("#scored").is_displayed(), name
        if words == "it is not CSV":  # the line number is that of the file, though the line was sent in a later piece
            assert f"line {content.count(bytes([10]))}:" in browser.text("#list-problem")


def test_a_list_can_be_dropped_and_its_content_is_shown_as_text(browser, service):
    customer = RAW_CUSTOMERS[0] | {"id": "<img src=/x onerror=alert(1)>"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(customer))
    writer.writeheader()
    writer.writerow(customer)
    browser.open(service.url)
    images = len(browser.find_all("img"))
    browser.run(
        """const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([arguments[0]], "dropped.csv"));
        const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
        document.getElementById("drop").dispatchEvent(drop);
        if (!drop.defaultPrevented) throw new Error("the browser would leave the page");""",
        text.getvalue(),
    )
    browser.wait(lambda: browser.find("#scored").is_displayed())
    assert browser.rows("#customers-table")[0][1] == customer["id"]
    assert len(browser.find_all("img")) == images
    assert browser.find("#download").get_attribute("download") == "dropped-scored.csv"


def test_a_busy_service_is_asked_again_and_a_cancelled_list_leaves_nothing(browser, frugal, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"".join(CSV.read_bytes().splitlines(keepends=True)[:801]))
    browser.open(frugal.url)
    browser.intercept(
        """if (!csv || ++calls !== 2) return ask(path, options);
        window.busy = 1;
        return new Response("{}", { status: 503, headers: { "Retry-After": "0.01" } });""",
    )
    browser.upload(path)
    assert browser.run("return window.busy") == 1
    assert browser.text("#totals").splitlines()[1] == "800 rows"
    browser.intercept(
        """if (csv && ++calls === 2) await new Promise((_, refuse) => options.signal.addEventListener("abort", () =>
            refuse(options.signal.reason)));
        return ask(path, options);""",
    )
    browser.find("#file").send_keys(str(path))
    browser.wait(lambda: "rows done" in browser.text("#progress-text"))
    assert 0 < float(browser.find("#progress-bar").get_attribute("value")) < 1
    browser.find("#cancel").click()
    browser.wait(lambda: browser.text("#list-problem") == "Cancelled. Nothing of it is kept.")
    assert not browser.find("#scored").is_displayed()
    assert not browser.find("#progress").is_displayed()


def test_a_list_never_mixes_two_models(browser, frugal, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"".join(CSV.read_bytes().splitlines(keepends=True)[:801]))
    browser.open(frugal.url)
    browser.intercept(
        """const response = await ask(path, options);
        if (!csv || ++calls < 2) return response;
        return new Response(await response.blob(), { headers: { "X-Model-Version": "another" } });""",
    )
    browser.upload(path)
    assert "changed its model in the middle of the file" in browser.text("#list-problem")
    assert not browser.find("#scored").is_displayed()


def test_a_key_opens_the_page_for_its_tab_and_is_forgotten_on_demand(browser, guarded, tmp_path):
    browser.driver.get(guarded.url)
    assert not browser.find_all("#customer-form")
    browser.driver.save_screenshot(str(tmp_path / "locked.png"))
    for wrong in ("wrong-key", "cl\u00e9"):
        browser.run("document.getElementById('key-problem').textContent = ''")
        browser.find("#key").clear()
        browser.find("#key").send_keys(wrong, Keys.ENTER)
        browser.wait(lambda: browser.text("#key-problem") == "The service does not know this key.")
    browser.find("#key").clear()
    browser.find("#key").send_keys("right-key", Keys.ENTER)
    browser.wait(lambda: browser.find_all("#customer-form"))
    browser.wait_for_answer()
    assert browser.probability() == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)
    browser.upload(write_list(tmp_path / "list.csv", RAW_CUSTOMERS[:20]))
    assert browser.text("#totals").splitlines()[1] == "20 rows"
    browser.driver.refresh()  # the tab keeps the key
    browser.wait(lambda: browser.find_all("#customer-form"))
    browser.wait_for_answer()
    assert browser.run("return [localStorage.length, document.cookie, sessionStorage.length]") == [0, "", 1]
    browser.find("#forget-key").click()
    browser.wait(lambda: browser.find_all("#unlock"))
    assert browser.run("return sessionStorage.length") == 0


def test_a_service_that_is_gone_is_reported_and_comes_back(browser, tmp_path):
    browser.expected = {"ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET"}
    service = PageServer(tmp_path / "log")
    with service:
        browser.open(service.url)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find("#failure").is_displayed())
    assert "can\u2019t be reached" in browser.text("#failure-text")
    assert "stale" in browser.find("#verdict").get_attribute("class")
    browser.upload(write_list(tmp_path / "list.csv", RAW_CUSTOMERS[:20]))
    assert "can\u2019t be reached" in browser.text("#list-problem")
    with service:
        browser.find("#retry").click()
        browser.wait(lambda: not browser.find("#failure").is_displayed())
        assert browser.probability() == pytest.approx(sklearn_of(browser.customer()), abs=1e-9)


def test_the_page_reports_that_the_model_has_changed_while_it_was_open(browser, pair, small_pair, tmp_path):
    shutil.copy(SHIPPED, pair)
    shutil.copy(card_path(SHIPPED), card_path(pair))
    with PageServer(tmp_path / "log", MODEL_FILE=str(pair)) as service:
        browser.open(service.url)
        version = requests.get(f"{service.url}/ping", timeout=5).headers["X-Model-Version"]
        assert not browser.find("#new-model").is_displayed()
        for name in (card_path, lambda path: path):
            shutil.copy(name(small_pair), name(pair))
        browser.wait(lambda: requests.get(f"{service.url}/ping", timeout=5).headers["X-Model-Version"] != version)
        browser.fill("contract", "two_year")
        browser.wait(lambda: browser.find("#new-model").is_displayed())
        browser.find("#reload").click()
        browser.wait(lambda: browser.find("#main").get_attribute("data-version") != version)
        browser.wait_for_answer()
        assert not browser.find("#new-model").is_displayed()


def test_a_model_without_a_card_has_a_page_that_works(browser, tmp_path):
    model = tmp_path / "old.bin"
    shutil.copy(PROJECT / "tests" / "models" / "sklearn-1.9.1.bin", model)
    with PageServer(tmp_path / "log", MODEL_FILE=str(model)) as service:
        browser.open(service.url)
        for name, value in GOOD.items():
            browser.fill(name, value)
        browser.wait_for_answer()
        browser.wait(lambda: browser.text("#changes").count("\u2192") > 5)
        answer = requests.post(f"{service.url}/predict", json=GOOD, timeout=5).json()
        assert browser.probability() == pytest.approx(answer["churn_probability"], abs=1e-12)
        assert "does not say what an average customer is" in browser.text("#why-words")


def focused(browser) -> str:
    return browser.run("return document.activeElement.id || document.activeElement.textContent")


def test_the_keyboard_alone_does_it_all(browser, service, tmp_path):
    browser.open(service.url)
    keys = lambda *pressed: ActionChains(browser.driver).send_keys(*pressed).perform()  # noqa: E731
    keys(Keys.TAB)
    assert focused(browser) == "Skip to the content"
    keys(Keys.ENTER)
    assert focused(browser) == "main"
    keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.get_attribute("name") == "contract"
    outline = (
        "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, style.outlineWidth]"
    )
    assert browser.run(outline) == ["solid", "3px"]
    keys("Two")
    browser.wait(lambda: browser.text("#changes") == "Contract: Month-to-month \u2192 Two year")
    visited = []
    while focused(browser) != "file":
        keys(Keys.TAB)
        visited.append(browser.driver.switch_to.active_element.get_attribute("name") or focused(browser))
        assert len(visited) < 40
    assert set(GOOD) - {"contract"} <= set(visited)
    assert {"keep", "all-reasons"} <= set(visited)
    assert browser.run("return getComputedStyle(document.getElementById('drop')).outlineStyle") == "solid"
    browser.driver.switch_to.active_element.send_keys(str(write_list(tmp_path / "list.csv", RAW_CUSTOMERS[:20])))
    browser.wait(lambda: browser.find("#scored").is_displayed())
    keys(Keys.TAB)
    assert focused(browser) == "download"
    keys(Keys.ENTER)
    browser.wait(lambda: (tmp_path / "list-scored.csv").exists())


def test_a_phone_never_scrolls_sideways_and_its_controls_are_as_large_as_a_finger(browser, service, tmp_path):
    browser.expected = {REFUSED}
    browser.resize(PHONE)
    browser.open(service.url)
    assert not browser.wider_than_the_window()
    customers = [{"id": "x" * 200, **raw} for raw in RAW_CUSTOMERS[:20]]
    customers[3]["Contract"] = "?"
    browser.upload(write_list(tmp_path / "list.csv", customers))
    browser.fill("tenure", "?")
    browser.wait(lambda: browser.find_all("[aria-invalid]"))
    assert not browser.wider_than_the_window()
    browser.driver.save_screenshot(str(tmp_path / "phone.png"))
    controls = browser.heights("button, select, #customer-form input[type='text'], .button, nav a")
    assert len(controls) > 30
    assert [control for control in controls if control[1] < 44] == []
    top = browser.run(
        """window.scrollTo(0, document.getElementById("customer-form").getBoundingClientRect().top + 400);
        return document.getElementById("verdict").getBoundingClientRect().top"""
    )
    assert top == 0  # the verdict is pinned


def test_every_text_has_the_contrast_that_wcag_aa_requires(browser, service, tmp_path):
    browser.expected = {REFUSED}
    browser.open(service.url)
    customers = [RAW_CUSTOMERS[0] | {"Contract": "?"}, *RAW_CUSTOMERS[1:20]]
    browser.upload(write_list(tmp_path / "list.csv", customers))

    def check() -> None:
        for dark in (False, True):
            browser.set_dark(dark)
            browser.wait_for_paint()
            assert browser.run("return matchMedia('(prefers-color-scheme: dark)').matches") is dark
            measured = browser.contrasts()
            assert len(measured) > 100
            assert [found for found in measured if found[1] < found[2]] == [], f"{dark=}"

    check()
    browser.fill("tenure", "?")
    browser.wait(lambda: browser.find_all("[aria-invalid]"))
    check()
