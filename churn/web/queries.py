"""The query string and the Accept header of POST /predict, which choose the form of the answer."""

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
"""The decimal mark by its name in X-Decimal-Mark and decimal_mark; none: no number so far has shown it."""
_COLUMNS = re.compile("([1-9][0-9]{0,5})-([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Query:
    """The query of a request. `n_reasons` is the number of reasons for each customer, 0 to the number of fields.

    `earlier_answer` are the numbers, from 0, of the columns in a table that are an earlier answer; range(0) if there
    are none, None to detect them. `with_cells` adds the cells of a CSV answer to each JSON member. `decimal_mark` is
    that of a CSV: "" if earlier rows have not shown it, EACH to read each text by itself, None to detect it.
    """

    n_reasons: int
    report_errors: bool
    earlier_answer: range | None = None
    with_cells: bool = False
    decimal_mark: str | None = None


NOTHING = Query(n_reasons=0, report_errors=False)


def read_query(request: Request, *, field_count: int) -> Query:
    """The query of a request. Raises BadRequest for an unknown or repeated parameter, or a wrong value."""
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
    """True if the Accept header of a request prefers application/json to text/csv.

    `application/json, text/plain, */*`, which many libraries send by default, prefers neither.
    """
    return _find_quality(request, JSON) > _find_quality(request, CSV)


def _find_quality(request: Request, mimetype: str) -> float:
    """The quality value, 0 to 1, of a media type in a request's Accept header; the most specific entry counts."""
    accepted = [(value.partition(";")[0].strip().lower(), quality) for value, quality in request.accept_mimetypes]
    for wanted in (mimetype, f"{mimetype.partition('/')[0]}/*", "*/*"):
        named = [quality for value, quality in accepted if value == wanted]
        if named:
            return max(named)
    return 0


def _read_earlier(text: str) -> range | None:
    """The numbers, from 0, of the columns in a text FIRST-LAST, which counts from 1 as X-Replaced-Columns does."""
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
