"""Finds, reads and replaces a model file and its card on disk such that the two always belong together.

Owns the path of a card, the pairing by SHA-256 and the order of the renames. `file` reads the content of the two.
"""

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from churn.errors import ModelError
from churn.files import lock_folder, read_file, replace_file, side_file, sync_folder
from churn.model.seal import CHANGED, is_intact
from churn.pickles.pickle_reader import MOST_BYTES


class Pair(NamedTuple):
    """The bytes of a model file and of the card that belongs to it; `card_json` is None without a card."""

    pickled: bytes
    card_json: bytes | None


class _Head(Struct):
    """The member of a card that names its model; the rest is skipped, and never becomes objects."""

    model_sha256: str | None = None


class _PairPaths(NamedTuple):
    """The paths of a pair's files, with links followed.

    `previous` has the old model's card while the new card is already in place and the new model is not.
    """

    model: Path
    card: Path
    previous: Path


def card_path(path: Path) -> Path:
    """The path of a model file's card: the last suffix is replaced by `.json`.

    >>> card_path(Path("model_C=1.0.bin")).name
    'model_C=1.0.json'
    """
    return path.with_suffix(".json")


def read_model_file(path: Path) -> bytes:
    """The content of a file that may be a model file.

    Raises ModelError for a file that can't be read, is not a regular file or has more than MOST_BYTES.
    """
    try:
        return read_file(path, most_bytes=MOST_BYTES)
    except OSError as error:
        raise ModelError(path, f"can't be read: {error.strerror}") from None


def read_pair(path: Path, *, patience_s: float) -> Pair:
    """The pair at a path; waits up to `patience_s` while another process replaces it.

    Raises ModelError for a file that is missing, can't be read, is not a regular file or has more than MOST_BYTES,
    and for a card of another model.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            pickled = _read_if_there(path)
            cards = [_read_if_there(card) for card in (card_path(path), _find_paths(path).previous)]
        except OSError as error:
            raise ModelError(Path(error.filename or path), f"can't be read: {error.strerror}") from None
        if pickled is not None:
            for card_json in cards:
                if _is_card_of(card_json, pickled):
                    return Pair(pickled, card_json)
            if _no_card(pickled) == cards[1] or cards == [None, None]:
                return Pair(pickled, None)
        if time.monotonic() > deadline or (pickled is None and cards[0] is None):
            raise _refuse_pair(path, pickled, cards[0])
        time.sleep(0.02)  # another process is renaming


def put_pair(
    path: Path,
    pickled: bytes,
    card_json: bytes,
    *,
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Puts a model file and its card in place, where links lead to; the old pair can be read until the new one can.

    Both are written to the side, then renamed, the card first. Two renames can't be one step, so the old model's card
    is kept as `.previous` between them. A crash at any step leaves the old pair or, if there was none, a card without
    its model, which is not served. Only one writer at a time does this; after it gets the lock, it writes in an
    `uninterrupted` block.

    Raises OSError, and ModelError as check_place does or for a file that is too large for a service to read.
    """
    for name, content in ((path, pickled), (card_path(path), card_json)):
        if len(content) > MOST_BYTES:
            raise ModelError(name, f"would have {len(content):,} bytes, and a service reads at most {MOST_BYTES:,}")
    paths = _find_paths(path)
    with lock_folder(paths.model.parent), uninterrupted(), ExitStack() as aside:
        check_place(path)
        _link_card(path, paths.card)
        new_model, new_card = (aside.enter_context(side_file(target)) for target in (paths.model, paths.card))
        for new, content in ((new_model, pickled), (new_card, card_json)):
            new.file.write(content)
            new.finish()
        _keep_readable(paths)
        new_card.put()
        new_model.put()
        for folder in {paths.card.parent, paths.model.parent}:
            sync_folder(folder)
        paths.previous.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raises ModelError when a pair written to `path` would replace another model's card, or a file that is no card.

    Two model files whose names differ in their last suffix only share a card, as model_C=0.1 and model_C=0.5 do. A
    card without a model file, as after a crash, may be replaced.
    """
    paths = _find_paths(path)
    if paths.model == paths.card:
        raise ModelError(path, "would be its own card: take another name")
    pickled, card_json = _read_if_usable(paths.model), _read_if_usable(paths.card)
    own_card = Path(os.path.realpath(card_path(paths.model)))
    if own_card != paths.card and _is_card_of(_read_if_usable(own_card), pickled):
        raise ModelError(own_card, f"is the card of {paths.model.name}: make {card_path(path)} a link to it")
    if not os.path.lexists(paths.card) or _is_card_of(card_json, pickled):
        return
    for other in _find_sharing(card_path(path)) | _find_sharing(paths.card):
        if Path(os.path.realpath(other)) != paths.model and _is_card_of(card_json, _read_if_usable(other)):
            reason = f"is the card of {other.name}, and would be that of {path.name}: take another name"
            raise ModelError(paths.card, reason)
    if (card_json is None or _named_sha256(card_json) is None) and not os.path.lexists(paths.model):
        raise ModelError(paths.card, f"is not a card, and would be that of {path.name}: take another name")


def _find_paths(path: Path) -> _PairPaths:
    """The files of the pair at a path. If only the model file is a link, its card is beside the linked file."""
    model, card = Path(os.path.realpath(path)), card_path(path)
    card = Path(os.path.realpath(card if os.path.lexists(card) else card_path(model)))
    return _PairPaths(model, card, card.with_name(f"{card.name}.previous"))


def _link_card(path: Path, card: Path) -> None:
    """Links the card beside a link to a model file, as it is beside the file."""
    link = card_path(path)
    if Path(os.path.realpath(link)) != card:
        link.symlink_to(os.path.relpath(card, os.path.realpath(link.parent)))


def _keep_readable(paths: _PairPaths) -> None:
    """Keeps the old model readable once the new card is in place: saves the old card, or a note that it had none."""
    pickled, card_json = _read_if_usable(paths.model), _read_if_usable(paths.card)
    if pickled is None:
        return
    if _is_card_of(card_json, pickled):
        replace_file(paths.previous, card_json or b"", like=paths.card.stat())
    elif not os.path.lexists(paths.card) and not paths.previous.exists():
        replace_file(paths.previous, _no_card(pickled), like=paths.model.stat())


def _no_card(pickled: bytes) -> bytes:
    """The content of `.previous` for a model without a card."""
    return b'{"model_sha256": "%b", "card": null}\n' % hashlib.sha256(pickled).hexdigest().encode()


def _find_sharing(card: Path) -> set[Path]:
    """The other files in the card's folder that would have the same card; empty for a folder that can't be listed."""
    try:
        return {other for other in card.parent.iterdir() if other != card and card_path(other) == card}
    except OSError:
        return set()


def _refuse_pair(path: Path, pickled: bytes | None, card_json: bytes | None) -> ModelError:
    if pickled is None:
        alone = f"; {card_path(path).name} is there without it" if card_json else ""
        hint = "; train.py writes it, MODEL_FILE names another"
        return ModelError(path, f"can't be read: No such file or directory{alone}{hint}")
    if card_path(path) == path:
        return ModelError(
            path, "has the name of a card: give the model file next to it, or one that does not end with .json"
        )
    reason = f"is not the card of {path.name}: its model_sha256 is another; put the pair back, or retrain"
    return ModelError(card_path(path), reason if card_json is None or is_intact(card_json) else CHANGED)


def _named_sha256(card_json: bytes) -> str | None:
    """The SHA-256 of the model that a card names; None for bytes that are not JSON."""
    try:
        return msgspec.json.decode(card_json, type=_Head).model_sha256
    except (ValueError, RecursionError):
        return None


def _is_card_of(card_json: bytes | None, pickled: bytes | None) -> bool:
    """True if the card names the SHA-256 of these bytes. The content of `_no_card` is not a card."""
    if card_json is None or pickled is None or card_json == _no_card(pickled):
        return False
    return _named_sha256(card_json) == hashlib.sha256(pickled).hexdigest()


def _read_if_there(path: Path) -> bytes | None:
    try:
        return read_file(path, most_bytes=MOST_BYTES)
    except FileNotFoundError:
        return None


def _read_if_usable(path: Path) -> bytes | None:
    """The content of a file that could be a model file or a card; None if it is missing or can't be read."""
    try:
        return _read_if_there(path)
    except OSError:
        return None
