"""The report of a training: one self-contained HTML page for the people who decide whether to ship the model.

Owns the rendering of the page: `sections` has its content, `formats` the spelling of figures, report.html the layout.
The page needs no network and no script, and has no date: the same findings give the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

import sklearn
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from churn.errors import WriteError
from churn.files import replace_file
from churn.model.event import words_for
from churn.model.odds import spell_ratio
from churn.report.formats import breakable, figure, money, percent, signed
from churn.report.sections import sections
from churn.training.findings import Findings
from churn.training.verdict import Verdict

_WORDS = {
    "lift": "lift and gains",
    "odds": "odds ratios",
    "field_pairs": "pairs of fields",
    "churn": "churn by category",
    "periods": "periods of time",
}
_NOT_ALWAYS = ("money", "periods", "curves", "field_pairs")


def write_report(path: Path, report: str) -> None:
    """Writes the HTML text of a report to a file, as a whole or not at all.

    Raises WriteError if the file can't be written; the old file is then kept.
    """
    try:
        replace_file(path, report.encode())
    except OSError as error:
        raise WriteError(str(path), error.strerror or str(error)) from None


def render_report(
    findings: Findings, verdict: Verdict, *, progress: Callable[[str], None] = lambda line: None
) -> str:
    """The report as HTML text; `progress` is called with a line when each step begins."""
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
    environment.filters |= {"percent": percent, "figure": figure, "ratio": spell_ratio, "signed": signed}
    environment.filters |= {"money": money, "breakable": breakable}
    page = environment.get_template("report.html")
    return page.render(
        dict.fromkeys(_NOT_ALWAYS) | made,
        findings=findings,
        words=words_for(findings.event),
        scikit_learn=sklearn.__version__,
    )
