"""What is in a model file, found out without running it: what file it is, its objects, its weights, its card.

Owns what is looked at, and by which means: the service's own say whether it would be served, with none of its
settings. How it is worded is inspection_lines'.
"""

import hashlib
import pickle
from pathlib import Path
from typing import NamedTuple

from churn.errors import ModelError
from churn.files import read_file
from churn.model.contract import Contract
from churn.model.field_columns import FieldColumns, assign_columns
from churn.model.file import Model, verify_pair
from churn.model.file_words import AdoptableError, escape_controls, find_kind
from churn.model.joblib_reader import load_objects_of_file, unpack
from churn.model.linear_model import LinearModel, find_linear_model
from churn.model.loaded_words import describe_loaded, find_versions, list_settings
from churn.model.pair import MOST_BYTES, read_pair
from churn.model.parts import MODEL_NAMES
from churn.model.pickle_names import Name, is_whole, list_names
from churn.model.pickle_reader import load_objects
from churn.model.pickled_arrays import RefusedError
from churn.model.positive_class import are_known, turn_to_leaver
from churn.model.without_card import contract_of_columns


class Contents(NamedTuple):
    """What the objects of a file are, in words: how it holds them, what wrote them, how the model was fitted."""

    holds: list[str]
    versions: list[str]
    settings: list[str]


class Weights(NamedTuple):
    """The weights of a file, towards the class that leaves where that is known, with their fields and columns."""

    linear: LinearModel
    contract: Contract
    columns: FieldColumns


class Inspection(NamedTuple):
    """What is known of a file.

    `kind` is what file it is, in words. `contents` is None where its objects can't be read, and then `names` are
    those of the pickle. `weights` are there where it holds a model. `model` is what the service would serve; where
    it would not, that is None and `refusal` says why. `adoption` is there where `adopt` can read the file.
    """

    path: Path
    size_bytes: int
    sha256: str
    kind: list[str]
    contents: Contents | None
    names: list[Name]
    weights: Weights | None
    model: Model | None
    refusal: ModelError | None
    adoption: AdoptableError | None

    @property
    def needs_positive_class(self) -> bool:
        """True where the file alone does not say which of its classes leaves: POSITIVE_CLASS must."""
        return self.weights is not None and not are_known(self.weights.linear.classes)


def inspect_file(path: Path) -> Inspection:
    """What is known of a file that may be a model file; none of it is run.

    Raises ModelError for what is no regular file of at most MOST_BYTES, or can't be read.
    """
    try:
        content = read_file(path, most_bytes=MOST_BYTES)
    except OSError as error:
        raise ModelError(path, f"can't be read: {error.strerror}") from None
    unpacked = _unpack(content)
    contents, found = _read_objects(content)
    linear = found if isinstance(found, LinearModel) else None
    positive_class = str(linear.classes[1]) if linear and not are_known(linear.classes) else None
    model = refusal = None
    try:
        model = verify_pair(path, read_pair(path, patience_s=0), positive_class=positive_class)
    except ModelError as error:
        refusal = error if linear or isinstance(found, AdoptableError) else ModelError(path, str(found))
    weights = _read_weights(path, linear, model, positive_class) if linear else None
    adoption = found if isinstance(found, AdoptableError) else _find_adoption(content) if weights else None
    return Inspection(
        path=path,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        kind=_describe_kind(content, unpacked),
        contents=contents,
        names=[] if contents else list_names(unpacked),
        weights=weights,
        model=model,
        refusal=refusal and ModelError(refusal.path, escape_controls(refusal.reason)),
        adoption=adoption,
    )


def _read_objects(content: bytes) -> tuple[Contents | None, LinearModel | RefusedError]:
    """What a file holds in words, and its model or why it has none: an AdoptableError where `adopt` needs more."""
    try:
        loaded = load_objects_of_file(content)
    except RefusedError as error:
        return None, RefusedError(str(error))
    contents = Contents(describe_loaded(loaded), find_versions(loaded), list_settings(loaded))
    try:
        return contents, find_linear_model(loaded)
    except RefusedError as error:
        return contents, error


def _find_adoption(content: bytes) -> AdoptableError | None:
    """How a file can be adopted that holds a model, and is no plain pickle; None for one that is."""
    try:
        load_objects(content, MODEL_NAMES)
    except RefusedError as error:
        return error if isinstance(error, AdoptableError) else None
    return None


def _unpack(content: bytes) -> bytes:
    """What is in a file that is compressed; the file's own bytes where it is not, or can't be unpacked."""
    try:
        return unpack(content)
    except RefusedError:
        return content


def _describe_kind(content: bytes, unpacked: bytes) -> list[str]:
    """What file it is by its bytes, as "a pickle" and "protocol 4"."""
    if kind := find_kind(content):
        inside = _describe_kind(unpacked, unpacked) if unpacked is not content else []
        return [kind.words, *(f"{words} in it" for words in inside[:1]), *inside[1:]]
    says_protocol = content[:1] == pickle.PROTO and content[1] <= pickle.HIGHEST_PROTOCOL
    protocol = f"protocol {content[1]}" if says_protocol else "protocol 0 or 1"
    if any(module.endswith("joblib.numpy_pickle") for module, _ in list_names(content)):
        return ["a file of joblib", protocol]
    if is_whole(content):
        return ["a pickle", protocol]
    return ["a pickle", protocol, "damaged"] if says_protocol else ["no kind of file that is known here"]


def _read_weights(path: Path, linear: LinearModel, model: Model | None, positive_class: str | None) -> Weights | None:
    """The weights by field, as the card's contract has the fields or else the columns; None where neither can be."""
    try:
        turned = turn_to_leaver(linear, path, positive_class=positive_class, has_card=False)
        contract = model.scorer.contract if model else contract_of_columns(turned)
        columns = assign_columns(contract, turned.weights, separator=turned.separator)
        return Weights(turned, contract, columns)
    except (ModelError, ValueError):  # the refusal says it
        return None
