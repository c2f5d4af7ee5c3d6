"""The model being served: watches its file, swaps to a newer verified pair, and keeps a private copy of the pair.

Owns the moment of a swap and the order of its steps; `model/file` decides if a pair is good. A bad file on disk never
replaces the model being served. Each model has counts of its own, which are removed when no process serves it.
"""

import fcntl
import logging
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from churn.errors import ModelError
from churn.files import replace_file
from churn.model.file import Model, load_model, verify_pair
from churn.model.pair import Pair, card_path
from churn.server.counted_model import CountedModel
from churn.watch.tally import list_models, remove_counts

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25


class ServedModel:
    """Holds the served model with its counts in `now`, which each request reads once.

    `counts_folder` is the folder for the counts that the workers share; without one, each process counts in a folder
    of its own. `newest_pair` is a file that the workers share: the newest pair that any of them has verified, which a
    worker serves if it starts while the file on disk is bad. A counter next to it numbers the reads of the model
    file: the process with the higher number has read the newer file, whatever the clock says.
    """

    def __init__(
        self,
        path: Path,
        *,
        positive_class: str | None = None,
        threshold: float | None = None,
        newest_pair: Path | None = None,
        counts_folder: Path | None = None,
    ) -> None:
        """Loads the model at `path`; `positive_class` and `threshold` apply to later models, too.

        `threshold` (0 to 1) replaces the threshold of every model. Raises ModelError as load_model does.
        """
        self._path = path
        self._positive_class = positive_class
        self._threshold = threshold
        self._newest_pair = newest_pair
        self._counts_folder = counts_folder
        self._left: set[str] = set()  # names of the counts to remove: those of models that any process served before
        self._number = self._count_look()
        self._seen = _signature(path)
        self.current = self._with_threshold(load_model(path, positive_class=positive_class))

    @property
    def current(self) -> Model:
        """The model that is served now."""
        return self.now.model

    @current.setter
    def current(self, model: Model) -> None:
        self.now = CountedModel(model, self._find_counts_folder)

    def watch(self, *, on_change: Callable[[str], None]) -> None:
        """Starts a thread that checks the file four times a second; must be called after any fork.

        That thread calls `on_change` with the outcome of each change: "swapped" or "refused".
        """
        self.restore()
        self.now.open()
        if self._counts_folder:  # a process that ended, as at a reload, may have left counts behind
            self._left = list_models(self._counts_folder) - self.now.file_names
        self._seen = ()  # the file may have changed since the master read it
        threading.Thread(target=self._watch, args=(on_change,), name="model watch", daemon=True).start()

    def restore(self) -> None:
        """Serves the shared newest pair if it is newer than the pair that this process has."""
        try:
            if self._newest_pair and self._newest_pair.exists():
                number, pickled, card_json = _decode_newest_pair(self._newest_pair.read_bytes())
                if number > self._number:
                    pair = Pair(pickled, card_json)
                    model = verify_pair(self._path, pair, positive_class=self._positive_class)
                    self.current = self._with_threshold(model)
                    self._number = number
        except (OSError, msgspec.MsgspecError, ModelError):
            logger.exception("the kept model can't be used")

    def check(self) -> str | None:
        """Checks the file once: "swapped" if it is new and now served, "refused" if it is new but bad, else None."""
        self._left = {name for name in self._left if not remove_counts(self._find_counts_folder(), name)}
        if _signature(self._path) == self._seen:
            return None
        number = self._count_look()  # before the file is read, so that a higher number means a later read
        self._seen = _signature(self._path)  # a bad file is refused once, and read again only when it changes
        try:
            model = self._with_threshold(load_model(self._path, positive_class=self._positive_class))
            if self.current.card and not model.card:
                raise ModelError(self._path, "has no card, which the model being served has")
        except ModelError as error:
            logger.error("model refused", extra={"reason": str(error), "serving": self.current.version})
            return "refused"
        self._number = number
        if model.pair == self.current.pair:
            if self._newest_pair and self._newest_pair.exists():  # it may hold another pair, served in between
                self._share_pair(model)
            return None
        previous, new = self.now, CountedModel(model, self._find_counts_folder)
        new.open()
        self._left = (self._left | previous.file_names) - new.file_names
        self.now = new
        logger.info("model swapped", extra={"previous": previous.model.version, **describe_model(model)})
        self._share_pair(model)
        return "swapped"

    def _with_threshold(self, model: Model) -> Model:
        """The model with the threshold of the settings, which overrides the card's here and nowhere else."""
        return model if self._threshold is None else replace(model, threshold=self._threshold)

    def _find_counts_folder(self) -> Path:
        """The folder of the counts: the shared one, or a private one that is made on first use."""
        if self._counts_folder is None:
            self._counts_folder = Path(tempfile.mkdtemp(prefix="churn-counts-"))
            weakref.finalize(self, shutil.rmtree, self._counts_folder, ignore_errors=True)
        return self._counts_folder

    def _watch(self, on_change: Callable[[str], None]) -> None:
        while True:
            try:
                outcome = self.check()
                if outcome:
                    on_change(outcome)
            except Exception:
                logger.exception("watching the model file failed; it continues")
            time.sleep(_LOOK_EVERY_S)

    def _share_pair(self, model: Model) -> None:
        """Writes a verified pair for workers that start later, unless a newer one is already there."""
        if not self._newest_pair:
            return
        try:
            with _locked_counter(self._newest_pair):
                shared = self._newest_pair.read_bytes() if self._newest_pair.exists() else None
                if shared is None or _decode_newest_pair(shared)[0] <= self._number:
                    replace_file(self._newest_pair, msgspec.msgpack.encode((self._number, *model.pair)))
        except (OSError, msgspec.MsgspecError):
            logger.exception("the model is served, but could not be kept for workers that start later")

    def _count_look(self) -> int:
        """The next number of the counter that the workers share; 0 if there is no shared counter or it fails."""
        if not self._newest_pair:
            return 0
        try:
            with _locked_counter(self._newest_pair) as counter:
                number = int.from_bytes(os.pread(counter, 8, 0), "big") + 1
                os.pwrite(counter, number.to_bytes(8, "big"), 0)
                return number
        except OSError:
            logger.exception("the look at the model file could not be counted")
            return 0


@contextmanager
def _locked_counter(newest_pair: Path) -> Iterator[int]:
    """The descriptor of the counter, locked: while it is open, no other process writes it or the newest pair."""
    descriptor = os.open(newest_pair.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def describe_model(model: Model) -> dict[str, object]:
    """The members of a log line that describe a model."""
    return {
        "version": model.version,
        "file": str(model.path),
        "fields": len(model.scorer.contract.fields),
        "card": model.card is not None,
        "threshold": model.threshold,
    }


_Signature = tuple[tuple[int, int, int, int] | None, ...]
_decode_newest_pair = msgspec.msgpack.Decoder(tuple[int, bytes, bytes | None]).decode


def _signature(path: Path) -> _Signature:
    """A value that changes with the model file, its card, or a link to either: inodes, sizes and times."""
    return tuple(_stat_file(file, follow) for file in (path, card_path(path)) for follow in (True, False))


def _stat_file(path: Path, follow_symlinks: bool) -> tuple[int, int, int, int] | None:
    try:
        stat = path.stat(follow_symlinks=follow_symlinks)
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
