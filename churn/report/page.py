"""The report of a training: one HTML page that stands alone, for whoever decides whether the model is shipped.

Owns how the page comes together and how figures are spelled in it; what it shows is sections', the looks are
report.html's. The page needs no network and no script, and has no date: the same findings give the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

import sklearn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from churn.errors import WriteError
from churn.files import replace_file
from churn.model.event import words_for
from churn.report.sections import sections
from churn.training.findings import Findings
from churn.training.verdict import Verdict

_WORDS = {"lift": "lift and gains", "odds": "odds ratios", "churn": "churn by category", "periods": "periods of time"}


def write_report(path: Path, report: str) -> None:
    """Writes the HTML text of a report to a file, whole or not at all.

    Raises WriteError when the file can't be written, and then the old one still stands.
    """
    try:
        replace_file(path, report.encode())
    except OSError as error:
        raise WriteError(str(path), error.strerror or str(error)) from None


def render_report(
    findings: Findings, verdict: Verdict, *, progress: Callable[[str], None] = lambda line: None
) -> str:
    """The report as HTML text; `progress` is called with a line for each step as the step begins."""
    made, steps = {}, sections(findings, verdict)
    for number, (name, make) in enumerate(steps.items(), start=1):
        progress(f"report: {_WORDS.get(name, name)} ({number} of {len(steps)})")
        made[name] = make()
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "figure": figure, "ratio": ratio, "signed": signed}
    environment.filters |= {"money": money, "breakable": breakable}
    page = environment.get_template("report.html")
    words = words_for(findings.event)
    return page.render(
        made,
        findings=findings,
        money=made.get("money"),
        periods=made.get("periods"),
        words=words,
        scikit_learn=sklearn.__version__,
    )


def percent(share: float, digits: int = 1) -> str:
    """A share, 0 to 1, in percent.

    >>> percent(0.2654), percent(0.5, 0)
    ('26.5\\xa0%', '50\\xa0%')
    """
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def signed(amount: float, digits: int = 3) -> str:
    r"""A difference with its sign, and no sign where it rounds to 0.

    >>> signed(0.0123), ascii(signed(-0.0123)), signed(-0.00001)
    ('+0.012', "'\\u22120.012'", '0.000')
    """
    text = f"{amount:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def figure(number: float, digits: int = 6) -> str:
    """A number of the table, whole or in so many digits.

    >>> figure(72.0), figure(8684.8), figure(389.138, 4), figure(1234567.8, 4)
    ('72', '8,684.8', '389.1', '1,234,568')
    """
    whole = number == round(number) or abs(number) >= 10**digits
    text = f"{number:,.0f}" if whole and abs(number) < 1e15 else f"{number:,.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}")


def ratio(odds_ratio: float) -> str:
    """An odds ratio, to three digits or two behind the point.

    >>> ratio(1.8504), ratio(0.0321), ratio(43.21), ratio(1e9)
    ('1.85', '0.032', '43.2', 'over 1,000,000')
    """
    if odds_ratio >= 1e6:
        return "over 1,000,000"
    if odds_ratio >= 10:
        return f"{odds_ratio:,.1f}" if odds_ratio < 1000 else f"{odds_ratio:,.0f}"
    return f"{odds_ratio:.2f}" if odds_ratio >= 0.1 else f"{odds_ratio:.2g}"


def money(amount: float, value: float) -> str:
    """An amount in the campaign's currency, in whole units where a customer's `value` is not tiny.

    >>> money(1234.5, 200), money(3.5, 2.4)
    ('1,234', '3.50')
    """
    return f"{amount:,.{0 if value >= 20 else 2}f}".replace("-", "\N{MINUS SIGN}")


def breakable(name: str) -> Markup:
    """A name, escaped, that may break its line behind an underscore.

    >>> breakable("a<b_c")
    Markup('a&lt;b_<wbr>c')
    """
    return escape(name).replace("_", Markup("_<wbr>"))
