"""The encodings of a text: found, named, and read as UTF-8 whole or in pieces."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.errors import CsvError
from churn.tables.encoding import UTF_8_MARK, Utf8Source, as_utf_8, find_encoding, named_encoding

TEXT = "plan,Stadt\nbasic,Köln\r\n“pro”,Zürich €\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "UTF-8"),
        (b"plan,city\n", "UTF-8"),
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("cp1252"), "Windows-1252"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        ("K\u00f6ln".encode()[:-3], "Windows-1252"),  # truncated UTF-8 fits too
    ],
)
@pytest.mark.parametrize("piece_bytes", [1, 5, 1000])
def test_an_encoding_is_found_wherever_the_pieces_are_cut(content, name, piece_bytes):
    size = max(piece_bytes, 4)  # a first piece is at least as long as the longest byte order mark
    pieces = [content[:size], *(content[at : at + piece_bytes] for at in range(size, len(content), piece_bytes))]
    assert find_encoding(pieces).name == name


@pytest.mark.parametrize(
    ("content", "line"), [(b"a\n\nb\x81\n", 3), (b"a\nb\xe9\n\x8d", 2), (b"a\0\xe9", 1), (b"\xff\xfe\0\0a", 1)]
)
def test_bytes_in_none_of_the_encodings_are_refused_with_their_line(content, line):
    with pytest.raises(CsvError, match="neither UTF-8 nor Windows-1252") as refusal:
        find_encoding([content])
    assert refusal.value.line == line


@pytest.mark.parametrize("piece_bytes", [4, 5, 1000])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("Caf\u00e9\n" * 130 + "Caf", 131),
        ("Caf\u00e9\nCaf", 2),
        ("\u20ac\n\U0001f600\nCaf", 3),
        ("CAF\u00c9\u00c9\u201d", 1),
    ],
)
def test_one_bad_byte_does_not_turn_utf_8_into_windows_1252(content, line, piece_bytes):
    bad = content.encode() + b"\xe9\n"
    with pytest.raises(
        CsvError, match=r"it is UTF-8 with damaged bytes in this line; .* give its encoding$"
    ) as found:
        find_encoding([bad[at : at + piece_bytes] for at in range(0, len(bad), piece_bytes)])
    assert found.value.line == line


@pytest.mark.parametrize(
    "text", ["\u201cCAF\u00c9\u201d, \u201ca\u201d", "K\u00f6ln, Caf\u00e9", "\u00c3\u00a9 \u00e9 \u00e9 \u00e9"]
)
def test_windows_1252_may_have_bytes_that_happen_to_be_a_character_of_utf_8(text):
    assert find_encoding([text.encode("cp1252")]).name == "Windows-1252"


@pytest.mark.parametrize(
    ("name", "first", "marked"),
    [
        ("windows-1252", b"\xef\xbb\xbfid", "UTF-8"),
        ("windows-1252", b"\xff\xfei\0", "UTF-16"),
        ("utf-8", b"\xfe\xff\0i", "UTF-16"),
        ("utf-16", b"\xef\xbb\xbfid", "UTF-8"),
    ],
)
def test_a_byte_order_mark_of_another_encoding_than_the_named_one_is_refused(name, first, marked):
    with pytest.raises(CsvError, match=f"it has the byte order mark of {marked}, but is to be read as") as refusal:
        named_encoding(name, first)
    assert refusal.value.line == 1


@pytest.mark.parametrize("spelled", ["windows-1252", "Windows-1252", "cp1252", "CP1252"])
def test_a_name_is_accepted_in_any_spelling(spelled):
    assert named_encoding(spelled, b"ab").name == "Windows-1252"


def test_a_name_of_no_encoding_is_refused_and_utf_16_needs_its_byte_order_mark():
    with pytest.raises(ValueError, match="utf-8, utf-16, windows-1252"):
        named_encoding("latin-1", b"")
    with pytest.raises(CsvError, match="without a byte order mark"):
        named_encoding("utf-16", "a".encode("utf-16-le"))
    assert named_encoding("utf-16", b"\xfe\xff\0a").codec == "utf-16-be"


@pytest.mark.parametrize(("codec", "mark"), [("cp1252", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_a_text_becomes_utf_8_with_a_mark_whole_or_in_pieces(codec, mark, size):
    content = mark + TEXT.encode(codec)
    encoding = find_encoding([content])
    assert encoding.codec == codec
    assert as_utf_8(content, encoding) == UTF_8_MARK + TEXT.encode()
    source = Utf8Source(io.BytesIO(content), encoding)
    assert b"".join(iter(lambda: source.read(size), b"")) == UTF_8_MARK + TEXT.encode()


def test_utf_8_is_not_changed():
    content = TEXT.encode("utf-8-sig")
    assert as_utf_8(content, find_encoding([content])) is content


@pytest.mark.parametrize("content", [b"\xff\xfea\0\n\0b", b"\xff\xfea\0\n\0\0\xd8b\0"])
def test_bytes_that_are_not_in_the_encoding_are_refused_with_their_line(content):
    with pytest.raises(CsvError, match="it is not UTF-16") as refusal:
        as_utf_8(content, find_encoding([content]))
    assert refusal.value.line == 2
    source = Utf8Source(io.BytesIO(content), find_encoding([content]))
    with pytest.raises(CsvError, match="it is not UTF-16"):
        list(iter(lambda: source.read(1), b""))


@given(st.text(st.characters(codec="cp1252", exclude_characters="\0")), st.integers(1, 7))
def test_any_text_in_windows_1252_is_read_back(text, size):
    content = text.encode("cp1252")
    source = Utf8Source(io.BytesIO(content), named_encoding("windows-1252", content))
    assert b"".join(iter(lambda: source.read(size), b"")).decode("utf-8-sig") == text
