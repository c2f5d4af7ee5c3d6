"""The JSON Schema (2020-12) of a customer, made from the contract.

The schema describes the clean spelling. The service accepts everything that matches it, and a client generated from
it has enums and numbers, or texts for numbers that had marks in training. The descriptions name what else is accepted
(raw spellings, texts that spell a number, null for a blank): a schema of every spelling would be "any text" for each
field.

Each group is an if with a then and an else, in allOf. This form keeps the customer of generated clients one type;
anyOf and oneOf would make it a union, which for 20 groups is more than TypeScript can compile.
"""

from collections.abc import Mapping, Sequence

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number, Where, show_value
from churn.model.groups import Group
from churn.model.ranges import describe_range
from churn.web.pages.example import example_customer
from churn.web.pages.marked_pattern import marked_pattern

_TRUTHS = {0: (0, False), 1: (1, True)}
"""The JSON spellings of a flag's values."""


def customer_schema(contract: Contract, average: Mapping[str, float] | None = None) -> dict[str, object]:
    """The schema of one customer in clean spelling; `average` is an argument of example_customer.

    >>> customer_schema(Contract((Flag("seniorcitizen"),)))["required"]
    ['seniorcitizen']
    """
    example = example_customer(contract, average)
    partners = _describe_partners(contract.groups)
    properties = {
        field.name: _describe(field_schema(field), partners.get(field.name, ())) | {"examples": [example[field.name]]}
        for field in contract.fields
    }
    fields = {field.name: field for field in contract.fields}
    groups = {"allOf": [_group_schema(group, fields) for group in contract.groups]} if contract.groups else {}
    return {
        "type": "object",
        "description": "A customer, in clean spelling. Names and categories are also accepted in the spelling of the "
        "training table (with capitals, or spaces for underscores), and numbers as texts. A blank, which is null or "
        "an empty text, is accepted only if the field's description says what it means. Further fields are ignored.",
        "required": [field.name for field in contract.fields],
        "properties": properties,
        **groups,
        "additionalProperties": True,
        "examples": [example],
    }


def field_schema(field: Field) -> dict[str, object]:
    """The schema of a field's value in clean spelling.

    >>> field_schema(Number("tenure", lowest=0, highest=144))
    {'type': 'number', 'minimum': 0, 'maximum': 144, 'description': 'A finite number. 0 to 144 is accepted.'}
    >>> field_schema(Number("tenure", 0, 72, non_negative=True))["description"]
    'A finite number, 0 or more. Training had 0 to 72, which is not a limit.'
    """
    if isinstance(field, Flag):
        return {
            "anyOf": [{"type": "integer", "enum": [0, 1]}, {"type": "boolean"}],
            "description": _sentence(field.expected),
        }
    if isinstance(field, Category):
        listed = {} if isinstance(field.expected, str) else {"enum": list(field.expected)}
        words = _describe_category(field)
        return {"type": "string", **listed, **({"description": words} if words else {})}
    return _number_schema(field) | {"description": _describe_number(field)}


def _describe(schema: dict[str, object], words: Sequence[str]) -> dict[str, object]:
    """The schema with further sentences added to its description."""
    described = [*([str(schema["description"])] if "description" in schema else []), *words]
    return schema | ({"description": " ".join(described)} if described else {})


def _number_schema(field: Number) -> dict[str, object]:
    lowest = 0 if field.lowest is None and field.non_negative else field.lowest
    limits = {"minimum": lowest, "maximum": field.highest}
    number: dict[str, object] = {"type": "number"} | {
        name: _shorten(limit) for name, limit in limits.items() if limit is not None
    }
    if field.missing_numbers and (field.blank is None or field.blank.where is not None):
        return number | {"not": {"enum": [_shorten(blank) for blank in sorted(field.missing_numbers)]}}
    pattern = marked_pattern(field, field.marks) if field.marks else None
    return {"anyOf": [number, {"type": "string", "pattern": pattern}]} if pattern else number


def _group_schema(group: Group, fields: Mapping[str, Field]) -> dict[str, object]:
    """The schema of a group: if the first field has its value, all others have theirs; if not, none of them has."""
    first, *others = group.values
    return {
        "if": {"properties": {first.field: _equals_schema(first, fields[first.field])}},
        "then": {"properties": {value.field: _equals_schema(value, fields[value.field]) for value in others}},
        "else": {"properties": {value.field: _differs_schema(value, fields[value.field]) for value in others}},
    }


def _equals_schema(value: Where, field: Field) -> dict[str, object]:
    return {"enum": [*_TRUTHS[int(value.equals)]] if isinstance(field, Flag) else [value.equals]}


def _differs_schema(value: Where, field: Field) -> dict[str, object]:
    if isinstance(field, Flag):
        return {"enum": [*_TRUTHS[1 - int(value.equals)]]}
    others = [] if isinstance(field.expected, str) else [known for known in field.expected if known != value.equals]
    return {"enum": others} if others else {"not": {"const": value.equals}}


def _describe_partners(groups: Sequence[Group]) -> dict[str, list[str]]:
    """Sentences by field: for each group, the value that goes with another field's (the first's, or the second's).

    >>> _describe_partners([Group((Where("phone", "no"), Where("lines", "none"), Where("calls", 0.0)))])["calls"]
    ['It is 0 if and only if phone is no.']
    """
    partners: dict[str, list[str]] = {}
    for group in groups:
        first, second, *_ = group.values
        for value in group.values:
            other = second if value is first else first
            condition = f"if and only if {other.field} is {show_value(other.equals)}."
            partners.setdefault(value.field, []).append(f"It is {show_value(value.equals)} {condition}")
    return partners


def _describe_category(field: Category) -> str:
    words = [f"{_sentence(field.expected)} GET /model lists them."] if isinstance(field.expected, str) else []
    if field.takes_blank:
        words.append(f'{_describe_blank(field)} is the category "{field.blank}".')
    if field.takes_numbers:
        words.append("A number is accepted as the category that spells it.")
    if field.takes_booleans:
        words.append("JSON's true and false are accepted, too.")
    return " ".join(words)


def _describe_number(field: Number) -> str:
    words = _sentence(field.expected)
    limits, seen = describe_range(field.lowest, field.highest), describe_range(field.minimum, field.maximum)
    if limits:
        words += f" {_sentence(f'{limits} is accepted; training had {seen}' if seen else f'{limits} is accepted')}"
    elif seen:
        words += f" Training had {seen}, which is not a limit."
    if field.blank is not None:
        meaning = "is weighed by itself" if field.blank.apart else f"stands for {field.blank.value:g}"
        words += f" {_describe_blank(field)} {meaning}."
    return words


def _describe_blank(field: Category | Number) -> str:
    """The blanks of a field, in words, including its own words for a blank.

    >>> _describe_blank(Category("city", ("",))), _describe_blank(Category("city", ("",), missing=("?", "na")))
    ('A blank (null, or an empty text)', 'A blank (null, an empty text, or one of the words ?, na)')
    """
    if not field.missing:
        return "A blank (null, or an empty text)"
    if len(field.missing) == 1:
        return f"A blank (null, an empty text, or the word {field.missing[0]})"
    return f"A blank (null, an empty text, or one of the words {', '.join(field.missing)})"


def _shorten(number: float) -> float:
    """The number, as an int if it is whole and every JSON reader keeps it exactly."""
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
