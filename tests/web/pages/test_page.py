"""The page as it leaves the server: what it may load, a control for every field, and no word on the model without a
key.
"""

import itertools
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import msgspec
import pytest
from flask import Flask, template_rendered

from churn import __version__
from churn.model.card import Card
from churn.model.columns import log_column
from churn.model.contract import Contract
from churn.model.explaining import Explainer
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.file import Model, load_model
from churn.model.gain import Campaign
from churn.model.groups import Group
from churn.model.marks import Marks
from churn.model.scoring import Scorer
from churn.server.served_model import ServedModel
from churn.web.pages.assets import STATIC, Edition, read_edition, send_asset
from churn.web.pages.form import list_groups, make_form
from churn.web.pages.provenance import describe_provenance, list_marks
from tests.apps import make_client
from tests.customers import PROJECT
from tests.pairs import write_model

FOR_GOOD = "public, immutable, max-age=31536000"
HOSTILE = "\"><script>alert(1)</script>{{7*7}}'&"
EDITION = f"/static/{read_edition(STATIC).name}"
VOID = {"meta", "link", "input", "img", "br", "rect", "path"}


class Page(HTMLParser):
    """Every element of a page, as (name, attributes), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inside: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, name, attributes):
        self.elements.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        if name not in VOID:
            assert self.open.pop() == name

    def handle_data(self, text):
        if self.open:
            self.inside[self.open[-1]] = self.inside.get(self.open[-1], "") + text

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for other, attributes in self.elements if other == name]

    def controls(self) -> list[dict[str, str | None]]:
        """The controls of the model's fields: those with a name that are not choices of a campaign."""
        named = [control for control in self.all("select") + self.all("input") if control.get("name")]
        return [control for control in named if not control["name"].startswith("campaign-")]


def serve(model: Model, **settings):
    """A client of an app that serves a model as it is."""
    served = ServedModel(PROJECT / "model_C=1.0.bin")
    served.current = model
    return make_client(served, **settings)


def invent(fields: tuple, card: Card | None) -> Model:
    """A model of these fields with meaningless weights, and with a changed card if there is one."""
    contract = Contract(fields)
    weights = {}
    for field in fields:
        names = (
            [f"{field.name}={category}" for category in field.categories]
            if isinstance(field, Category)
            else [field.name]
        )
        weights |= dict.fromkeys(names, 0.5)
    scorer = Scorer(contract, weights, intercept=0.0)
    card = card and msgspec.structs.replace(card, contract=contract, average=None)
    shipped = load_model(PROJECT / "model_C=1.0.bin")
    return replace(shipped, scorer=scorer, explainer=Explainer(scorer, None), card=card)


@pytest.fixture
def hostile(shipped) -> Model:
    """A model whose names, categories and card contain HOSTILE wherever they can."""
    name = HOSTILE.replace(" ", "_").lower()
    card = msgspec.structs.replace(
        shipped.card,
        table={"rows": HOSTILE, "trained_on": True, "churn_rate": float("nan"), "date": HOSTILE},
        training={"scikit-learn": HOSTILE},
        figures={"auc": None, "folds": [0.8, HOSTILE], "tested_on": []},
    )
    return invent((Category(name, (name, "")), Number(f"number{name}"), Flag(f"flag{name}")), card)


@pytest.fixture(params=["open", "locked", "hostile"])
def html(request, served, shipped, hostile) -> str:
    """The page of the shipped model, the locked one, and that of a hostile model."""
    client = {
        "open": lambda: make_client(served),
        "locked": lambda: make_client(served, API_KEY="key"),
        "hostile": lambda: serve(hostile),
    }[request.param]()
    return client.get("/").text


def test_the_policy_allows_our_own_files_and_nothing_inline(client):
    policy = dict(
        directive.split(" ", 1) for directive in client.get("/").headers["Content-Security-Policy"].split("; ")
    )
    assert policy.pop("default-src") == "'none'"
    assert {policy.pop(name) for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert set(policy.values()) == {"'self'"}
    assert policy.keys() == {"script-src", "style-src", "img-src", "connect-src"}


def test_the_page_has_no_inline_script_style_or_handler_and_nothing_from_elsewhere(html):
    page = Page(html)
    assert page.inside.get("script", "").strip() == ""
    assert not page.all("style")
    for name, attributes in page.elements:
        assert not [attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")], name
        for address in (attributes.get("src"), attributes.get("href") if name != "svg" else None):
            assert address is None or re.match(r"[/#](?!/)", address), address
    assert len(page.all("script")) == 1


def test_every_file_that_the_page_and_its_scripts_name_is_served(client, html):
    elements = Page(html).elements
    named = {attributes.get(name) or "" for _, attributes in elements for name in ("src", "href")}
    files = {address for address in named if address.startswith("/static/")}
    for path in STATIC.glob("*.js"):
        files |= {f"{EDITION}/{name}" for name in re.findall(r'from "\./(.+?)"', path.read_text())}
    files |= {f"{EDITION}/{name}" for name in re.findall(r"url\(\"(.+?)\"\)", (STATIC / "page.css").read_text())}
    assert len(files) > 10
    for address in files:
        with client.get(address) as response:
            assert response.status_code == 200, address
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == FOR_GOOD, address


def test_an_asset_is_revalidated_and_sent_only_when_it_has_changed(client):
    with client.get("/static/page.css") as first:
        assert (first.mimetype, first.headers["Cache-Control"]) == ("text/css", "no-cache")
    with client.get("/static/page.css", headers={"If-None-Match": first.headers["ETag"]}) as second:
        assert (second.status_code, second.data) == (304, b"")
    with client.get("/static/page.js") as script:
        assert script.mimetype in ("text/javascript", "application/javascript")


def test_a_file_is_cached_for_good_only_under_the_edition_that_has_it(tmp_path):
    """A page from before an update, or a file changed under a running service, puts no wrong file into a cache."""
    (tmp_path / "page.css").write_text("a { color: red }")
    (tmp_path / "page.js").write_text("1")
    edition = read_edition(tmp_path)
    assert read_edition(tmp_path) == edition

    def send(name: str, edition: Edition | None) -> str:
        with Flask(__name__).test_request_context():
            return send_asset(tmp_path, name, edition).headers["Cache-Control"]

    assert send("page.css", edition) == FOR_GOOD
    assert send("page.css", None) == "no-cache"
    (tmp_path / "page.css").write_text("a { color: tan }")
    assert (send("page.css", edition), send("page.js", edition)) == (
        "no-cache",
        FOR_GOOD,
    )
    assert read_edition(tmp_path).name != edition.name


def test_the_files_of_another_edition_are_the_current_ones_and_are_revalidated_each_time(client):
    with client.get("/static/0123456789abcdef/page.css") as old, client.get(f"{EDITION}/page.css") as new:
        assert (old.data, old.headers["Cache-Control"]) == (new.data, "no-cache")


@pytest.mark.parametrize("name", ["../page.py", "..%2fpage.py", "%2e%2e/page.py", "/etc/passwd", "nothing.css", ""])
def test_nothing_but_the_static_folder_is_served(client, name):
    assert client.get(f"/static/{name}").status_code in (404, 308)
    assert client.get(f"{EDITION}/{name}").status_code in (404, 308)


def test_no_script_turns_text_into_markup_or_stores_anything_that_outlives_the_tab():
    for path in STATIC.glob("*.js"):
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|localStorage|indexedDB"
        assert not re.search(forbidden, path.read_text()), path


def test_every_field_has_a_labelled_control_with_its_problem_and_every_reference_leads_somewhere(client, shipped):
    page = Page(client.get("/").text)
    labels = {label["for"] for label in page.all("label") if "for" in label}
    labels = {target for target in labels if not target.startswith("campaign-")}
    controls = page.controls()
    assert {control["name"] for control in controls} == {field.name for field in shipped.scorer.contract.fields}
    assert len(controls) == len(shipped.scorer.contract.fields)
    assert {control["id"] for control in controls} == labels
    ids = [element["id"] for _, element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for", "data-for"):
            assert set((attributes.get(name) or "").split()) <= set(ids)
    for control in controls:
        assert f"{control['id']}-problem" in control["aria-describedby"]


def test_headings_follow_each_other_without_a_gap(html):
    levels = [int(name[1]) for name, _ in Page(html).elements if re.fullmatch(r"h\d", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def read_starts(model: Model) -> dict[str, str]:
    """The start value of each control of a model's form."""
    return {control.name: control.start for group in make_form(model) for control in group.controls}


def test_the_form_starts_from_the_most_frequent_categories_and_the_mean_numbers(shipped):
    start = read_starts(shipped)
    assert start["contract"] == "month-to-month"  # 0.55 of the table
    assert start["internetservice"] == "fiber_optic"  # 0.44
    assert start["seniorcitizen"] == "0"  # 16 % of the table are senior citizens
    assert (start["tenure"], start["totalcharges"]) == ("32", "2280")  # the means are 32.4 and 2,277
    shipped.scorer.contract.read_customer(start)  # raises if a start value is not accepted


def test_the_form_starts_from_the_customer_that_the_documentation_shows(served, shipped):
    document = make_client(served).get("/openapi.json").json
    (example,) = document["components"]["schemas"]["Customer"]["examples"]
    spelled = {name: value if isinstance(value, str) else f"{value:g}" for name, value in example.items()}
    assert read_starts(shipped) == spelled


def test_a_model_without_an_average_starts_from_its_contract():
    fields = (Category("plan", ("gold", "tin")), Number("age", minimum=18.5, maximum=19), Number("debt"), Flag("new"))
    (group,) = make_form(invent(fields, None))
    assert group.label == "Other"
    assert [control.start for control in group.controls] == ["gold", "18.8", "1", "0"]
    assert [control.hint for control in group.controls] == ["", "18.5 to 19 seen", "", ""]


def test_a_number_with_a_sign_is_shown_with_it():
    def fee(sign: str) -> Number:
        return Number(f"fee_{sign.lower()}", 5.0, 1900.0, marks=Marks(sign, thousands=True))

    fields = (fee("$"), fee("EUR"), fee("%"), Number("plain", 5.0, 1900.0))
    (group,) = make_form(invent(fields, None))
    assert [control.unit for control in group.controls] == ["$", "EUR ", "", ""]
    hints = ["$5 to $1,900 seen", "EUR 5 to EUR 1,900 seen", "5% to 1,900% seen"]
    assert [control.hint for control in group.controls] == [*hints, "5 to 1,900 seen"]


def test_a_number_with_limits_shows_them():
    fee = Number("fee", 5.0, 10.0, lowest=0.0, highest=15.0, marks=Marks("$"), missing=("na", "-1"), blank=Blank(3.0))
    (group,) = make_form(invent((fee, Number("age", 18.0, 90.0, lowest=-54.0), Number("debt", highest=9.0)), None))
    hints = [control.hint for control in group.controls]
    assert hints == [
        "$5 to $10 seen, $0 to $15 accepted",
        "18 to 90 seen, -54 or more accepted",
        "9 or less accepted",
    ]
    assert group.controls[0].missing == "na -1"


def test_the_groups_of_the_form_have_its_controls_values():
    groups = (Group((Where("plan", "gold"), Where("new", 1.0))),)
    assert list_groups(Contract((Category("plan", ("gold", "tin")), Flag("new")), groups)) == [
        [("plan", "gold"), ("new", "1")]
    ]


def test_a_name_without_a_description_is_turned_into_words():
    fields = (Number("average_call_minutes", non_negative=True), Category("plan", ("no_data_plan", "dsl", "")))
    (group,) = make_form(invent(fields, None))
    assert [control.label for control in group.controls] == ["Average call minutes", "Plan"]
    assert [option.label for option in group.controls[1].options] == ["No data plan", "DSL", "(blank)"]
    assert group.controls[0].hint == "0 or more"


def test_a_file_without_a_card_has_its_page(shipped):
    model = load_model(PROJECT / "tests" / "models" / "sklearn-1.9.1.bin")
    assert model.card is None
    response = serve(model).get("/")
    assert response.status_code == 200
    assert "without a card" in response.text
    page = Page(response.text)
    names = {control["name"] for control in page.controls()}
    assert names == {field.name for field in model.scorer.contract.fields}
    assert [fact.label for fact in describe_provenance(model)] == ["Version"]


def test_a_file_whose_classes_do_not_show_which_one_leaves_has_a_note_on_it(tmp_path):
    path = write_model(tmp_path / "model.bin", ["<b>Stayed", "Churned"])
    model = load_model(path, positive_class="churned")
    assert [fact.label for fact in describe_provenance(model)] == ["Who leaves", "Version"]
    page = serve(model).get("/").text
    assert "&#39;Churned&#39;" in page
    assert "the other one is &#39;&lt;b&gt;Stayed&#39;" in page


def test_texts_from_a_model_are_text_on_the_page_and_never_markup(hostile):
    html = serve(hostile).get("/").text
    assert "<script>alert" not in html.lower()
    assert "49" not in Page(html).inside["label"]
    named = [control["name"] for control in Page(html).controls()]
    assert set(named) == {field.name for field in hostile.scorer.contract.fields}
    assert html.lower().count("alert(1)") > 5


def test_a_card_is_described_in_words_and_a_figure_that_it_lacks_is_left_out(shipped, hostile):
    facts = {fact.label: f"{fact.figure} {fact.meaning}" for fact in describe_provenance(shipped)}
    assert facts["Learned from"] == "5,634 customers of the 7,043 in its table"
    assert facts["Churn rate"].startswith("26.5 %")
    assert facts["AUC"].startswith("0.861 on 1,409 customers it never saw")
    assert "86 times in 100" in facts["AUC"]
    assert facts["AUC, cross-validated"].startswith("0.846 \u00b1 0.007")  # as train.py prints it
    assert facts["Trained with"].startswith("scikit-learn 1.9.1")
    assert facts["Version"].startswith(shipped.sha256[:12])
    assert {fact.label for fact in describe_provenance(hostile)} == {"Data of", "Trained with", "Version"}


def test_the_figures_of_an_adopted_model_are_never_shown_as_tested_ones(shipped):
    table, figures = {"rows": 7043, "adopted_on": 7032}, {"adopted_on": 7032, "auc": 0.85}
    adopted = replace(shipped, card=msgspec.structs.replace(shipped.card, table=table, figures=figures))
    facts = {fact.label: f"{fact.figure} {fact.meaning}" for fact in describe_provenance(adopted)}
    assert facts["Adopted with"] == "7,032 customers of the 7,043 in its table"
    assert facts["AUC"].startswith("0.850 on 7,032 customers that it may have been trained on: of one who left")


def test_the_threshold_on_the_page_is_the_one_that_decides(shipped):
    page = make_client(ServedModel(shipped.path, threshold=0.125)).get("/").text
    assert "Likely to leave at 12.5 % or more" in page
    assert 'x="12.25"' in page  # half of the line's width to the left of it


def test_pieces_of_a_list_are_half_a_body_and_never_more_than_2_mib(served):
    for limit, piece in ((10 * 2**20, 2 * 2**20), (100_000, 50_000)):
        page = Page(make_client(served, MAX_CONTENT_LENGTH=str(limit)).get("/").text)
        assert page.all("main")[0]["data-piece-bytes"] == str(piece)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "ke"}])
def test_without_a_key_the_page_reveals_nothing_of_the_model(served, shipped, headers):
    response = make_client(served, API_KEY="key").get("/", headers=headers)
    assert response.status_code == 200
    for field in shipped.scorer.contract.fields:
        assert field.name not in response.text
    assert shipped.version not in response.text
    assert __version__ not in response.text
    page = Page(response.text)
    assert "data-locked" in page.all("main")[0]
    assert [control["id"] for control in page.all("input")] == ["key"]
    assert [label["for"] for label in page.all("label")] == ["key"]


def test_the_page_ends_with_the_versions_of_the_service_and_of_the_model(served, shipped):
    footer = make_client(served).get("/").text.split("<footer")[1]
    assert f">Service {__version__}<" in footer
    assert f">Model {shipped.version}<" in footer


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer key"}, {"X-API-Key": "key"}])
def test_a_key_opens_the_page_and_no_cache_may_keep_it(served, headers):
    response = make_client(served, API_KEY="key").get("/", headers=headers)
    assert "Month-to-month" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.vary.as_set() == {"authorization", "x-api-key"}
    assert '"/model"' not in response.text  # a browser sends no key when it follows a link


def test_a_field_with_a_logarithm_is_one_control(shipped):
    names = [control.name for group in make_form(shipped) for control in group.controls]
    assert log_column("tenure") not in names
    assert names.count("tenure") == 1


def with_event(model: Model, event: str) -> Model:
    """The model with a card that names what its customers do."""
    return replace(model, card=msgspec.structs.replace(model.card, event=event))


def test_a_models_own_verb_is_the_one_of_the_page(shipped):
    html = serve(with_event(shipped, "buy again")).get("/").text
    for words in (
        "<h1>Who will buy again, and why?</h1>",
        "<title>Buy again: who will buy again, and why</title>",
        "Chance to buy again",
        "Likely to buy again at 50 % or more",
        '<h4 id="histogram-title">Chance to buy again</h4>',
        "<dt>Rate</dt>",
        "of one who will buy again and one who will not, it ranks the first higher",
    ):
        assert words in html
    shown = re.sub(r"<option.*?</option>|data-\S+='[^']*'|<[^>]*>", " ", html)
    for word in ("leav", " left ", "stays", "Churn", "churn", "riski", "Risk"):
        assert word not in shown, word
    script = msgspec.json.decode(Page(html).all("main")[0]["data-words"])
    assert script == {
        "likely": "likely to buy again",
        "unlikely": "unlikely to buy again",
        "odds": "the odds to buy again",
        "risk": "chance",
        "verb": "buy again",
    }


def test_without_a_verb_the_page_is_about_leaving(shipped):
    html = serve(shipped).get("/").text
    assert "<title>Churn: who is about to leave, and why</title>" in html
    assert "<h1>Who is about to leave, and why?</h1>" in html
    assert "Risk of leaving" in html


def test_a_verb_is_a_text_on_the_page_and_never_markup(shipped):
    html = serve(with_event(shipped, HOSTILE)).get("/").text
    assert "<script>alert" not in html.lower()
    assert "49" not in Page(html).inside["h1"]
    assert f"Who will {HOSTILE}, and why?" in Page(html).inside["h1"]
    assert msgspec.json.decode(Page(html).all("main")[0]["data-words"])["likely"] == f"likely to {HOSTILE}"


def test_without_a_key_the_page_does_not_reveal_what_the_customers_do(shipped):
    served = ServedModel(shipped.path)
    served.current = with_event(shipped, "buy again")
    assert "buy again" not in make_client(served, API_KEY="key").get("/").text.lower()


@pytest.mark.parametrize("campaign", [None, Campaign(value=200, offer=10, contact=1, accept=0.3)])
def test_the_page_is_given_the_campaign_of_the_card(served, campaign):
    model = served.current
    counts = msgspec.structs.replace(model.card.counts, campaign=campaign)
    other = ServedModel(model.path)
    other.current = replace(model, card=msgspec.structs.replace(model.card, counts=counts))
    client, shown = make_client(other), []

    def keep_context(sender, template, context, **others):
        shown.append(context)

    with template_rendered.connected_to(keep_context, client.application):
        client.get("/")
    assert shown[0]["campaign"] == campaign


def test_the_average_customer_and_the_churn_rate_are_next_to_the_risk_if_the_card_has_them(shipped):
    average, rate = list_marks(shipped)
    assert (rate.kind, rate.figure) == ("rate", "26.5")  # 1,869 of the table's 7,043 customers
    assert average.kind == "average"
    assert average.probability == pytest.approx(1 / (1 + math.exp(-shipped.explainer.baseline)), abs=1e-12)
    html = serve(shipped).get("/").text
    assert ">Average customer <strong>16.6&nbsp;%<" in html
    assert ">Churn rate <strong>26.5&nbsp;%<" in html
    assert "Average and rate differ: risk does not rise in a straight line" in html
    without = replace(shipped, card=None, explainer=Explainer(shipped.scorer, None))
    assert list_marks(without) == ()
    plain = serve(without).get("/").text
    assert "Average customer" not in plain
    assert "Average and rate differ" not in plain
    for rate in ("many", None, float("nan"), 7, True):
        card = msgspec.structs.replace(shipped.card, table={"churn_rate": rate})
        assert [mark.kind for mark in list_marks(replace(shipped, card=card))] == ["average"]
