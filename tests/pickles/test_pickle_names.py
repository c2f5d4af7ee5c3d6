"""The names in a pickle are read without running it, in every protocol, up to the first broken opcode."""

import pickle
import pickletools

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.pickles.pickle_names import is_whole, list_names

PAIR = (DictVectorizer(), LogisticRegression())
SCIKIT_LEARN = {
    ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"),
    ("sklearn.linear_model._logistic", "LogisticRegression"),
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("optimize", [False, True])
def test_the_names_of_every_protocol_are_listed_each_once_in_order(protocol, optimize):
    pickled = pickle.dumps((*PAIR, *PAIR, DictVectorizer(), len), protocol=protocol)
    names = list_names(pickletools.optimize(pickled) if optimize else pickled)
    assert [name for name in names if name in SCIKIT_LEARN] == sorted(SCIKIT_LEARN)
    assert len(names) == len(set(names))
    assert names[-1] in {("builtins", "len"), ("__builtin__", "len")}


def test_a_name_spelled_by_the_memo_is_listed():
    for first, second in ((b"\x94", b"\x94"), (b"q\x00", b"q\x01"), (b"p0\n", b"r\x01\0\0\0")):
        pickled = b"\x80\x04\x8c\x02os" + first + b"\x8c\x06system" + second + b"0h\x00h\x01\x93."
        assert list_names(pickled) == [("os", "system")]


def test_the_names_before_a_broken_opcode_are_listed():
    pickled = pickle.dumps(PAIR)
    cut = pickled[: pickled.index(b"LogisticRegression")]
    assert list_names(cut) == [
        ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"),
        ("numpy", "float64"),
    ]
    assert list_names(b"\xff\xff") == list_names(b"") == []
    assert list_names(b"\x93\x93.") == []


def test_a_thousand_names_are_listed_and_no_more():
    pickled = b"".join(b"cos\nname%d\n" % number for number in range(2_000)) + b"."
    assert len(list_names(pickled)) == 1_000
    assert list_names(b"N0" * 60_000 + b"cos\nsystem\n.") == []


def test_a_pickle_is_whole_when_its_end_is_the_end():
    assert is_whole(pickle.dumps(PAIR, protocol=0))
    assert is_whole(pickle.dumps(PAIR, protocol=0) + b"\n")
    assert not is_whole(pickle.dumps(PAIR, protocol=0) + b"more")
    assert not is_whole(b"")
    assert not is_whole(pickle.dumps(PAIR, protocol=0)[:-1])
    assert not is_whole(b"a text\n")


@pytest.mark.parametrize("protocol", range(6))
def test_several_pickles_in_one_file_are_whole_and_have_the_names_of_all(protocol):
    both = b"".join(pickle.dumps(member, protocol=protocol) for member in PAIR)
    assert is_whole(both)
    assert not is_whole(both[:-1])
    assert set(list_names(both)) >= SCIKIT_LEARN
