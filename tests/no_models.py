"""Files that are not models but are given as model files, each with the service's description of it."""

import io
import json
import pickle
from collections.abc import Callable

import numpy as np
import xlsxwriter

from tests.customers import CSV, PROJECT
from tests.files_of_kinds import zipped


def workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet().write(0, 0, "customerid")
    return content.getvalue()


def written_by(save: Callable[..., None], *args: object) -> bytes:
    content = io.BytesIO()
    save(content, *args)
    return content.getvalue()


TABLE = CSV.read_bytes()
NO_MODELS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "an empty file"),
    "zeros": (b"\0" * 5_000, "a file of blanks or zeros only"),
    "line feeds": (b"\r\n \n", "a file of blanks or zeros only"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><head><title>Not found</title>", "an HTML page"),
    "HTML without a type": (b"<html lang=en>", "an HTML page"),
    "HTML after a comment": (b"<!-- saved from url=(0014)about:internet -->\n<HTML>", "an HTML page"),
    "XML": (b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "an XML file"),
    "PMML": (b'<?xml version="1.0"?>\n<PMML version="4.4">', "a model in PMML"),
    "Git LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        "a pointer of Git LFS (fetch the file itself: git lfs pull)",
    ),
    "CSV": (TABLE, "a CSV table"),
    "CSV after a byte order mark": (b"\xef\xbb\xbf" + TABLE, "a CSV table"),
    "semicolons": (b"customerid;churn\n1;no\n", "a CSV table"),
    "UTF-16": ("customerid\tchurn\n1\tno\n".encode("utf-16"), "a text file"),
    "a text": ("Ein schöner Text\n".encode(), "a text file"),
    "a sentence": (b"The model is elsewhere.", "a text file"),
    "Python": (b"import pickle\npickle.load(open('model.bin', 'rb'))\n", "a text file"),
    "JSON": (json.dumps({"weights": [1.0, 2.0]}).encode(), "a JSON text"),
    "JSON array": (b"[1, 2]", "a JSON text"),
    "notebook": (b'{"nbformat": 4' + (PROJECT / "notebook.ipynb").read_bytes()[-60_000:], "a Jupyter notebook"),
    "card": ((PROJECT / "model_C=1.0.json").read_bytes(), "a card (the model file is beside it)"),
    "workbook": (workbook(), "an Excel workbook"),
    "workbook of LibreOffice": (
        (PROJECT / "tests" / "workbooks" / "libreoffice.xlsx").read_bytes(),
        "an Excel workbook",
    ),
    "old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
        "a document of Microsoft Office, such as an .xls workbook",
    ),
    "torch": (zipped("archive/data.pkl", "archive/version"), "a model of PyTorch"),
    "old torch": (pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2), "a model of PyTorch"),
    "Keras": (zipped("metadata.json", "config.json", "model.weights.h5"), "a model of Keras"),
    "skops": (zipped("schema.json", "1.npy"), "a model of skops"),
    "npz": (written_by(np.savez, [1.0]), "arrays of NumPy"),
    "npy": (written_by(np.save, [1.0]), "an array of NumPy"),
    "zip": (zipped("model.bin"), "a zip archive"),
    "empty zip": (zipped(), "a zip archive"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file, as written by Keras"),
    "PNG": ((PROJECT / "docs" / "pictures" / "one-customer.png").read_bytes(), "a picture"),
    "Parquet": (b"PAR1" + bytes(100), "a Parquet file"),
    "ONNX": (b"\x08\x09\x12\x08skl2onnx\x1a\x061.19.1", "a model of ONNX"),
    "XGBoost": (b'{"learner":{"attributes":{}}}', "a model of XGBoost"),
    "XGBoost in UBJSON": (b"{L\0\0\0\0\0\0\0\x07learner{L\0", "a model of XGBoost"),
    "LightGBM": (b"tree\nversion=v4\nnum_class=1\n", "a model of LightGBM"),
    "CatBoost": (b"CBM1" + bytes(100), "a model of CatBoost"),
    "Zstandard": (b"\x28\xb5\x2f\xfd\x04\x00", "compressed by Zstandard"),
    "LZ4": (b"\x04\x22\x4d\x18\x64\x40", "compressed by LZ4"),
}
