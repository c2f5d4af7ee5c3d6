"""The page's section that shows whether the model is still good, in a real Chromium."""

import csv
import io
from datetime import datetime

import msgspec
import pytest
import requests
from msgspec.structs import replace
from selenium.webdriver.common.keys import Keys

from churn.model.training_counts import TrainingCounts
from churn.watch.counts import Counts
from churn.watch.drift import FieldDrift
from churn.watch.expected import Figure
from churn.watch.report import BLIND, WITHOUT_COUNTS, DriftReport
from tests.browser import need_browser
from tests.customers import CSV
from tests.serving import PageServer

pytestmark = pytest.mark.browser

SINCE = "2026-11-26T14:00:00Z"
CARD = TrainingCounts(
    edges={"tenure": (12.0, 24.0, 48.0)},
    fields={
        "contract": (550, 210, 240),
        "tenure": (0, 300, 200, 300, 200, 0, 0),
        "partner": (500, 500),
        "gender": (490, 510),
        "dependents": (700, 300),
    },
    folds_distance={},
)
COUNTS = Counts(
    answers=1_250,
    since=SINCE,
    fields={
        "contract": [1_000, 150, 100],
        "tenure": [0, 750, 250, 150, 50, 50, 0],
        "partner": [650, 600],
        "gender": [645, 605],
        "dependents": [1_000, 250],
    },
    probabilities=[1_250],
)
NEAR = "differs by no more than 0.05, which is too little to matter"
FIGURES = {
    "churn_rate": Figure(0.34, 0.3212, 0.3588, 0.2691),
    "auc": Figure(0.8412, 0.82, 0.8613, 0.8475),
    "log_loss": Figure(0.4301, 0.41, 0.45, 0.4164),
    "profit": Figure(-0.5, -1.25, 1_234.5, None),
}
FIELDS = [
    FieldDrift("contract", 0.25, 1e-9, True, ""),
    FieldDrift("partner", 0.02, 0.4, False, ""),
    FieldDrift("tenure", 0.3, 1e-9, True, ""),
    FieldDrift("gender", 0.026, 0.001, False, NEAR),
    FieldDrift("dependents", 0.1, 0.2, None, "1,250 answers; 4,000 are needed"),
]
EXPECTED_ROWS = [
    ["Churn rate", "34.0 %", "32.1 % to 35.9 %", "26.9 %"],
    ["AUC", "0.841", "0.820 to 0.861", "0.848"],
    ["Log loss", "0.430", "0.410 to 0.450", "0.416"],
    ["Profit for each customer", "\u22120.50", "\u22121.25 to 1,234.50", "not known"],
]


@pytest.fixture
def report(shipped) -> DriftReport:
    return DriftReport(shipped.version, 0.5, 1_250, SINCE, BLIND, FIGURES, FIELDS, COUNTS)


def stub(browser, report: DriftReport, card: TrainingCounts | None = CARD) -> None:
    """Make /drift answer with a report, and /model with a card's counts; `asked` has each request's path and key."""
    browser.intercept(
        """const [drift, counts, version] = given, headers = { "X-Model-Version": version };
        const answer = (body, status = 200) => new Response(body, { status, headers });
        if (!["/drift", "/model"].includes(path)) return ask(path, options);
        (window.asked ??= []).push([path, options.headers.get("Authorization")]);
        if (path === "/model") {
            headers["X-Model-Version"] = window.versionOfCard ?? version;
            return answer(JSON.stringify(counts ? { counts } : {}));
        }
        if (window.broken === "network") throw new TypeError("no network");
        if (window.broken) return answer(window.broken.body, window.broken.status);
        return answer(window.report ?? drift);""",
        msgspec.json.encode(report).decode(),
        msgspec.to_builtins(card),
        report.model,
    )


def look(browser) -> None:
    """Scroll to the section and wait for its content."""
    browser.run("document.getElementById('drift').scrollIntoView({ behavior: 'instant' })")
    wait(browser)


def wait(browser) -> None:
    browser.wait(lambda: browser.find("#drift").get_attribute("aria-busy") == "false")


def look_again(browser, **window) -> None:
    """Press the button, after the service's answers have been changed."""
    for name, value in window.items():
        browser.run(f"window.{name} = arguments[0]", value)
    browser.find("#drift-again").click()
    wait(browser)


def shown_fields(browser) -> list[list[str]]:
    """The headings of the groups of fields, each followed by the texts of its rows, folded or not."""
    script = """const read = (one) =>
            [...one.childNodes].flatMap((child) => (child.nodeType === 3 ? [child.data] : read(child)));
        return [...document.querySelectorAll("#drift-fields :is(summary, tbody tr)")].map(read);"""
    return [[text.replace("\u00a0", " ") for text in texts if text] for texts in browser.run(script)]


def in_words(time: str) -> str:
    """A time in the browser's time zone: Nov 26, 2026, 2:00 PM."""
    local = datetime.fromisoformat(time).astimezone()
    return f"{local:%b} {local.day}, {local.year}, {local:%I}".replace(" 0", " ") + f"{local:\u003a%M %p}"


def test_the_section_asks_when_it_comes_into_view_and_shows_all_of_the_report(browser, service, report):
    browser.open(service.url)
    browser.run("sessionStorage.setItem('churn-api-key', 'a-key')")
    stub(browser, report)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))
    assert browser.run("return window.asked ?? []") == []
    look(browser)
    assert browser.run("return window.asked") == [["/drift", "Bearer a-key"], ["/model", "Bearer a-key"]]
    found = "Customers differ from training in 2 of 5 fields. Of 1 field nothing can be told yet."
    assert browser.text("#drift-verdict") == found
    assert browser.text("#drift-answers") == f"1,250 customers answered since {in_words(SINCE)}."
    figures = browser.rows("#drift-figures")
    assert [[text.replace("\u00a0", " ") for text in row] for row in figures] == EXPECTED_ROWS
    assert shown_fields(browser) == [
        ["Different: 2 fields"],
        ["Months with us", "0 to under 12: 30.0 % in training, 60.0 % now.", "30.0 %"],
        ["Contract", "Month-to-month: 55.0 % in training, 80.0 % now.", "25.0 %"],
        ["Can\u2019t be told yet: 1 field"],
        ["Has dependents", "1,250 answers; 4,000 are needed", "No: 70.0 % in training, 80.0 % now.", "10.0 %"],
        ["As in training: 2 fields"],
        ["Gender", f"D{NEAR[1:]}", "Female: 49.0 % in training, 51.6 % now.", "2.6 %"],
        ["Has a partner", "No: 50.0 % in training, 52.0 % now.", "2.0 %"],
    ]
    summaries, rows = browser.find_all("#drift summary"), browser.find_all("#drift-fields tbody tr")
    assert [row.is_displayed() for row in rows] == [True, True, False, False, False]
    summaries[2].send_keys(Keys.ENTER)
    assert [row.is_displayed() for row in rows] == [True, True, False, True, True]
    assert len(browser.find_all("#drift .spoken")) == 3  # for a screen reader, at fields without drift
    assert [element.text for element in browser.find_all("#drift-notes li")] == [*BLIND]
    bars, line = (browser.find(f"#drift .picture {kind}").get_attribute("d") for kind in (".now", ".then"))
    assert bars.count("V") == 2 * 5  # two of the 7 places are empty in both
    assert line == "M0 24V12.00H1V16.00H2V12.00H3V16.00H4V24.00H5V24"  # 60 % is as high as the picture
    look_again(browser)
    assert [path for path, _ in browser.run("return window.asked")] == ["/drift", "/model", "/drift"]
    browser.run("sessionStorage.clear()")


def test_the_section_gives_the_reason_where_there_is_nothing_to_show_and_shows_the_rest(browser, service, report):
    nobody = replace(
        report,
        answers=0,
        expected=dict.fromkeys(FIGURES),
        fields=[FieldDrift(field, None, None, None, "0 answers; 400 are needed") for field in COUNTS.fields],
        counts=Counts(0, {field: [0] * len(counts) for field, counts in COUNTS.fields.items()}, [0], SINCE),
    )
    uncounted = [FieldDrift(field, None, None, None, "training has no counts of this field") for field in CARD.fields]
    bare = replace(
        report,
        expected=FIGURES | {"profit": None},
        fields=uncounted,
        notes=(*BLIND, WITHOUT_COUNTS),
        since=None,
    )
    alike = [replace(field, drifted=False) for field in FIELDS]
    browser.open(service.url)
    stub(browser, nobody)
    look(browser)
    assert browser.text("#drift-answers") == (
        f"No customer counted yet since {in_words(SINCE)}. "
        "Counts are shown for many customers at a time, so that nobody can be made out."
    )
    parts = ("#drift-expected", "#drift-compared", "#drift-problem", "#drift-notes")
    assert visible(browser, parts) == ["#drift-notes"]
    look_again(browser, report=msgspec.json.encode(bare).decode())
    assert browser.text("#drift-answers") == "1,250 customers answered."
    assert [element.text for element in browser.find_all("#drift-notes li")] == [*BLIND, WITHOUT_COUNTS]
    assert visible(browser, parts) == ["#drift-expected", "#drift-notes"]
    figures = [row.text.split()[0] for row in browser.find_all("#drift-figures tbody tr") if row.is_displayed()]
    assert figures == ["Churn", "AUC", "Log"]
    assert browser.run("return window.asked") == [["/drift", None]] * 2  # without a request for the card
    look_again(browser, report=msgspec.json.encode(replace(report, fields=alike)).decode())
    assert browser.text("#drift-verdict") == "No field is found to differ from training."
    early = [replace(field, drifted=None) for field in FIELDS]
    look_again(browser, report=msgspec.json.encode(replace(report, fields=early)).decode())
    assert browser.text("#drift-verdict") == "Too early to tell whether customers differ from training."
    failures = {
        "The counts can\u2019t be kept: no space left on the device.": {
            "status": 503,
            "body": '{"status": 503, "detail": "the counts can\u2019t be kept: no space left on the device"}',
        },
        "The service does not take this key any more: forget it, and open the page with another.": {
            "status": 401,
            "body": '{"status": 401, "detail": "no known key"}',
        },
        "The service can\u2019t be reached. Check the connection, then try again.": "network",
        "The service answered 502.": {"status": 502, "body": "<html>"},
    }
    for words, broken in failures.items():
        look_again(browser, broken=broken)
        assert (browser.text("#drift-problem"), browser.text("#drift-verdict")) == (words, "")
        assert visible(browser, parts) == ["#drift-problem"]
    look_again(browser, broken=None)
    assert visible(browser, parts) == ["#drift-expected", "#drift-compared", "#drift-notes"]


def visible(browser, selectors) -> list[str]:
    return [selector for selector in selectors if browser.find(selector).is_displayed()]


@pytest.mark.parametrize(
    ("card", "version"),
    [(None, None), (replace(CARD, fields={"tenure": (1, 2)}), None), (CARD, "another")],
    ids=["none", "other bins", "another model's"],
)
def test_without_counts_of_training_to_draw_the_fields_are_shown_all_the_same(
    browser, service, report, card, version
):
    browser.open(service.url)
    stub(browser, report, card)
    browser.run("window.versionOfCard = arguments[0]", version)
    look(browser)
    assert shown_fields(browser)[:3] == [
        ["Different: 2 fields"],
        ["Months with us", "30.0 %"],
        ["Contract", "25.0 %"],
    ]
    assert not browser.find_all("#drift svg")
    assert not browser.find("#new-model").is_displayed()


def test_a_report_on_a_new_model_says_that_the_page_shows_another(browser, service, report):
    browser.open(service.url)
    stub(browser, replace(report, model="0123456789ab"))
    look(browser)
    assert browser.find("#new-model").is_displayed()


def test_every_place_of_a_number_is_named_by_its_range(modules):
    """Places are those of the counts: below, one between any two edges, above, blank."""
    script = """const [card, place] = arguments;
        const modules = ["spread", "customer"].map((name) => import(`/static/${name}.js`));
        return Promise.all(modules).then(([own, other]) => {
            const form = new other.CustomerForm(document.getElementById("customer-form"));
            const tenure = card.fields.tenure.map((_, other) => Number(other === place));
            return new own.Spread(form, { counts: { fields: { tenure } } }, card).word("tenure");
        });"""
    names = ["Below 0", "0 to under 12", "12 to under 24", "24 to under 48", "48 to 72", "Above 72", "Blank"]
    shares = ["0.0", "30.0", "20.0", "30.0", "20.0", "0.0", "0.0"]
    for place, (name, share) in enumerate(zip(names, shares, strict=True)):
        words = modules.run(script, msgspec.to_builtins(CARD), place).replace("\u00a0", " ")
        assert words == f"{name}: {share} % in training, 100.0 % now."


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_section_fits_a_phone_and_paper_and_has_the_contrast_of_wcag_aa(browser, service, report, tmp_path, dark):
    browser.resize((360, 740))
    browser.set_dark(dark)
    browser.open(service.url)
    stub(browser, report)
    on_paper = "return getComputedStyle(document.getElementById('drift')).display"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.run(on_paper) == "none"  # the section has not been in view yet
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.set_dark(dark)
    look(browser)
    browser.run("document.querySelectorAll('details').forEach((group) => (group.open = true))")
    assert not browser.wider_than_the_window()
    assert all(height >= 44 for _, height in browser.heights("#drift button, #drift summary"))
    assert [found for found in browser.contrasts() if found[1] < found[2]] == []
    assert browser.run("const s = document.querySelector('#drift .scroll'); return s.scrollWidth <= s.clientWidth")
    browser.driver.save_screenshot(str(tmp_path / "drift.png"))
    if not dark:
        browser.run("document.querySelectorAll('details').forEach((group) => (group.open = false))")
        browser.run("window.dispatchEvent(new Event('beforeprint'))")
        assert browser.run("return document.querySelectorAll('#drift details[open]').length") == 3


@pytest.fixture
def fresh(tmp_path):
    """A service that has not answered any customer yet."""
    need_browser()
    with PageServer(tmp_path / "log") as running:
        yield running


def test_the_section_shows_the_customers_that_the_service_counted_and_no_what_if(browser, fresh):
    """Counts are shown from 50 customers on. If the what-if counted, they would be shown after 49 customers."""
    header, *lines = CSV.read_text(encoding="utf-8").splitlines(keepends=True)[:121]

    def post(rows: list[str]) -> list[float]:
        table, headers = header + "".join(rows), {"Content-Type": "text/csv"}
        scored = requests.post(f"{fresh.url}/predict", data=table.encode(), headers=headers, timeout=30).text
        return [float(row["churn_probability"]) for row in csv.DictReader(io.StringIO(scored))]

    answers = post(lines[:49])
    browser.open(fresh.url)
    browser.fill("contract", "two_year")
    browser.wait(lambda: browser.find_all("#changes li"))
    look(browser)
    assert browser.text("#drift-answers").startswith("No customer counted yet since ")
    answers += post(lines[49:])
    look_again(browser)
    assert browser.text("#drift-answers").startswith("120 customers answered since ")
    expected = float(browser.rows("#drift-figures")[0][1].removesuffix("\u00a0%"))
    assert expected == pytest.approx(sum(answers) / 120 * 100, abs=0.2)
    shown = requests.get(f"{fresh.url}/drift", timeout=30).json()
    assert [element.text for element in browser.find_all("#drift-notes li")] == shown["notes"]
