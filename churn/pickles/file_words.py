"""The words for a file that can't be served: it is not a pickle, or a pickle of something else.

Owns the kinds of files that are known by their first bytes, the estimators that are known by name, how a text of a
foreign file is shown, and the command where `adopt` can help. `parts` has the names that a model file may use.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from churn.pickles.pickle_names import Name, is_whole
from churn.pickles.pickled_arrays import RefusedError

SERVED = "this service serves logistic regression"
SERVED_COLUMNS = f"{SERVED} on the columns of a DictVectorizer alone"
MOST_SHOWN = 200
"""The most characters shown of a text of a foreign file, quotes included."""
_MOST_TOLD = 1_000  # characters of a reason, which may name columns of megabytes


class AdoptableError(RefusedError):
    """A model that can't be served as it is, but may be adopted: the text has the reason and the command.

    `files` are the arguments of the command.
    """

    def __init__(self, reason: str, *, files: str = "FILE") -> None:
        what = "both files" if " " in files else "it"
        self.reason = reason
        self.command = f"python -m churn adopt {files} --table CUSTOMERS.csv --output model.bin"
        super().__init__(f"{reason}; adopt {what}: {self.command}")


class FileKind(NamedTuple):
    """A kind of file, in words such as "an HTML page", and whether it may hold a model that `adopt` can read."""

    words: str
    adoptable: bool = False


def show_text(text: str) -> str:
    """A text of a foreign file, quoted, in one line without escape codes, at most MOST_SHOWN characters.

    >>> print(show_text("a\\x1b[31m"), len(show_text("a" * 1_000_000)))
    'a\\x1b[31m' 200
    """
    shown = repr(text[:MOST_SHOWN])
    return shown if len(shown) <= MOST_SHOWN else f"{shown[: MOST_SHOWN - 4]}...{shown[0]}"


def escape_controls(line: str) -> str:
    r"""A line with an escape for each character that is not printable.

    >>> print(escape_controls("'a' \x1b[31m"))
    'a' \x1b[31m
    """
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in line)


def word_unusable(error: Exception) -> str:
    """The reason why a model that was read can't be used, cut to _MOST_TOLD characters."""
    return f"can't be used: {str(error)[:_MOST_TOLD]}"


def find_kind(content: bytes) -> FileKind | None:
    """The kind of a file by its first bytes; None where it may be a pickle.

    >>> find_kind(b"<!DOCTYPE html>").words, find_kind(b"\\x1f\\x8b\\x08").adoptable, find_kind(b"N.")
    ('an HTML page', True, None)
    """
    if not content.strip(b"\0 \t\r\n"):
        return FileKind("an empty file" if not content else "a file of blanks or zeros only")
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content.startswith(b"PK"):
        return _find_archive(content)
    if content[:1] == b"x" and int.from_bytes(content[:2], "big") % 31 == 0:  # RFC 1950
        return FileKind("compressed by zlib, as joblib does", adoptable=True)
    if _ONNX.match(content):
        return FileKind("a model of ONNX")
    if b"learner" in content[:64] and content.startswith(b"{"):
        return FileKind(_XGBOOST)
    if not content[:_LOOKED_AT].translate(None, _TEXT_BYTES) and not _PICKLED_NAME.match(content):
        return None if is_whole(content) else _find_text(content[:_LOOKED_AT])
    return None


def refuse_kind(kind: FileKind) -> RefusedError:
    """The refusal of a file of this kind, with the command where adopt can help."""
    reason = f"is {kind.words}, not a pickle of a DictVectorizer and a LogisticRegression"
    return AdoptableError(reason) if kind.adoptable else RefusedError(reason)


def refuse_names(names: Sequence[Name]) -> RefusedError:
    """The refusal of a pickle with these names, one or more, which a model file may not use.

    The most informative name is reported: that of an estimator, then of a step, then of something beside a model. A
    joblib file comes last, as it can be adopted.
    """
    if any(module in _OLD_MODULES for module, _ in names):
        words = "is from a scikit-learn before 0.22, and 0.24 and later are read: save it again with one of these"
        return RefusedError(words)
    for module, _ in names:
        if (package := module.split(".")[0]) in _OTHER_PICKLES:
            return RefusedError(f"is a file of {package}, not of pickle: save the model with pickle.dump")
    for begin, end, modules in (
        ("holds", SERVED, _ESTIMATORS),
        ("has", SERVED_COLUMNS, _STEPS),
    ):
        for module, name in names:
            if f"{module}.".startswith(modules) and _is_class(name):
                return RefusedError(f"{begin} {_with_article(name)}: {end}")
    for module, name in names:
        if f"{module}.".startswith("pandas.") and _is_class(name):
            words = f"holds {_with_article(name)} of pandas"
            return RefusedError(f"{words}: save the model without it, names of columns as a list of texts")
    if any(module == "joblib.numpy_pickle" for module, _ in names):
        return AdoptableError("is a file of joblib, not of pickle")
    return RefusedError(f"names {show_text('.'.join(names[0]))}, which a model file may not; nothing of it was run")


_LOOKED_AT = 64 * 1024
_XGBOOST = "a model of XGBoost"
_BEGINNINGS = {
    b"version https://git-lfs": FileKind("a pointer of Git LFS (fetch the file itself: git lfs pull)"),
    b"\x1f\x8b": FileKind("compressed by gzip", adoptable=True),
    b"BZh": FileKind("compressed by bzip2", adoptable=True),
    b"\xfd7zXZ\0": FileKind("compressed by xz", adoptable=True),
    b"]\0\0": FileKind("compressed by LZMA", adoptable=True),
    b"\x04\x22\x4d\x18": FileKind("compressed by LZ4"),
    b"\x28\xb5\x2f\xfd": FileKind("compressed by Zstandard"),
    b"ZF0x": FileKind("a file of a joblib before 0.10"),
    b"7z\xbc\xaf\x27\x1c": FileKind("a 7z archive"),
    b"Rar!": FileKind("a RAR archive"),
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9": FileKind("a model of PyTorch"),
    b"\x89HDF\r\n\x1a\n": FileKind("an HDF5 file, as written by Keras"),
    b"\x93NUMPY": FileKind("an array of NumPy"),
    b"PAR1": FileKind("a Parquet file"),
    b"ARROW1": FileKind("an Arrow file"),
    b"\xd0\xcf\x11\xe0": FileKind("a document of Microsoft Office, such as an .xls workbook"),
    b"SQLite format 3": FileKind("a database of SQLite"),
    b"%PDF": FileKind("a PDF"),
    b"\x89PNG": FileKind("a picture"),
    b"\xff\xd8\xff": FileKind("a picture"),
    b"CBM1": FileKind("a model of CatBoost"),
    b"binf": FileKind(_XGBOOST),
    b"tree\nversion=": FileKind("a model of LightGBM"),
    b"\xff\xfe": FileKind("a text file"),
    b"\xfe\xff": FileKind("a text file"),
}
_ARCHIVES = {
    b"xl/workbook": "an Excel workbook",
    b"/data.pkl": "a model of PyTorch",
    b"model.weights.h5": "a model of Keras",
    b"schema.json": "a model of skops",
    b".npy": "arrays of NumPy",
}
_ONNX = re.compile(rb"\x08[\x01-\x20][\x12\x3a\x42]")  # ir_version; producer_name, graph or opset_import
_PICKLED_NAME = re.compile(rb"\(?c[\w.]+\r?\n\w+\r?\n")  # protocol 0, perhaps cut short
_TEXT_BYTES = bytes({*b"\t\r\n\f", *range(0x20, 0x7F), *range(0x80, 0x100)})
_HTML = re.compile(rb"(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_JSONS = {
    b'"nbformat"': "a Jupyter notebook",
    b'"cell_type"': "a Jupyter notebook",  # nbformat may be at its end
    b'"model_sha256"': "a card (the model file is beside it)",
    b'"learner"': _XGBOOST,
}
_OLD_MODULES = ("sklearn.linear_model.logistic", "sklearn.feature_extraction.dict_vectorizer")
_OTHER_PICKLES = ("cloudpickle", "dill")
_ESTIMATORS = (
    *(
        f"sklearn.{module}."
        for module in (
            "calibration",
            "cluster",
            "discriminant_analysis",
            "dummy",
            "ensemble",
            "gaussian_process",
            "linear_model",
            "mixture",
            "model_selection._classification_threshold",
            "model_selection._search",
            "multiclass",
            "multioutput",
            "naive_bayes",
            "neighbors",
            "neural_network",
            "semi_supervised",
            "svm",
            "tree",
        )
    ),
    "catboost.",
    "imblearn.ensemble.",
    "interpret.",
    "keras.",
    "lightgbm.",
    "tensorflow.",
    "torch.",
    "xgboost.",
)
_STEPS = ("sklearn.", "imblearn.", "category_encoders.", "feature_engine.")


def _find_archive(content: bytes) -> FileKind | None:
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    return FileKind(next((words for member, words in _ARCHIVES.items() if member in content), "a zip archive"))


def _find_text(beginning: bytes) -> FileKind:
    """The kind of a text that is not a pickle."""
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(text):
        return FileKind("an HTML page")
    if text.startswith(b"<"):
        return FileKind("a model in PMML" if b"<PMML" in text else "an XML file")
    if text.startswith((b"{", b"[")):
        return FileKind(next((words for member, words in _JSONS.items() if member in text), "a JSON text"))
    header, *rows = text.splitlines()
    if rows and any(mark in header and mark in rows[0] for mark in (b",", b";", b"\t")):
        return FileKind("a CSV table")
    return FileKind("a text file")


def _is_class(name: str) -> bool:
    """True for a name like a class's; names of megabytes are not read."""
    return len(name) <= MOST_SHOWN and name.isidentifier() and name.isascii() and name[0].isupper()


def _with_article(name: str) -> str:
    """A class with its article: an SVC, an OneHotEncoder, a StandardScaler."""
    vowels = "AEFHILMNORSX" if name[:2].isupper() else "AEIO"
    return f"{'an' if name[0] in vowels else 'a'} {name}"
