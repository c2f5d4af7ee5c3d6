"""The spelling of figures and names in a report."""

from collections.abc import Sequence

from markupsafe import Markup, escape


def percent(share: float, digits: int = 1) -> str:
    """A share, 0 to 1, in percent.

    >>> percent(0.2654), percent(0.5, 0)
    ('26.5\\xa0%', '50\\xa0%')
    """
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def signed(amount: float, digits: int = 3) -> str:
    r"""A difference with its sign, or without a sign if it rounds to 0.

    >>> signed(0.0123), ascii(signed(-0.0123)), signed(-0.00001)
    ('+0.012', "'\\u22120.012'", '0.000')
    """
    text = f"{amount:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def figure(number: float, digits: int = 6) -> str:
    """A number of the table, whole or with this many significant digits.

    >>> figure(72.0), figure(8684.8), figure(389.138, 4), figure(1234567.8, 4)
    ('72', '8,684.8', '389.1', '1,234,568')
    """
    whole = number == round(number) or abs(number) >= 10**digits
    text = f"{number:,.0f}" if whole and abs(number) < 1e15 else f"{number:,.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")


def distinct_figures(numbers: Sequence[float], digits: int = 4) -> list[str]:
    """Distinct numbers of the table with this many significant digits, or as many more as keep them distinct.

    >>> distinct_figures([389.138, 12.5]), distinct_figures([1000.25, 1000.5])
    (['389.1', '12.5'], ['1,000.2', '1,000.5'])
    """
    for enough in range(digits, 17):
        figures = [figure(number, enough) for number in numbers]
        if len(set(figures)) == len(figures):
            break
    return figures


def money(amount: float, value: float) -> str:
    """An amount in the campaign's currency: in whole units, or with cents if a customer's `value` is below 20.

    >>> money(1234.5, 200), money(3.5, 2.4)
    ('1,234', '3.50')
    """
    return f"{amount:,.{0 if value >= 20 else 2}f}".replace("-", "\N{MINUS SIGN}")


def breakable(name: str) -> Markup:
    """A name, escaped, with a possible line break after each underscore.

    >>> breakable("a<b_c")
    Markup('a&lt;b_<wbr>c')
    """
    return escape(name).replace("_", Markup("_<wbr>"))
