"""Counted nouns in messages, in the singular and in the plural."""


def count_noun(number: int, noun: str) -> str:
    """A number with its noun, which takes an s in the plural.

    >>> count_noun(1, "row"), count_noun(1200, "test customer")
    ('1 row', '1,200 test customers')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def count_subject(number: int, noun: str) -> str:
    """A number with its noun and the verb "is" or "are".

    >>> count_subject(1, "row"), count_subject(2, "row")
    ('1 row is', '2 rows are')
    """
    return f"{count_noun(number, noun)} {'is' if number == 1 else 'are'}"
