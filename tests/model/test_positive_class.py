"""The class that leaves: answers are scikit-learn's for that class, and a file that leaves it open is refused."""

import contextlib
import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from churn.errors import ModelError
from churn.model.file import load_model, verify_pair
from churn.model.pair import Pair, card_path
from churn.server.served_model import ServedModel
from tests.pairs import RECORDS, edit_card, sklearn_of, write_model

NAMES = [(0, 1), (0.0, 1.0), (-1, 1), (-1.0, 1.0), (False, True)]
TEXTS = [("no", "yes"), ("No", "Yes"), ("NO", "yes"), ("no", "Yes "), ("false", "TRUE"), ("False", "true")]
TEXTS += [("0", "1"), ("0.0", "1"), ("-1", "1"), ("-1.0", "+1")]
DTYPES = ["int8", "uint8", "<i4", ">i8", "f4", ">f8"]
KNOWN = [*NAMES, *TEXTS]


def change_classes(path: Path, classes: object) -> bytes:
    """The bytes of a model file with other `classes_`."""
    dv, model = pickle.loads(path.read_bytes())
    model.classes_ = classes
    return pickle.dumps((dv, model), protocol=4)


def check_answers(path: Path, leaves, *, positive_class: str | None = None) -> None:
    """Compare a file in the form of each protocol with scikit-learn's probability of the class that leaves."""
    expected, fitted = sklearn_of(path, leaves, RECORDS), pickle.loads(path.read_bytes())
    for protocol in (3, 4, 5):
        path.write_bytes(pickle.dumps(fitted, protocol=protocol))
        scorer = load_model(path, positive_class=positive_class).scorer
        assert scorer.score_customers(RECORDS) == pytest.approx(expected, abs=1e-12)


def refusal(path: Path, positive_class: str | None = None) -> str:
    with pytest.raises(ModelError) as error:
        load_model(path, positive_class=positive_class)
    assert error.value.path == path
    assert str(error.value).isprintable()  # so it is one line
    return error.value.reason


@pytest.mark.parametrize("classes", KNOWN)
def test_a_usual_pair_of_classes_needs_no_setting(classes, tmp_path):
    check_answers(write_model(tmp_path / "m.bin", classes), classes[1])


@pytest.mark.parametrize("dtype", [object, ">U9"])
@pytest.mark.parametrize("classes", TEXTS)
def test_texts_are_read_from_arrays_of_objects_and_of_either_byte_order(classes, dtype, tmp_path):
    check_answers(write_model(tmp_path / "m.bin", classes, dtype=dtype), classes[1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_of_any_width_and_byte_order_are_read(dtype, tmp_path):
    check_answers(write_model(tmp_path / "m.bin", (0, 1), dtype=dtype), 1)
    check_answers(write_model(tmp_path / "m.bin", (2, 1), dtype=dtype), 1, positive_class="1")


def test_a_file_with_the_leaver_first_is_turned_round(tmp_path):
    path = write_model(tmp_path / "m.bin", ("no", "Yes"))  # "Yes" sorts before "no"
    model = load_model(path)
    assert list(pickle.loads(path.read_bytes())[1].classes_) == ["Yes", "no"]
    assert model.classes == ("no", "Yes")
    check_answers(path, "Yes")


@pytest.mark.parametrize(
    ("classes", "leaves", "spellings"),
    [
        (("Stayed", "Churned"), "Churned", ["Churned", "churned", " CHURNED "]),
        (("Existing Customer", "Attrited Customer"), "Attrited Customer", ["attrited_customer", "Attrited Customer"]),
        ((2, 1), 1, ["1", "1.0", " 1 ", "+1e0"]),
        (("2", "1"), "1", ["1", "1.0"]),
        ((2**53, 2**53 + 1), 2**53 + 1, ["9007199254740993"]),
    ],
)
def test_two_other_classes_are_refused_until_the_setting_names_the_leaver_in_any_spelling(
    classes, leaves, spellings, tmp_path
):
    path = write_model(tmp_path / "m.bin", classes)
    first, second = sorted(classes)
    assert refusal(path) == f"its classes are {first!r} and {second!r}: set POSITIVE_CLASS to the class that leaves"
    for spelling in spellings:
        check_answers(path, leaves, positive_class=spelling)
    for other in ("yes", "3", "true", "", "\u0131"):
        said = refusal(path, other)
        assert said.startswith(f"its classes are {first!r} and {second!r}, and POSITIVE_CLASS={other!r} is neither")


def test_true_is_not_taken_for_1(tmp_path):
    path = write_model(tmp_path / "m.bin", (False, True))
    assert "its classes are False and True, and POSITIVE_CLASS='1' is neither: unset it" in refusal(path, "1")
    check_answers(path, True, positive_class="TRUE")


def test_the_setting_overrides_a_known_pair_of_a_file_without_a_card(tmp_path):
    check_answers(write_model(tmp_path / "m.bin", (0, 1)), 0, positive_class="0")
    check_answers(write_model(tmp_path / "m.bin", ("no", "yes")), "no", positive_class="No")


def test_the_class_of_a_card_can_be_named_but_not_overridden(pair):
    for positive_class in (None, "1", "1.0"):
        assert load_model(pair, positive_class=positive_class).classes == (0, 1)
    assert refusal(pair, "0") == "its card's model was trained for class 1: unset POSITIVE_CLASS='0'"
    assert refusal(pair, "Churned").endswith("POSITIVE_CLASS='Churned' is neither: unset it")


@pytest.mark.parametrize("classes", [("Yes", "yes"), ("yes", "yes "), ("1", "1.0"), ("A b", "a_b")])
def test_two_classes_that_are_equal_in_clean_spelling_are_refused(classes, tmp_path):
    path = write_model(tmp_path / "m.bin", classes)
    for positive_class in (None, classes[0]):
        assert "are one in clean spelling" in refusal(path, positive_class)


def test_classes_are_shown_shortened_and_in_quotes(tmp_path):
    path = write_model(tmp_path / "m.bin", ("a\nb\x1b[31m", "c" * 900))
    said = refusal(path, "d" * 900)
    assert r"'a\nb\x1b[31m' and 'ccc" in said
    assert len(said) < 300


class Array:
    """Pickles to a NumPy array of two elements with any content."""

    def __init__(self, dtype: str, content: object) -> None:
        self.dtype, self.content = np.dtype(dtype), content

    def __reduce__(self):
        reconstruct, arguments, _ = np.zeros(2).__reduce__()
        return reconstruct, arguments, (1, (2,), self.dtype, False, self.content)


@pytest.mark.parametrize(
    ("dtype", "content"),
    [
        ("U3", b"n\0\0\0o\0\0\0"),
        ("U3", "no\0yes".encode("utf-32-le") + b"\0"),
        ("U1", b"\xff\xff\xff\xff" * 2),
        ("U1", b"\0\xd8\0\0" * 2),
        ("U3", ["no", "yes"]),
        ("U3", 24),
        ("b1", b"\0"),
        ("b1", b"\0\1\0"),
        ("i8", 10**12),
        ("i8", b"\0" * 15),
        ("i8", b"\0" * 8),
        ("f8", np.array([np.nan, 1.0]).tobytes()),
        ("f8", np.array([0.0, np.inf]).tobytes()),
        ("S3", b"no\0yes"),
        ("c16", b"\0" * 32),
        ("O", [0]),
        ("O", [0, 1, 2]),
        ("O", (0, 1)),
        ("O", [0, None]),
        ("O", [0, 2**64]),
        ("O", [0, -(2**63) - 1]),
        ("O", [0, float("nan")]),
        ("O", [0, ["yes"]]),
        ("O", ["no", "\ud800"]),
        ("O", ["no", "y" * 1001]),
        ("O", ["no", b"yes"]),
        ("O", b"\0" * 16),
    ],
)
def test_classes_that_are_damaged_or_of_an_unknown_kind_are_refused_in_one_line(dtype, content, tmp_path):
    path = write_model(tmp_path / "m.bin", (0, 1))
    path.write_bytes(change_classes(path, Array(dtype, content)))
    assert "classes are" not in refusal(path)
    assert "classes are" not in refusal(path, "yes")


def test_objects_of_every_kind_are_read(tmp_path):
    path = write_model(tmp_path / "m.bin", (0, 1))
    for labels in ([0, 1], [False, True], [0.0, 1.0], [np.int64(0), np.int8(1)], [np.str_("no"), np.str_("yes")]):
        path.write_bytes(change_classes(path, Array("O", labels)))
        assert load_model(path).classes == tuple(labels)
        assert {type(label) for label in load_model(path).classes} <= {int, bool, float, str}


@pytest.mark.parametrize("dtype", [None, object])
def test_a_file_with_any_byte_changed_can_be_described_or_is_refused(dtype, tmp_path):
    path = write_model(tmp_path / "m.bin", ("Stayed", "Churned"), dtype=dtype)
    whole = path.read_bytes()
    for place in range(whole.index(b"classes_"), len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        with contextlib.suppress(ModelError):  # any other error would be a traceback at start, or in GET /model
            json.loads(verify_pair(path, Pair(changed, None), positive_class="Churned").describe())


def test_a_swap_to_a_file_without_the_class_is_refused_and_the_old_file_stays(tmp_path, caplog):
    path = write_model(tmp_path / "m.bin", ("Stayed", "Churned"))
    served = ServedModel(path, positive_class="churned", newest_pair=tmp_path / "kept")
    before = served.current
    write_model(path, ("Existing", "Attrited"))
    assert served.check() == "refused"
    assert served.current is before
    said = f"{path}: its classes are 'Attrited' and 'Existing', and POSITIVE_CLASS='churned' is neither"
    assert caplog.records[-1].reason.startswith(said)


def test_a_newborn_worker_reads_the_kept_file_by_the_setting(tmp_path):
    path = write_model(tmp_path / "m.bin", ("Stayed", "Churned"))
    newborn, older = (ServedModel(path, positive_class="Churned", newest_pair=tmp_path / "kept") for _ in range(2))
    write_model(path, ("Loyal", "Churned"))
    assert older.check() == "swapped"
    path.write_bytes(b"rubbish")
    newborn.restore()
    assert newborn.current.classes == ("Loyal", "Churned")


def test_a_card_with_other_classes_is_checked_by_its_golden_customers(pair):
    dv, model = pickle.loads(pair.read_bytes())
    model.classes_ = np.array(["Stayed", "Went"])
    pair.write_bytes(pickle.dumps((dv, model), protocol=4))
    edit_card(pair, model_sha256=hashlib.sha256(pair.read_bytes()).hexdigest())
    assert "set POSITIVE_CLASS" in refusal(pair)
    assert load_model(pair, positive_class="Went").classes == ("Stayed", "Went")
    with pytest.raises(ModelError, match="golden customer 0 is off") as error:
        load_model(pair, positive_class="Stayed")
    assert error.value.path == card_path(pair)
