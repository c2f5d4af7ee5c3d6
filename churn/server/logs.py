"""Logging to stderr: one JSON line for each event, or lines for a person. Never a customer's values.

Owns the format of every line of the process, gunicorn's included, and adds the request's ids to it.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS

from churn.server.headers import RequestIds

request_in_work: ContextVar[RequestIds | None] = ContextVar("request_in_work", default=None)
"""The ids of the request that this thread is answering, if any."""


_STYLE = re.compile("\x1b\\[[0-9;]*m")


@contextmanager
def ids_on_each_line(ids: RequestIds) -> Iterator[None]:
    """Adds a request's ids to the lines that this thread logs in the block."""
    token = request_in_work.set(ids)
    try:
        yield
    finally:
        request_in_work.reset(token)


class AddRequestIds(logging.Filter):
    """Adds `request_id`, and `trace_id` if there is one, to the lines logged while a request is answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        if request := request_in_work.get():
            record.request_id = request.request_id
            if request.trace_id:
                record.trace_id = request.trace_id
        return True


class LeaveOutStyle(logging.Filter):
    """Removes the colours that Werkzeug's server writes even when stderr is not a terminal."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "werkzeug":
            record.msg, record.args = _STYLE.sub("", record.getMessage()), None
        return True


class ConsoleFormatter(logging.Formatter):
    """Formats a line for a person: time, level, event, then the further members as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        further = {name: value for name, value in vars(record).items() if name not in RESERVED_ATTRS}
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in further.items())])


def logging_config(*, level: str, format: str) -> dict[str, Any]:
    """The dictConfig of the whole process; `format` is "json" or "console", `level` the name of a level."""
    to_stderr = {"level": level.upper(), "handlers": ["stderr"]}
    passes_up = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_ids": {"()": AddRequestIds}, "style": {"()": LeaveOutStyle}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "{levelname}{name}{message}",
                "style": "{",
                "rename_fields": {"levelname": "level", "name": "logger", "message": "event"},
                "timestamp": "time",
            },
            "console": {"()": ConsoleFormatter},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": format,
                "filters": ["request_ids", "style"],
            }
        },
        "root": to_stderr,
        "loggers": {"gunicorn.error": passes_up, "gunicorn.access": passes_up},
    }
