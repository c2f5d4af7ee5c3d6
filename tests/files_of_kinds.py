"""Contents of every kind of file. Python's reader and the page's must both recognise each."""

import bz2
import gzip
import io
import lzma
import pickle
import zipfile

import numpy as np

from churn.tables.file_kind import LOOKED_AT_BYTES

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


FILES = [
    (b"", "empty"),
    (b"customerid;tenure\r\n1;2\r\n", "text"),
    ("köln;straße".encode("cp1252"), "text"),
    ("€uro;x".encode("cp1252"), "text"),
    (b"\xef\xbb\xbfa,b", "text"),
    (b"[id],{x}\n", "text"),
    (b"BZh,tenure\n", "text"),
    (b"<unknown>,tenure\n", "text"),
    (b"sep=;\na;b\n", "text"),
    ("a,b".encode("utf-16"), "utf-16"),
    (b"\xfe\xff" + "a,b".encode("utf-16-be"), "utf-16"),
    ("a,b".encode("utf-32"), "utf-32"),
    (b"\x00\x00\xfe\xff" + "a,b".encode("utf-32-be"), "utf-32"),
    ("a,b\r\n1,2".encode("utf-16-le"), "unmarked-utf-16"),
    ("a,b\r\n1,2".encode("utf-16-be"), "unmarked-utf-16"),
    (b"MZ\x90\x00\x03\x00\x00\x00", "binary"),
    (bytes(100), "binary"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    (zipped("docProps/app.xml", "_rels/.rels", "xl/workbook.xml"), "xlsx"),
    (zipped("[Content_Types].xml", "xl/workbook.bin", "xl/styles.bin"), "xlsb"),
    (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
    (zipped("Index/Document.iwa", "preview.jpg"), "numbers"),
    (zipped("customers.csv"), "zip"),
    (zipped("folder/xl/workbook.xml"), "zip"),
    (zipped(), "zip"),
    (OLE + "Workbook".encode("utf-16-le"), "xls"),
    (OLE + "EncryptedPackage".encode("utf-16-le") + "Workbook".encode("utf-16-le"), "locked"),
    (OLE, "ole"),
    (OLE + bytes(2 * LOOKED_AT_BYTES) + "Workbook".encode("utf-16-le"), "xls"),
    (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
     b'xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml-workbook"),
    (b'<?xml version="1.0"?>\n<customers/>', "xml"),
    (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "">', "html"),
    (b"\n <!DOCTYPE HTML>\n<html>", "html"),
    (b"\xef\xbb\xbf<table><tr>", "html"),
    (b"<!-- saved -->\n<html>", "html"),
    (b'{"tenure": 1}', "json"),
    (b'[\n  {"tenure": 1}]', "json"),
    (b"%PDF-1.7\n", "pdf"),
    (b"{\\rtf1\\ansi", "rtf"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "git-lfs"),
    (gzip.compress(b"a,b", mtime=0), "gzip"),
    (bz2.compress(b"a,b"), "archive"),
    (lzma.compress(b"a,b"), "archive"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", "archive"),
    (b"Rar!\x1a\x07\x01\x00", "archive"),
    (b"\x28\xb5\x2f\xfd\x04\x00", "archive"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
    (b"GIF89a", "image"),
    *((pickle.dumps({"a": [1, 2]}, protocol), "pickle") for protocol in range(6)),
    (pickle.dumps(np.arange(3), 2), "pickle"),
]  # fmt: skip
"""Contents of every kind, each with the kind that it is."""
