"""POST /predict through the Flask client, and the check of a problem document."""

JSON = "application/json"


def post(client, body: str | bytes, content_type: str = JSON, **kwargs):
    return client.post(
        "/predict", data=body, headers={"Content-Type": content_type} if content_type else {}, **kwargs
    )


def check_problem(response, status: int) -> dict:
    """The problem document of an answer, after a check that it is one (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    assert response.json["title"]
    assert response.json["detail"]
    return response.json
