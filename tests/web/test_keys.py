"""API keys: what they guard, how they are sent, and refusals that reveal nothing."""

import pytest

from tests.apps import make_app, make_client
from tests.customers import GOOD


@pytest.fixture
def guarded(served):
    return make_client(served, API_KEY="new-key,old-key")


def ask(client, path: str, headers: dict[str, str]):
    return client.post(path, json=GOOD, headers=headers) if path == "/predict" else client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/predict", "/model", "/drift", "/metrics", "/openapi.json"])
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


@pytest.mark.parametrize("path", ["/predict", "/model", "/drift", "/metrics", "/openapi.json"])
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
def test_anything_else_gets_the_same_401(guarded, path, headers):
    response = ask(guarded, path, headers)
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json == {"title": "Unauthorized", "status": 401, "detail": "this path needs an API key"}


@pytest.mark.parametrize(
    "path",
    ["/", "/ping", "/health", "/ready", "/docs", "/docs/swagger-ui.css", "/static/page.js", "/static/a/page.js"],
)
def test_the_open_routes_need_no_key(guarded, path):
    assert guarded.get(path).status_code == 200


def test_without_keys_all_routes_are_open(client):
    for path in ("/predict", "/model", "/drift", "/metrics"):
        assert ask(client, path, {}).status_code == 200


@pytest.mark.parametrize("path", ["/nope", "/predict/x", "/model/x", "/static/a/b/c", "/docs/a/b", "/.env"])
def test_an_unknown_path_is_closed_too_and_does_not_reveal_what_exists(guarded, path):
    for method in (guarded.get, guarded.post, guarded.delete):
        assert method(path).status_code == 401
        assert method(path, headers={"X-API-Key": "new-key"}).status_code == 404


def test_a_wrong_method_is_explained_only_with_a_key(guarded):
    for path, closed in (("/ping", False), ("/", False), ("/model", True), ("/predict", True), ("/predict/", True)):
        assert guarded.delete(path).status_code == (401 if closed else 405)
        assert guarded.delete(path, headers={"X-API-Key": "new-key"}).status_code == 405


def test_a_route_added_without_further_settings_is_closed(served):
    app = make_app(served, API_KEY="new-key")
    app.add_url_rule("/new", "new", lambda: "new")
    assert app.test_client().get("/new").status_code == 401
    assert app.test_client().get("/new", headers={"X-API-Key": "new-key"}).text == "new"


def test_the_open_routes_exist(app):
    from churn.web.keys import OPEN

    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= OPEN
