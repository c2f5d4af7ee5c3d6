"""The page for people, GET /, and the files that it is made of. Owns who may see it and what it may load.

With API keys set, a request without one gets a locked page, which holds nothing of the model.
"""

from collections.abc import Sequence

from flask import Blueprint, Flask, Response, g, render_template, request

from churn import __version__
from churn.model.event import LEAVING, words_for
from churn.model.file import Model
from churn.model.marks import SYMBOLS, WORDS
from churn.tables.answer import LOOKED_AT_ROWS
from churn.tables.file_kind import KINDS, describe_rules
from churn.web.bodies import MAX_CUSTOMERS
from churn.web.keys import has_known_key
from churn.web.pages.assets import PAGE_POLICY, STATIC, read_edition, send_asset
from churn.web.pages.form import list_groups, make_form
from churn.web.pages.provenance import describe_provenance, list_marks
from churn.web.pages.sample import make_sample

_MOST_PIECE_BYTES = 2 * 2**20
_MOST_PIECE_ROWS = 5_000
_SHOWN_CATEGORIES = 8  # of a column, in the list of those that are needed
_WORDS_OF_SCRIPTS = ("likely", "unlikely", "odds", "risk", "verb")


def register_page(app: Flask, *, api_keys: Sequence[str]) -> None:
    """Puts GET / and its files, GET /static/NAME and GET /static/EDITION/NAME, into an app.

    The pages name the edition, so that a browser fetches their many modules once and not each time.
    """
    page = Blueprint("page", __name__, template_folder="templates")
    edition = read_edition(STATIC)

    @page.get("/")
    def show_page() -> Response:
        if has_known_key(request, api_keys):
            described = _describe_model(g.model, app.config["MAX_CONTENT_LENGTH"])
            html = render_template("page.html", **described, has_keys=bool(api_keys))
        else:
            html = render_template("locked.html", words=LEAVING, has_keys=True)
        response = Response(html, mimetype="text/html")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        if api_keys:
            response.vary.update(("Authorization", "X-API-Key"))
        return response

    @page.get("/static/<name>")
    @page.get("/static/<edition_name>/<name>")
    def show_asset(name: str, edition_name: str = "") -> Response:
        return send_asset(STATIC, name, edition if edition_name == edition.name else None)

    @app.url_defaults
    def name_edition(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "page.show_asset":
            values["edition_name"] = edition.name

    app.register_blueprint(page)


def _describe_model(model: Model, body_bytes: int) -> dict[str, object]:
    """What the template shows of a model, what files may be, and the sizes of the pieces that a CSV is sent in."""
    words, groups = words_for(model.card.event if model.card else None), make_form(model)
    return {
        "version": model.version,
        "service_version": __version__,
        "words": words,
        "script_words": {name: getattr(words, name) for name in _WORDS_OF_SCRIPTS},
        "signs": [sign.lower() for sign in (*SYMBOLS, *WORDS)],
        "groups": groups,
        "have_curves": any(control.curve for group in groups for control in group.controls),
        "value_groups": list_groups(model.scorer.contract),
        "kinds": {key: kind._asdict() for key, kind in KINDS.items()},
        "kind_rules": describe_rules(),
        "sample": make_sample(model),
        "shown_categories": _SHOWN_CATEGORIES,
        "facts": describe_provenance(model),
        "marks": list_marks(model),
        "has_card": model.card is not None,
        "campaign": model.card.counts.campaign if model.card and model.card.counts else None,
        "threshold": model.threshold,
        "threshold_percent": f"{model.threshold * 100:.4g}",
        "body_bytes": body_bytes,
        "first_rows": min(LOOKED_AT_ROWS, _MOST_PIECE_ROWS),
        "piece_bytes": min(body_bytes // 2, _MOST_PIECE_BYTES),
        "piece_rows": min(_MOST_PIECE_ROWS, MAX_CUSTOMERS),
    }
