"""A check of answers against the OpenAPI document: answers of Flask's client, or the bytes of a connection."""

import io
import json
from dataclasses import dataclass
from http.client import HTTPMessage, parse_headers

from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class RawAnswer:
    """One answer, with the attributes of a Flask response that the tests use."""

    status_code: int
    reason: str
    headers: HTTPMessage
    content: bytes

    @property
    def mimetype(self) -> str:
        return self.headers.get_content_type()

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> object:
        return json.loads(self.content)


def read_answers(answered: bytes) -> list[RawAnswer]:
    """The answers of a connection. Each needs a Content-Length; a 100 Continue is not counted."""
    stream, answers = io.BytesIO(answered), []
    while line := stream.readline().decode().rstrip("\r\n"):
        _, status, reason = line.split(" ", 2)
        headers = parse_headers(stream)
        if status != "100":
            answers.append(RawAnswer(int(status), reason, headers, stream.read(int(headers["Content-Length"]))))
    return answers


def resolve(document: dict, node: dict) -> dict:
    """The node itself, or the node that it refers to."""
    while "$ref" in node:
        name = node["$ref"].removeprefix("#/")
        node = document
        for step in name.split("/"):
            node = node[step]
    return node


def assert_documented(document: dict, path: str, method: str, response) -> None:
    """Check that an answer's status, headers, media type and content are those of the document."""
    operation = document["paths"][path][method]
    assert str(response.status_code) in operation["responses"], response.text
    assert_is(document, operation["responses"][str(response.status_code)], response)


def assert_is(document: dict, answer: dict, response) -> None:
    answer = resolve(document, answer)
    for name, reference in answer["headers"].items():
        header = resolve(document, reference)
        if header["required"]:
            assert name in response.headers
        if name in response.headers and header["schema"]["type"] == "string":
            check(document, header["schema"], response.headers[name])
    check(document, answer["content"][response.mimetype]["schema"], response.json)


def check(document: dict, schema: dict, value: object) -> None:
    """Check a value against a schema of the document, in which references start at the root."""
    Draft202012Validator(document | schema).validate(value)
