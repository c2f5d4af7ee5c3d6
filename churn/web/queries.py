"""The query string of POST /predict, and its Accept header: what is asked for beside the answer itself."""

import re
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import BadRequest

from churn.tables.decimals import DECIMAL_MARKS, EACH
from churn.web.bodies import CSV, JSON

_UNKNOWN = "an unknown query parameter; /predict takes explain, errors, earlier, cells and decimal_mark"
_WRONG_EXPLAIN = "explain must be true, false, or how many of the strongest reasons to give, 1 or more"
MOST_DIGITS = 9
MARKS = {**DECIMAL_MARKS, "none": ""}
"""What X-Decimal-Mark and decimal_mark call a decimal mark; none: no number has said it yet."""
_COLUMNS = re.compile("([1-9][0-9]{0,5})-([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Query:
    """`n_reasons` is how many reasons each customer gets: 0 for none, at most one for each field.

    `earlier_answer` are the numbers, from 0, of an earlier answer's columns in a table, none for range(0); None: they
    are found. `with_cells` asks for the cells of a CSV's answer beside the fields of it. `decimal_mark` is that of a
    CSV, "" where the rows before it did not say it, or EACH; None: it is found.
    """

    n_reasons: int
    report_errors: bool
    earlier_answer: range | None = None
    with_cells: bool = False
    decimal_mark: str | None = None


NOTHING = Query(n_reasons=0, report_errors=False)


def read_query(request: Request, *, field_count: int) -> Query:
    """The query of a request. Raises BadRequest for what /predict does not know: a slip is not to be ignored."""
    if not request.query_string:
        return NOTHING
    if any(len(given) > 1 for given in request.args.to_dict(flat=False).values()):
        raise BadRequest("a query parameter is given twice")
    if request.args.keys() - {"explain", "errors", "earlier", "cells", "decimal_mark"}:
        raise BadRequest(_UNKNOWN)
    errors, earlier = request.args.get("errors", "refuse"), request.args.get("earlier", "replace")
    if errors not in ("refuse", "report"):
        raise BadRequest("errors must be refuse or report")
    cells = request.args.get("cells", "false")
    if cells not in ("true", "false"):
        raise BadRequest("cells must be true or false")
    mark = request.args.get("decimal_mark")
    if mark not in (None, EACH, *MARKS):
        raise BadRequest("decimal_mark must be comma, point, none or each")
    n_reasons = min(_read_explain(request.args.get("explain", "false").lower(), field_count), field_count)
    return Query(
        n_reasons,
        errors == "report",
        _read_earlier(earlier),
        with_cells=cells == "true",
        decimal_mark=None if mark is None else MARKS.get(mark, EACH),
    )


def prefers_json(request: Request) -> bool:
    """True when the Accept header of a request prefers application/json to text/csv.

    `application/json, text/plain, */*`, which many programs send by themselves, prefers neither.
    """
    return _find_quality(request, JSON) > _find_quality(request, CSV)


def _find_quality(request: Request, mimetype: str) -> float:
    """How much a request wants a type, 0 to 1: by its name, else by its kind, else as it wants everything."""
    accepted = [(value.partition(";")[0].strip().lower(), quality) for value, quality in request.accept_mimetypes]
    for wanted in (mimetype, f"{mimetype.partition('/')[0]}/*", "*/*"):
        named = [quality for value, quality in accepted if value == wanted]
        if named:
            return max(named)
    return 0


def _read_earlier(text: str) -> range | None:
    """The numbers, from 0, of the columns FIRST-LAST, which count from 1 as in X-Replaced-Columns."""
    if text == "replace":
        return None
    if text == "keep":
        return range(0)
    found = _COLUMNS.fullmatch(text)
    if not found:
        raise BadRequest("earlier must be replace, keep or the first and last column to replace, such as 22-24")
    first, last = int(found[1]) - 1, int(found[2])
    return range(first, max(first, last))


def _read_explain(text: str, field_count: int) -> int:
    if text in ("true", "false"):
        return field_count if text == "true" else 0
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) > 0):
        raise BadRequest(_WRONG_EXPLAIN)
    return int(text)
