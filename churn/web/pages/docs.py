"""The service's documentation: GET /openapi.json, and GET /docs, a page to read it and to try requests.

The page lists the operations. Swagger UI, which shows one in full, is loaded only when an operation is opened. Its
files come by name from the installed package, and nothing comes from anywhere else.
"""

from pathlib import Path
from typing import NamedTuple

import flask_swagger_ui
import msgspec
from flask import Blueprint, Flask, Response, current_app, g, render_template
from werkzeug.exceptions import NotFound

from churn.web.keys import OPEN
from churn.web.pages.assets import PAGE_POLICY, STATIC, send_asset
from churn.web.pages.openapi import describe_api, read_skeleton

DOCS_POLICY = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:")
"""The page's Content-Security-Policy: Swagger UI's style sheet contains its icons as data."""

ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js")
"""The files that the page uses from Swagger UI's package; the others are this project's, under /static/."""


class Operation(NamedTuple):
    """An operation of the API, as the page lists it."""

    id: str
    method: str
    path: str
    summary: str


class Tag(NamedTuple):
    """A group of operations."""

    name: str
    description: str
    operations: list[Operation]


def register_docs(app: Flask, *, has_keys: bool) -> None:
    """Add the document and its page to an app. `has_keys`: the guarded endpoints require an API key."""
    docs = Blueprint("docs", __name__, template_folder="templates")
    skeleton = read_skeleton(max_content_length_bytes=app.config["MAX_CONTENT_LENGTH"])
    tags = list_operations(skeleton)

    @docs.get("/openapi.json")
    def openapi() -> Response:
        guarded = guarded_paths(current_app) if has_keys else []
        own = [path.name for path in STATIC.iterdir()]
        files = {"/docs/{asset}": ASSETS, "/static/{name}": own, "/static/{edition_name}/{name}": own}
        document = describe_api(skeleton, g.model, guarded=guarded, assets=files)
        return Response(msgspec.json.encode(document), mimetype="application/json")

    @docs.get("/docs")
    def page() -> Response:
        html = render_template("docs.html", has_keys=has_keys, tags=[] if has_keys else tags)
        response = Response(html, mimetype="text/html")
        response.headers["Content-Security-Policy"] = DOCS_POLICY
        return response

    @docs.get("/docs/<asset>")
    def show_asset(asset: str) -> Response:
        if asset not in ASSETS:
            raise NotFound
        return send_asset(Path(flask_swagger_ui.__file__).parent / "dist", asset)

    app.register_blueprint(docs)


def list_operations(skeleton: str) -> list[Tag]:
    """The operations that the document describes, by tag, in the document's order."""
    document = msgspec.json.decode(skeleton)
    tags = {tag["name"]: Tag(tag["name"], tag["description"], []) for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            operation = Operation(described["operationId"], method.upper(), path, described["summary"])
            tags[described["tags"][0]].operations.append(operation)
    return list(tags.values())


def guarded_paths(app: Flask) -> list[str]:
    """The paths of an app that require an API key, as OpenAPI writes them."""
    return [openapi_path(rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN]


def openapi_path(rule: str) -> str:
    """A Flask rule as OpenAPI writes it.

    >>> openapi_path("/docs/<asset>")
    '/docs/{asset}'
    """
    return rule.replace("<", "{").replace(">", "}")
