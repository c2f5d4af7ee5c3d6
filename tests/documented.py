"""Answers against the OpenAPI document: what it admits, and an answer read from its bytes."""

import io
import json
from dataclasses import dataclass
from http.client import HTTPMessage, parse_headers

from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class RawAnswer:
    """One answer, with those names of Flask's that are used here."""

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
    """The answers of a connection, each of which has a length; a 100 Continue is none."""
    stream, answers = io.BytesIO(answered), []
    while line := stream.readline().decode().rstrip("\r\n"):
        _, status, reason = line.split(" ", 2)
        headers = parse_headers(stream)
        if status != "100":
            answers.append(RawAnswer(int(status), reason, headers, stream.read(int(headers["Content-Length"]))))
    return answers


def resolve(document: dict, node: dict) -> dict:
    """What a node is, when it may be a reference."""
    while "$ref" in node:
        name = node["$ref"].removeprefix("#/")
        node = document
        for step in name.split("/"):
            node = node[step]
    return node


def assert_documented(document: dict, path: str, method: str, response) -> None:
    """An answer's status, headers, media type and content are those of the document."""
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
    """A value is what a schema of the document says; references begin at the document, so it goes with it."""
    Draft202012Validator(document | schema).validate(value)
