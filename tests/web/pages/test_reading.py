"""The page's reader of text files against Python's own in a real Chromium: kind, encoding, header, form."""

import base64
import itertools
import random

import pytest

from churn.errors import CsvError
from churn.tables import file_kind
from churn.tables.csv_header import find_header
from churn.tables.detection import describe_csv
from churn.tables.encoding import as_utf_8, find_encoding
from churn.tables.file_kind import KINDS, LOOKED_AT_BYTES, describe_kind, find_kind
from tests.amounts import draws
from tests.customers import PROJECT
from tests.files_of_kinds import FILES

pytestmark = pytest.mark.browser

NAMES = ["plan", "charge", "tenure"]
CODECS = {"utf-8": "utf-8", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be", "cp1252": "windows-1252"}


def call(page, module: str, body: str, contents: list[bytes]) -> list:
    """The results of a function body of `module` and `bytes`, one for each of the contents."""
    script = f"""const [contents] = arguments;
        return import('/static/{module}').then((module) => contents.map((content) => {{
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            {body}
        }}));"""
    return page.run(script, [base64.b64encode(content).decode() for content in contents])


def draw_files(amount: int) -> list[bytes]:
    """Contents of every kind: whole, truncated and mixed."""
    chance = random.Random(3)
    known = [content for content, _ in FILES]
    workbooks = [path.read_bytes() for path in sorted((PROJECT / "tests" / "workbooks").glob("libreoffice.*"))]
    known += [mark + b" and more" for mark, _ in file_kind._MARKS]
    files = [*known, *workbooks, (PROJECT / "model_C=1.0.bin").read_bytes()]
    for _ in range(amount):
        content = chance.choice(known)[: chance.randrange(1, 400)]
        if chance.random() < 0.5:
            content = content[: chance.randrange(len(content) + 1)] + chance.choice(known)[: chance.randrange(60)]
        if chance.random() < 0.3 and content:
            at = chance.randrange(len(content))
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        files.append(content)
    return files


@draws(few=300, many=3000)
def test_the_kind_of_a_file_is_the_same_as_in_python_whatever_it_is(modules, amount):
    files = draw_files(amount)
    body = f"return module.findKind(bytes.subarray(0, {LOOKED_AT_BYTES}), bytes.slice(-{LOOKED_AT_BYTES}));"
    kinds = [find_kind(content[:LOOKED_AT_BYTES], content[-LOOKED_AT_BYTES:]) for content in files]
    assert set(kinds) >= {kind for _, kind in FILES}
    for found, kind, content in zip(call(modules, "kind.js", body, files), kinds, files, strict=True):
        assert found == kind, content[:200]


def test_every_kind_is_described_in_pythons_words(modules):
    keys = [key.encode() for key in KINDS]
    body = "return module.describeKind(new TextDecoder().decode(bytes));"
    for key, words in zip(KINDS, call(modules, "kind.js", body, keys), strict=True):
        described = describe_kind(key)
        assert words == f"{described[0].upper()}{described[1:]}."


def draw_texts(amount: int) -> list[bytes]:
    """Texts in all encodings, some of them broken."""
    chance = random.Random(4)
    letters = ["a", ",", "\n", "\r\n", "\xe4", "\xe9", "\xc9", "\u20ac", "\u201c", "\u201d", "\u0153", "\x01"]
    wide = [*letters, "\U0001f600", "\u3000", "\ufeff", "\u0430", "\0"]
    texts = []
    for _ in range(amount):
        text = "".join(chance.choices(chance.choice([letters, wide]), k=chance.randrange(40)))
        codec = chance.choice(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
        content = text.encode(codec, "replace")
        if codec.startswith("utf-16"):
            content = "\ufeff".encode(codec) + content
        if chance.random() < 0.4:
            at = chance.randrange(len(content) + 1)
            content = (
                content[:at]
                + bytes(chance.choices([0x81, 0xD8, 0xE9, 0, 0xC3, 0xA4, 0x9D, 0xE0, 0xED, 0xF0, 0xF4], k=2))
                + content[at:]
            )
        texts.append(content[: chance.randrange(len(content) + 1)] if chance.random() < 0.2 else content)
    return texts


_READ = """
    const parts = (bytes, size) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.slice(at * size, (at + 1) * size));
    const finder = new module.EncodingFinder();
    for (const part of parts(bytes, SIZE)) finder.add(part);
    try {
        const codec = finder.finish();
        const maker = new module.Utf8Maker(codec);
        const made = [...parts(bytes, SIZE), null].map((part) => maker.make(part));
        return [codec, String.fromCharCode(...module.concatBytes(made))];
    } catch (error) {
        return [error.message];
    }
"""


@draws(few=400, many=4000)
@pytest.mark.parametrize("size", [4, 7, 1000])
def test_an_encoding_is_found_and_its_text_is_read_as_in_python(modules, size, amount):
    contents = draw_texts(amount)
    found = call(modules, "encoding.js", _READ.replace("SIZE", str(size)), contents)
    read_as = set()
    for content, answer in zip(contents, found, strict=True):
        try:
            encoding = find_encoding([content])
            expected = [CODECS[encoding.codec], as_utf_8(content, encoding).decode("latin-1")]
            if encoding.codec == "cp1252" and not content:
                expected = ["utf-8", ""]
        except CsvError as error:
            reason = str(error).partition("; ")[0]
            assert answer == [f"T{reason[1:]}; save it as \u2018CSV UTF-8\u2019."], content
            read_as.add(reason.rpartition("it is ")[2])
        else:
            assert answer == expected, content
            read_as.add(encoding.name)
    refused = {"not UTF-16", "neither UTF-8 nor Windows-1252", "UTF-8 with damaged bytes in this line"}
    assert read_as == {"UTF-8", "UTF-16", "Windows-1252"} | refused


def draw_tables(amount: int) -> list[bytes]:
    """CSVs with and without titles, `sep=` lines, blank rows and odd quotes above a header."""
    chance = random.Random(5)
    odd = ['"', "a", ",", ";", "\t", "\n", "\r", "\r\n", " ", "\x85", "\xe9", *NAMES, '"b;"']
    tables = []
    for _ in range(amount):
        delimiter, end = chance.choice(",;\t|"), chance.choice(["\n", "\r\n", "\r"])
        separator = chance.choice(["sep={}", '"sep={}"', "SEP={}"]).format(delimiter) + end
        title = "".join(
            chance.choice(["Customers", "", " ", f"May{delimiter}2024", '"two\nlines"']) + end
            for _ in range(chance.randrange(13))
        )
        names = chance.sample([*NAMES, "Plan ", "id", " charge"], k=chance.randrange(1, 6))
        rows = "".join(delimiter.join(chance.choices(["1", "2,5", "a", ""], k=3)) + end for _ in range(3))
        text = (
            chance.choice(["", "\ufeff"])
            + chance.choice(["", separator])
            + title
            + delimiter.join(names)
            + end
            + rows
        )
        if chance.random() < 0.4:
            text = "".join(chance.choices(odd, k=chance.randrange(25)))
        tables.append(text.encode())
    return tables


@draws(few=500, many=6000)
def test_a_header_is_found_where_python_finds_it(modules, amount):
    tables = draw_tables(amount)
    body = f"""const names = new Set({NAMES});
        const rate = (cells) => new Set(cells.filter((cell) => names.has(cell))).size;
        return module.findHeader(bytes, {{ rate, perfect: {len(NAMES)}, last: true }});"""
    titles = set()
    for content, found in zip(tables, call(modules, "header.js", body, tables), strict=True):
        try:
            header = find_header(content, lambda cells: len(set(NAMES) & set(cells)), perfect=len(NAMES))
        except CsvError:
            assert found is None, content
            continue
        assert found == {
            "delimiter": header.delimiter,
            "cells": header.cells,
            "row": header.row,
            "end": header.end,
            "lines": header.last_line,
            "preamble": header.preamble,
            "titleRows": header.title_rows,
        }, content
        titles.add(header.title_rows)
    assert titles == set(range(11))


def test_the_form_of_a_csv_is_described_in_pythons_words(modules):
    forms = [
        {"encoding": encoding, "delimiter": delimiter, "decimal_mark": mark, "header_row": row, "title_rows": row - 1}
        for encoding, delimiter, mark, row in itertools.product(["UTF-8", "UTF-16"], ",;\t|", ["", ",", "."], [1, 3])
    ]
    script = """const [forms] = arguments, marks = { ",": "comma", ".": "point", "": "none" };
        return import('/static/detection.js').then((module) => forms.map((form) => module.describeCsv({ ...form,
            decimalMark: marks[form.decimal_mark], row: form.header_row, titleRows: form.title_rows })));"""
    assert modules.run(script, forms) == [describe_csv(form.pop("encoding"), **form) for form in forms]


def test_a_large_file_is_never_in_memory_as_a_whole(modules):
    """A 48 MB text in Windows-1252 goes through in pieces: memory never holds more than a piece and a chunk."""
    script = """const done = arguments[arguments.length - 1];
        (async () => {
            const { Source, findEncoding } = await import("/static/source.js");
            const line = new Uint8Array(1000).fill(0xe9);
            line[999] = 10;
            const file = new File(Array(48000).fill(line), "large.csv");
            const codec = await findEncoding(file, { isCompressed: false, signal: new AbortController().signal });
            const source = new Source(file, { isCompressed: false, codec });
            let [bytes, most, last] = [0, 0, false];
            while (!last) {
                const piece = await source.peek(500000);
                bytes += piece.bytes.length;
                most = Math.max(most, piece.bytes.buffer.byteLength);
                source.skip(piece.bytes.length);
                last = piece.last;
            }
            done([codec, bytes, most, source.share]);
        })();"""
    codec, read_bytes, most, share = modules.driver.execute_async_script(script)
    assert (codec, read_bytes, share) == ("windows-1252", 3 + 48_000 * (999 * 2 + 1), 1)
    assert most < 8 * 2**20
