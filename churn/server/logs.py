"""Logging: one JSON line an event on stderr, or lines for a person. Never a customer's values.

Owns the format of every line of the process, gunicorn's included, and puts the request's ids on it.
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
    """Puts a request's ids on what this thread logs in the block."""
    token = request_in_work.set(ids)
    try:
        yield
    finally:
        request_in_work.reset(token)


class AddRequestIds(logging.Filter):
    """Adds `request_id`, and `trace_id` where there is one, to what is logged while a request is answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        if request := request_in_work.get():
            record.request_id = request.request_id
            if request.trace_id:
                record.trace_id = request.trace_id
        return True


class LeaveOutStyle(logging.Filter):
    """Leaves out the colours that Werkzeug's server writes for a terminal, whatever stderr is."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "werkzeug":
            record.msg, record.args = _STYLE.sub("", record.getMessage()), None
        return True


class ConsoleFormatter(logging.Formatter):
    """A line for a person: time, level, event, then the further members as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        further = {name: value for name, value in vars(record).items() if name not in RESERVED_ATTRS}
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in further.items())])


def logging_config(*, level: str, format: str) -> dict[str, Any]:
    """The dictConfig of the whole process; `format` is "json" or "console", `level` a level's name."""
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
