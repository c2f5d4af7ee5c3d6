"""Cells and sheets in XML and their meaning, for Python's reader of workbooks and for the page's."""

from datetime import date, datetime, time

from churn.workbooks.cells import NO_DATE, NO_NUMBER, NO_VALUE, CellError
from tests.made_workbooks import ONE_ROW, make_parts

TEXTS = "<si><t>shared</t></si><si><r><t>two</t></r><r><t> runs</t></r><rPh><t>no</t></rPh></si>"
"""The shared texts that some of the cells refer to."""

CELLS = [
    ('<c r="A1"><v>26</v></c>', 26),
    ('<c r="A1"><v>2.6E1</v></c>', 26),
    ('<c r="A1"><v>-0.1</v></c>', -0.1),
    ('<c r="A1"><v>1E+20</v></c>', 1e20),
    ('<c r="A1" t="b"><v>1</v></c>', True),
    ('<c r="A1" t="b"><v>0</v></c>', False),
    ('<c r="A1" t="s"><v>0</v></c>', "shared"),
    ('<c r="A1" t="s"><v>1</v></c>', "two runs"),
    ('<c r="A1" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r><rPh><t>x</t></rPh></is></c>', "inline"),
    ('<c r="A1" t="str"><f>"a"</f><v>a_x000D_b</v></c>', "a\rb"),
    ('<c r="A1" t="inlineStr"><is><t>26</t></is></c>', "26"),
    ('<c r="A1"><f>1+1</f><v>2</v></c>', 2),
    ('<c r="A1" t="e"><v>#N/A</v></c>', CellError("the error #N/A", "#N/A")),
    ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', CellError("the error #DIV/0!", "#DIV/0!")),
    ('<c r="A1" t="e"/>', CellError("an error")),
    ('<c r="A1" t="e"><v>a customer\'s name</v></c>', CellError("an error")),
    ('<c r="A1"><f>1+1</f></c>', NO_VALUE),
    ('<c r="A1"><f>1+1</f><v></v></c>', NO_VALUE),
    ('<c r="A1" t="str"><f>1+1</f></c>', NO_VALUE),
    ('<c r="A1"><v>1_000</v></c>', NO_NUMBER),
    ('<c r="A1"><v>1e999</v></c>', NO_NUMBER),
    ('<c r="A1"><v>nan</v></c>', NO_NUMBER),
    ('<c r="A1" t="b"><v>2</v></c>', CellError("neither true nor false")),
    ('<c r="A1" t="x"><v>2</v></c>', CellError("a cell of an unknown kind")),
    ('<c r="A1" s="2"><v>45000</v></c>', date(2023, 3, 15)),
    ('<c r="A1" s="2"><v>45000.75</v></c>', datetime(2023, 3, 15, 18)),
    ('<c r="A1" s="2"><v>0.75</v></c>', time(18)),
    ('<c r="A1" s="2"><v>0</v></c>', time(0)),
    ('<c r="A1" s="2"><v>1</v></c>', date(1900, 1, 1)),
    ('<c r="A1" s="2"><v>59</v></c>', date(1900, 2, 28)),
    ('<c r="A1" s="2"><v>60</v></c>', NO_DATE),
    ('<c r="A1" s="2"><v>61</v></c>', date(1900, 3, 1)),
    ('<c r="A1" s="2"><v>-1</v></c>', NO_DATE),
    ('<c r="A1" s="2"><v>2958465</v></c>', date(9999, 12, 31)),
    ('<c r="A1" s="2"><v>2958465.9999999999</v></c>', NO_DATE),
    ('<c r="A1" t="d"><v>2024-02-03</v></c>', date(2024, 2, 3)),
    ('<c r="A1" t="d"><v>2024-02-03T04:05:06</v></c>', datetime(2024, 2, 3, 4, 5, 6)),
    ('<c r="A1" t="d"><v>soon</v></c>', NO_DATE),
    ('<c r="A1" s="4"><v>26.5</v></c>', 26.5),
    ('<c r="A1" s="5"><v>1.5</v></c>', 1.5),
    ('<c r="A1" s="6"><v>1.5</v></c>', 1.5),
    ('<c r="A1" s="7"><v>1.5</v></c>', 1.5),
    ('<c r="A1" t="str"><v>half _xD83D_ a character</v></c>', "half _xD83D_ a character"),
]
"""Cells and their values."""


def sheet_of(rows: str, *, before: str = "") -> str:
    return make_parts(rows)["xl/worksheets/sheet1.xml"].replace("<worksheet", f"{before}<worksheet")


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


DAMAGED = [
    (sheet_of("<row r='1'>&b;</row>", before=LAUGHS), "document type"),
    (sheet_of(ONE_ROW, before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
    (sheet_of(ONE_ROW)[:-5], "is not XML"),
    (sheet_of('<row r="2"/><row r="2"/>'), "not in order"),
    (sheet_of('<row r="1048577"/>'), "not in order"),
    (sheet_of('<row r="0"/>'), "not in order"),
    (sheet_of('<row r="x"/>'), "not in order"),
    (sheet_of('<row r="1"><c r="B1"/><c r="A1"/></row>'), "not in order"),
    (sheet_of('<row r="1"><c r="A2"/></row>'), "not in order"),
    (sheet_of('<row r="1"><c r="XFE1"/></row>'), "outside"),
    (sheet_of('<row r="1"><c r="AAAAAAAAA1"/></row>'), "no valid place"),
    (sheet_of("<c/>"), "outside"),
    (sheet_of('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'), "text of a cell is missing"),
    (sheet_of('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "text of a cell is missing"),
    (sheet_of("<a>" * 6_000 + "</a>" * 6_000), "more names or levels"),
    (sheet_of("".join(f"<a{number}/>" for number in range(11_000))), "more names or levels"),
    (sheet_of(f'<row r="1" x="{"a" * 1_200_000}"/>'), "one of its tags has more than"),
    (sheet_of("<!--" + "a" * 1_200_000 + "-->"), "one of its tags has more than"),
    ("<html/>", "its sheet is not a worksheet"),
]
"""Sheets that no program writes, and words of their refusals."""
