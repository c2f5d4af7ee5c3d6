"""An inspection as lines for a terminal: each text of the file by repr, and a limited number of lines.

Owns the wording and the limits; `inspecting` has the facts.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from churn.inspection.effects import find_effects
from churn.inspection.inspecting import Contents, Fields, Inspection
from churn.model.card import DEFAULT_THRESHOLD
from churn.model.columns import log_column
from churn.model.field_columns import FieldColumns
from churn.model.fields import Category, Field, Flag
from churn.model.odds import spell_ratio
from churn.model.pair import card_path
from churn.model.positive_class import show_label
from churn.nouns import count_noun
from churn.pickles.file_words import escape_controls, show_text
from churn.pickles.linear_model import LinearModel

_WIDTH = 80
_INDENT = 14  # of the text after a label
_WIDEST_NAME = 24
_MOST_FIELDS, _MOST_CATEGORIES, _MOST_PAIRS, _MOST_EFFECTS, _MOST_NAMES, _MOST_VERSIONS = 50, 12, 10, 10, 20, 3


def describe_inspection(inspection: Inspection) -> list[str]:
    """The lines: first whether the service would serve the file, then what is in it."""
    lines = [f"{escape_controls(str(inspection.path))}: {_judge(inspection)}"]
    lines += _labelled("file", [f"{inspection.size_bytes:,} bytes, SHA-256 {inspection.sha256[:12]}..."])
    lines += _labelled("kind", inspection.kind)
    contents, linear, fields = inspection.objects.contents, inspection.objects.linear, inspection.fields
    if contents:
        lines += _describe_contents(contents)
    if inspection.names:
        lines += _labelled("names", _cut([show_text(".".join(name)) for name in inspection.names], _MOST_NAMES))
        lines += _labelled("", ["(read from the file, nothing of it was run)"])
    lines += _labelled("card", _describe_card(inspection))
    if linear:
        lines += _describe_linear(linear, inspection)
    if fields:
        lines += _describe_fields(fields)
    if fields and linear:
        lines += _describe_effects(fields, linear)
    if inspection.adoption:
        reason = escape_controls(inspection.adoption.reason)
        lines += ["", f"why not:  {reason}", f"adopt:    {inspection.adoption.command}"]
    return lines


def _judge(inspection: Inspection) -> str:
    if inspection.model is None:
        return "not served as it is, but adopt can read it" if inspection.adoption else "not served"
    if inspection.needs_positive_class:
        return "the service would serve it, with POSITIVE_CLASS set"
    return "the service would serve it"


def _describe_contents(contents: Contents) -> Iterator[str]:
    yield from _labelled("holds", contents.holds)
    if contents.versions:
        versions = [f"scikit-learn {show_text(version)}" for version in contents.versions]
        yield from _labelled("written by", _cut(versions, _MOST_VERSIONS))
    if contents.settings:
        yield from _labelled("fitted with", contents.settings)
    if any(setting.startswith("class_weight=") for setting in contents.settings):
        words = "(class_weight: probabilities are not shares of customers)"
        yield from _labelled("", [words])


def _describe_card(inspection: Inspection) -> list[str]:
    path, model = card_path(inspection.path), inspection.model
    if model is None:
        return [f"{show_text(path.name)}, not used"] if path.is_file() else ["none"]
    if model.card is None:
        return ["none"]
    golden = f"{count_noun(len(model.card.golden), 'golden customer')} reproduced"
    return [f"{show_text(path.name)} belongs to it", f"target {show_text(model.card.target)}", golden]


def _describe_linear(linear: LinearModel, inspection: Inspection) -> Iterator[str]:
    first, second = map(show_label, linear.classes)
    if inspection.needs_positive_class:
        yield from _labelled("classes", [f"{first} and {second}: POSITIVE_CLASS must name the class that leaves"])
    else:
        yield from _labelled("who leaves", [f"{second} (who stays: {first})"])
    if inspection.model and inspection.model.card:
        threshold = f"{inspection.model.threshold:g}, the card's"
    elif linear.threshold is not None:
        threshold = f"{linear.threshold:g}, the file's"
    else:
        threshold = f"{DEFAULT_THRESHOLD:g}, since the file has none"
    yield from _labelled("threshold", [threshold])
    yield from _labelled("intercept", [f"{linear.intercept:.6g} log-odds"])


def _describe_fields(fields: Fields) -> Iterator[str]:
    known = fields.contract.fields
    counted = [f"{len(fields.columns.names):,}, of {count_noun(len(known), 'field')}"]
    if fields.other_spelling:
        counted.append(f"spelled differently in the file, as {show_text(fields.other_spelling)}")
    yield from _labelled("columns", counted)
    width = min(max((len(show_text(field.name)) for field in known[:_MOST_FIELDS]), default=0), _WIDEST_NAME)
    for field in known[:_MOST_FIELDS]:
        start = f"  {show_text(field.name):{width}}  "
        yield from _wrap(start, _describe_field(field, fields.columns), indent=width + 4)
    if len(known) > _MOST_FIELDS:
        yield f"  and {count_noun(len(known) - _MOST_FIELDS, 'more field')}"
    if interactions := fields.columns.interactions:
        named = [" and ".join(show_text(axis.field) for axis in pair.axes) for pair in interactions]
        yield from _labelled("pairs", _cut(named, _MOST_PAIRS))


def _describe_field(field: Field, columns: FieldColumns) -> list[str]:
    """The values that a customer may have in a field, as far as they are known."""
    if isinstance(field, Category):
        return _cut([show_text(category) if category else "blank" for category in field.categories], _MOST_CATEGORIES)
    if isinstance(field, Flag):
        return ["0 or 1"]
    words = ["a number"]
    if field.minimum is not None and field.maximum is not None:
        words.append(f"{field.minimum:g} to {field.maximum:g} in training")
    if log_column(field.name) in columns.by_field[field.name]:
        words.append("with its logarithm")
    if curve := columns.curves.get(field.name):
        words.append(f"a curve of {count_noun(len(curve.knots) - 1, 'piece')}")
    if field.blank:
        words.append("or blank")
    return words


def _describe_effects(fields: Fields, linear: LinearModel) -> Iterator[str]:
    effects = find_effects(fields.contract, fields.columns)
    heading = f"odds ratios: the factor by which each multiplies the odds of class {show_label(linear.classes[1])}"
    for ranked, words in ((effects.others, heading), (effects.numbers, "and of numbers, for a step of each")):
        if ranked:
            yield from ("", words)
            for effect in ranked[:_MOST_EFFECTS]:
                yield f"{spell_ratio(effect.odds_ratio):>{_INDENT}}  {effect.step}"
        if len(ranked) > _MOST_EFFECTS:
            yield f"{'':{_INDENT}}  and {len(ranked) - _MOST_EFFECTS:,} more"


def _labelled(label: str, items: Iterable[str]) -> Iterator[str]:
    return _wrap(f"{label}:".ljust(_INDENT) if label else " " * _INDENT, items, indent=_INDENT)


def _wrap(start: str, items: Iterable[str], *, indent: int) -> Iterator[str]:
    """The items after the start of the first line, separated by commas, in lines that end between two items."""
    line, is_empty = start, True
    for item in items:
        if is_empty:
            line, is_empty = f"{line}{item}", False
        elif len(line) + len(item) + 3 <= _WIDTH:
            line = f"{line}, {item}"
        else:
            yield f"{line},"
            line = f"{' ' * indent}{item}"
    yield line


def _cut(items: Sequence[str], most: int) -> list[str]:
    """The first items, and the number of further ones."""
    return [*islice(items, most), *([f"and {len(items) - most:,} more"] if len(items) > most else [])]
