"""The JSON Schema (2020-12) of a customer, made from the contract.

The schema is the clean spelling: all that it allows is taken, and a client made from it has enums and numbers, or
texts for numbers that training saw with marks. What else is taken (raw spellings, texts that spell a number, null for
a blank) is said in words, since a schema of every spelling would say "any text" of each field.
"""

import re
from collections.abc import Mapping

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number
from churn.model.marks import Marks
from churn.web.pages.example import example_customer

_BLANK = "A blank (null, or an empty text)"


def customer_schema(contract: Contract, average: Mapping[str, float] | None = None) -> dict[str, object]:
    """The schema of one customer in clean spelling; `average` is as example_customer takes it.

    >>> customer_schema(Contract((Flag("seniorcitizen"),)))["required"]
    ['seniorcitizen']
    """
    example = example_customer(contract, average)
    properties = {field.name: field_schema(field) | {"examples": [example[field.name]]} for field in contract.fields}
    return {
        "type": "object",
        "description": "A customer, in clean spelling. Names and categories are taken in the training table's own "
        "spelling, too (capitals, spaces for underscores), and a number as a text that spells it. A blank, which is "
        "null or an empty text, is taken only where the field's description says what it stands for. Further fields "
        "are ignored.",
        "required": [field.name for field in contract.fields],
        "properties": properties,
        "additionalProperties": True,
        "examples": [example],
    }


def field_schema(field: Field) -> dict[str, object]:
    """The schema of a field's value in clean spelling.

    >>> field_schema(Number("tenure", 0, 72, non_negative=True))["description"]
    'A finite number, 0 or more. In training it was 0 to 72, which is no limit.'
    """
    if isinstance(field, Flag):
        return {"enum": [0, 1, True, False], "description": _sentence(field.expected)}
    if isinstance(field, Category):
        listed = {} if isinstance(field.expected, str) else {"enum": list(field.expected)}
        words = _describe_category(field)
        return {"type": "string", **listed, **({"description": words} if words else {})}
    number: dict[str, object] = {"type": "number"} | ({"minimum": 0} if field.non_negative else {})
    if field.marks is not None:
        number = {"anyOf": [number, {"type": "string", "pattern": marked_pattern(field, field.marks)}]}
    return number | {"description": _describe_number(field)}


def marked_pattern(field: Number, marks: Marks) -> str:
    """An ECMAScript pattern of texts that spell a number of a field with its marks; all of them are taken.

    >>> marked_pattern(Number("rate", non_negative=True), Marks("%"))
    '^(?:(?:0|[1-9][0-9]{0,8})(?:[.][0-9]{1,6})? ?%|% ?(?:0|[1-9][0-9]{0,8})(?:[.][0-9]{1,6})?)$'
    """
    group, mark = ("[.]", ",") if marks.decimal_comma else (",", "[.]")
    whole = f"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}){{0,3}}" if marks.thousands else "[1-9][0-9]{0,8}"
    most_decimals = 2 if marks.thousands and not marks.three_decimals else 6  # 1.234 can be read in two ways
    number = f"{'' if field.non_negative else '-?'}(?:0|{whole})(?:{mark}[0-9]{{1,{most_decimals}}})?"
    sign = re.escape(marks.sign)
    return f"^(?:{number} ?{sign}|{sign} ?{number})$" if sign else f"^{number}$"


def _describe_category(field: Category) -> str:
    words = [f"{_sentence(field.expected)} GET /model lists them."] if isinstance(field.expected, str) else []
    if field.takes_blank:
        words.append(f'{_BLANK} is the category "{field.blank}".')
    if field.takes_numbers:
        words.append("A number is the category that spells it.")
    if field.takes_booleans:
        words.append("JSON's true and false are taken, too.")
    return " ".join(words)


def _describe_number(field: Number) -> str:
    words = _sentence(field.expected)
    if field.minimum is not None and field.maximum is not None:
        words += f" In training it was {field.minimum:g} to {field.maximum:g}, which is no limit."
    if field.blank is not None:
        words += f" {_BLANK} stands for {field.blank.value:g}."
    return words


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
