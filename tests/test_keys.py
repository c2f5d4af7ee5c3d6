"""API keys: what they guard, how they are given, that a refusal tells nothing."""

import pytest
from conftest import GOOD

from predict import create_app


@pytest.fixture
def guarded(served):
    return create_app(served, api_keys=("new-key", "old-key")).test_client()


def ask(client, path: str, headers: dict[str, str]):
    return client.post(path, json=GOOD, headers=headers) if path == "/predict" else client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/predict", "/model", "/metrics", "/openapi.json"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer new-key"},
        {"Authorization": "bearer  old-key"},
        {"X-API-Key": "new-key"},
        {"X-API-Key": "old-key"},
    ],
)
def test_any_of_the_keys_opens_a_guarded_route(guarded, path, headers):
    assert ask(guarded, path, headers).status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/model", "/metrics", "/openapi.json"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic new-key"},
        {"Authorization": "new-key"},
        {"X-API-Key": ""},
        {"X-API-Key": "new-key,old-key"},
        {"X-API-Key": "new-ke"},
        {"X-API-Key": "new-key "[::-1]},
        {"X-API-Key": "cl\u00e9"},
    ],
)
def test_anything_else_is_the_same_401(guarded, path, headers):
    response = ask(guarded, path, headers)
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json == {"title": "Unauthorized", "status": 401, "detail": "this path needs an API key"}


@pytest.mark.parametrize(
    "path", ["/", "/ping", "/health", "/ready", "/docs", "/docs/swagger-ui.css", "/static/page.js"]
)
def test_what_watches_the_service_needs_no_key(guarded, path):
    assert guarded.get(path).status_code == 200


def test_without_keys_all_is_open(client):
    for path in ("/predict", "/model", "/metrics"):
        assert ask(client, path, {}).status_code == 200


def test_every_route_is_either_guarded_or_known_to_be_open(app):
    from churn.web.keys import GUARDED

    open_endpoints = {"page.show_page", "page.show_asset", "ping", "health", "ready", "docs.page", "docs.show_asset"}
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == GUARDED | open_endpoints
