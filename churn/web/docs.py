"""The service's documentation: GET /openapi.json, and GET /docs, a page on which it is read and tried.

The page is ours; Swagger UI's own files come from the installed package, by name, and nothing from anywhere else.
"""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from flask import Blueprint, Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import NotFound

from churn.web.keys import GUARDED
from churn.web.openapi import describe_api, read_skeleton

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Swagger UI's style sheet has its icons in itself
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The page's Content-Security-Policy: this service and nothing else, no inline script, no inline style."""


def register_docs(app: Flask, *, has_keys: bool) -> None:
    """Adds the document and its page to an app. `has_keys`: the guarded endpoints want an API key."""
    docs = Blueprint("docs", __name__, template_folder="templates")
    skeleton = read_skeleton(max_content_length_bytes=app.config["MAX_CONTENT_LENGTH"])
    assets = find_assets()

    @docs.get("/openapi.json")
    def openapi() -> Response:
        guarded = guarded_paths(current_app) if has_keys else []
        document = describe_api(skeleton, g.model, guarded=guarded, assets=assets)
        return Response(msgspec.json.encode(document), mimetype="application/json")

    @docs.get("/docs")
    def page() -> Response:
        response = Response(render_template("docs.html"), mimetype="text/html")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    @docs.get("/docs/<asset>")
    def send_asset(asset: str) -> Response:
        if asset not in assets:
            raise NotFound
        file, mimetype = assets[asset]
        return answer_asset(file.read_bytes(), mimetype)

    app.register_blueprint(docs)


def find_assets() -> dict[str, tuple[Traversable, str]]:
    """The files under /docs/, each with its media type: ours, and those of Swagger UI that the page needs.

    Raises ModuleNotFoundError when flask-swagger-ui is not installed.
    """
    ours, swagger = files("churn.web") / "static", files("flask_swagger_ui") / "dist"
    return {
        "docs.css": (ours / "docs.css", "text/css"),
        "docs.js": (ours / "docs.js", "text/javascript"),
        "swagger-ui.css": (swagger / "swagger-ui.css", "text/css"),
        "swagger-ui-bundle.js": (swagger / "swagger-ui-bundle.js", "text/javascript"),
        "favicon-32x32.png": (swagger / "favicon-32x32.png", "image/png"),
    }


def answer_asset(content: bytes, mimetype: str) -> Response:
    """The file, or 304 for who has it: kept by the browser, but asked for each time, so that no deploy is missed."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    has_it = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if has_it else Response(content, mimetype=mimetype)
    if has_it:
        del response.headers["Content-Type"]
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def guarded_paths(app: Flask) -> list[str]:
    """The paths of an app that want an API key, as OpenAPI writes them."""
    return [openapi_path(rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint in GUARDED]


def openapi_path(rule: str) -> str:
    """A Flask rule as OpenAPI writes it.

    >>> openapi_path("/docs/<asset>")
    '/docs/{asset}'
    """
    return rule.replace("<", "{").replace(">", "}")
