"""Inspects a model file without running it: the kind of file, its objects, its weights, its card.

Owns what is inspected. The service's own functions decide whether the file would be served, without its settings.
`inspection_lines` has the words.
"""

import hashlib
import pickle
from pathlib import Path
from typing import NamedTuple

from churn.errors import ModelError
from churn.model.clean_columns import clean_columns
from churn.model.contract import Contract
from churn.model.field_columns import FieldColumns, assign_columns
from churn.model.file import Model, verify_pair
from churn.model.pair import read_model_file, read_pair
from churn.model.positive_class import are_known, turn_to_leaver
from churn.model.without_card import contract_of_columns
from churn.pickles.file_words import AdoptableError, escape_controls, find_kind, word_unusable
from churn.pickles.folding import read_folded
from churn.pickles.joblib_reader import load_objects_of_file, unpack
from churn.pickles.linear_model import LinearModel, find_linear_model, read_columns
from churn.pickles.loaded_words import describe_loaded, find_versions, list_settings
from churn.pickles.parts import MODEL_NAMES, Vectorizer, find_parts
from churn.pickles.pickle_names import Name, is_whole, list_names
from churn.pickles.pickle_reader import load_objects
from churn.pickles.pickled_arrays import RefusedError


class Contents(NamedTuple):
    """The objects of a file in words: how they are stored, what wrote them, how the model was fitted."""

    holds: list[str]
    versions: list[str]
    settings: list[str]


class Fields(NamedTuple):
    """The columns of a file by field, in clean spelling, with weights of 0.0 for a DictVectorizer alone.

    `other_spelling` is the first column that the file spells differently.
    """

    contract: Contract
    columns: FieldColumns
    other_spelling: str | None = None


class Objects(NamedTuple):
    """The objects of a file, as far as they can be read; `refusal` has the reason if not all can.

    `linear` is the model with any scaler folded in, turned towards the class that leaves if that is known.
    """

    contents: Contents | None = None
    linear: LinearModel | None = None
    fields: Fields | None = None
    refusal: RefusedError | None = None


class Inspection(NamedTuple):
    """The facts about a file.

    `kind` is the kind of file, in words; `names` are those of a pickle whose objects can't be read. `model` is the
    model that the service would serve, None if it would not; then `refusal` has the reason. `adoption` is not None if
    `adopt` can read the file.
    """

    path: Path
    size_bytes: int
    sha256: str
    kind: list[str]
    names: list[Name]
    objects: Objects
    model: Model | None
    refusal: ModelError | None
    adoption: AdoptableError | None

    @property
    def fields(self) -> Fields | None:
        """The columns by field; if there is a card, its fields."""
        if self.model and self.model.card:
            return Fields(self.model.card.contract, self.model.scorer.columns)
        return self.objects.fields

    @property
    def needs_positive_class(self) -> bool:
        """True if the file alone does not show which of its classes leaves, so that POSITIVE_CLASS is needed."""
        return self.objects.linear is not None and not are_known(self.objects.linear.classes)


def inspect_file(path: Path) -> Inspection:
    """The facts about a file that may be a model file; nothing in it is run.

    Raises ModelError as read_model_file does.
    """
    content = read_model_file(path)
    unpacked = _unpack(content)
    objects = _read_objects(content, path)
    model = refusal = adoption = None
    try:
        pair = read_pair(path, patience_s=0)
        model = verify_pair(path, pair, positive_class=_name_second_class(objects.linear))
    except ModelError as error:
        refusal = ModelError(path, str(objects.refusal)) if objects.refusal else error
        refusal = ModelError(refusal.path, escape_controls(refusal.reason))
        adoption = _find_adoption(content, objects)
    return Inspection(
        path=path,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        kind=_describe_kind(content, unpacked),
        names=[] if objects.contents else list_names(unpacked),
        objects=objects,
        model=model,
        refusal=refusal,
        adoption=adoption,
    )


def _read_objects(content: bytes, path: Path) -> Objects:
    """The objects in a file. Their refusal is an AdoptableError if `adopt` needs another file, too."""
    try:
        loaded = load_objects_of_file(content)
    except RefusedError as error:
        return Objects(refusal=RefusedError(str(error)))
    contents, linear = Contents(describe_loaded(loaded), find_versions(loaded), list_settings(loaded)), None
    try:
        linear = read_folded(find_parts(loaded))
        linear = turn_to_leaver(linear, path, positive_class=_name_second_class(linear), has_card=False)
        return Objects(contents, linear, _read_fields(linear))
    except RefusedError as error:
        fields = _read_fields_alone(loaded) if isinstance(loaded, Vectorizer) else None
        return Objects(contents, linear, fields, error)
    except ModelError as error:
        return Objects(contents, linear, refusal=RefusedError(error.reason))
    except ValueError as error:
        return Objects(contents, linear, refusal=RefusedError(word_unusable(error)))


def _name_second_class(linear: LinearModel | None) -> str | None:
    """The POSITIVE_CLASS that is used here for a model that needs the setting: its second class; else None."""
    return str(linear.classes[1]) if linear and not are_known(linear.classes) else None


def _read_fields(linear: LinearModel) -> Fields:
    """The columns by field. Raises ValueError if they do not make fields."""
    cleaned = clean_columns(linear)
    contract = contract_of_columns(cleaned)
    columns = assign_columns(contract, cleaned.weights, separator=cleaned.separator)
    spellings = zip(linear.weights, cleaned.weights, strict=True)
    return Fields(contract, columns, next((own for own, clean in spellings if own != clean), None))


def _read_fields_alone(vectorizer: Vectorizer) -> Fields | None:
    """The columns of a DictVectorizer by field, with weights of 0.0; None if they do not make fields."""
    try:
        columns, separator = read_columns(vectorizer.state)
        return _read_fields(LinearModel(dict.fromkeys(columns, 0.0), 0.0, separator, (0, 1)))
    except (RefusedError, ValueError):
        return None


def _find_adoption(content: bytes, objects: Objects) -> AdoptableError | None:
    """The way to adopt a file that is not served; None if its objects, or only its card, are refused."""
    refusal = objects.refusal
    if refusal is None:
        try:
            find_linear_model(load_objects(content, MODEL_NAMES))  # as the service reads it
        except RefusedError as error:
            refusal = error
    return refusal if isinstance(refusal, AdoptableError) else None


def _unpack(content: bytes) -> bytes:
    """The content of a compressed file; the file's own bytes if it is not compressed, or can't be unpacked."""
    try:
        return unpack(content)
    except RefusedError:
        return content


def _describe_kind(content: bytes, unpacked: bytes) -> list[str]:
    """The kind of file by its bytes, as "a pickle" and "protocol 4"."""
    if kind := find_kind(content):
        inside = _describe_kind(unpacked, unpacked) if unpacked is not content else []
        return [kind.words, *(f"{words} in it" for words in inside[:1]), *inside[1:]]
    says_protocol = content[:1] == pickle.PROTO and content[1] <= pickle.HIGHEST_PROTOCOL
    protocol = f"protocol {content[1]}" if says_protocol else "protocol 0 or 1"
    if any(module == "joblib.numpy_pickle" for module, _ in list_names(content)):
        return ["a file of joblib", protocol]
    if is_whole(content):
        return ["a pickle", protocol]
    return ["a pickle", protocol, "damaged"] if says_protocol else ["an unknown kind of file"]
