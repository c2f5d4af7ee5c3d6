"""Saved counts, from GET /drift or `score --counts`: reads them, and compares them with training or with others.

Owns which counts fit a model and each other, and the sentence on what was compared. Of a document only the model's
version, the threshold and the counts are read; everything else is calculated again.
"""

import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from churn.errors import SavedCountsError
from churn.files import read_file
from churn.model.file import Model
from churn.watch.counts import Counts
from churn.watch.layout import lay_out
from churn.watch.report import DriftReport, make_report

MOST_BYTES = 16 * 2**20
"""The largest document that is read: one with 20,000 fields has 5 MB."""
MOST_ANSWERS = 10**9
"""The most answers of a document: with more of them, an exact test would take minutes."""
STDIN = Path("-")


class _Document(Struct):
    """The members of a document that are read."""

    model: str
    threshold: Annotated[float, Meta(ge=0, le=1)]
    counts: Counts


class SavedCounts(NamedTuple):
    """Counts, the file they come from, and the version and the threshold of their model."""

    path: Path
    version: str
    threshold: float
    counts: Counts


def read_saved(path: Path) -> SavedCounts:
    """The counts in a file, or in stdin for the path `-`. Raises SavedCountsError for a file that has none."""
    try:
        content = sys.stdin.buffer.read(MOST_BYTES + 1) if path == STDIN else read_file(path, most_bytes=MOST_BYTES)
    except OSError as error:
        raise SavedCountsError(path, error.strerror or str(error)) from None
    if len(content) > MOST_BYTES:
        raise SavedCountsError(path, f"it has more than {MOST_BYTES:,} bytes")
    try:
        document = msgspec.json.decode(content, type=_Document)
        if document.counts.since is not None:
            datetime.fromisoformat(document.counts.since)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        reason = str(error) if str(error).isprintable() else ascii(str(error))
        raise SavedCountsError(path, f"it is not what GET /drift or score --counts gave: {reason}") from None
    if document.counts.answers > MOST_ANSWERS:
        raise SavedCountsError(path, f"it has more than {MOST_ANSWERS:,} answers")
    return SavedCounts(path, document.model, document.threshold, document.counts)


def report_saved(model: Model, saved: SavedCounts, before: SavedCounts | None = None) -> DriftReport:
    """The report on a model from saved counts; the first note says what was compared.

    If `before` is an earlier look at the same counts, the answers after it are compared with training; any other
    `before` is compared with `saved`. Raises SavedCountsError for counts that are not this model's, or can't be
    compared.
    """
    for counts in (saved, before) if before else (saved,):
        _check_fit(model, counts)
    model = replace(model, threshold=saved.threshold)
    with_training = ", compared with training" if model.card and model.card.counts else ""
    if before is None:
        return _note(f"{_describe(saved)}{with_training}.", make_report(model, saved.counts))
    if (later := _find_later(saved, before)) is not None:
        words = f"The {_count(later)} of {saved.path} that came after {before.path}{with_training}."
        return _note(words, make_report(model, later))
    if not before.counts.answers:
        raise SavedCountsError(before.path, "it has no answers to compare with")
    report = make_report(model, saved.counts, compared_with=before.counts)
    return _note(f"{_describe(saved)}, compared with {_describe(before, article='the')}.", report)


def _check_fit(model: Model, saved: SavedCounts) -> None:
    if saved.version != model.version:
        version = saved.version if saved.version.isprintable() else ascii(saved.version)
        reason = f"its counts are of the model {version}, and {model.path} is {model.version}; give --model its file"
        raise SavedCountsError(saved.path, reason)
    try:
        lay_out(replace(model, threshold=saved.threshold)).count_nobody() + saved.counts
    except ValueError as error:
        raise SavedCountsError(saved.path, f"{error} than its model's card") from None


def _find_later(saved: SavedCounts, before: SavedCounts) -> Counts | None:
    """The counts of the customers after `before`; None if the two are not looks at the same counts."""
    starts = saved.counts.since, before.counts.since
    if None in starts or starts[0] != starts[1] or saved.threshold != before.threshold:
        return None
    with suppress(ValueError):
        return saved.counts - before.counts
    with suppress(ValueError):
        before.counts - saved.counts
        reason = f"it is the later of two looks at the same counts; give {saved.path} last"
        raise SavedCountsError(before.path, reason)
    return None


def _note(words: str, report: DriftReport) -> DriftReport:
    return msgspec.structs.replace(report, notes=(words, *report.notes))


def _describe(saved: SavedCounts, *, article: str = "The") -> str:
    since = f" since {saved.counts.since}" if saved.counts.since else ""
    return f"{article} {_count(saved.counts)} of {saved.path}{since}"


def _count(counts: Counts) -> str:
    return f"{counts.answers:,} answer{'' if counts.answers == 1 else 's'}"
