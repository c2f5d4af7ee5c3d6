"""Saved counts: which fit a model and each other, which are compared, and which are refused in one line."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import pytest

from churn.errors import SavedCountsError
from churn.model.scoring import probability
from churn.watch import saved
from churn.watch.counts import Counts
from churn.watch.layout import ListCounts, lay_out
from churn.watch.report import encode_report, make_report
from churn.watch.saved import read_saved, report_saved
from tests.customers import CLEAN_CUSTOMERS

MORNING, NOON = "2026-11-26T08:00:00Z", "2026-11-26T12:00:00Z"


def count(model, customers, *, since=None) -> Counts:
    layout = lay_out(model)
    counted = ListCounts(layout)
    for customer in customers:
        placed = model.scorer.place(customer)
        counted.add(placed, probability(placed[0]))
    counted.finish()
    return layout.read_counts([counted.places[place] for place in range(layout.n_places)], since=since)


@pytest.fixture
def save(shipped, tmp_path):
    """A function that saves the document on some customers of the table and reads it."""

    def save(name, customers, *, since=None, threshold=0.5):
        model = replace(shipped, threshold=threshold)
        (tmp_path / name).write_bytes(encode_report(make_report(model, count(model, customers, since=since))))
        return read_saved(tmp_path / name)

    return save


def test_a_document_that_is_read_gives_the_same_report_again(shipped, save, tmp_path):
    report = report_saved(shipped, save("counts.json", CLEAN_CUSTOMERS[:900], since=MORNING))
    document = json.loads((tmp_path / "counts.json").read_bytes())
    assert json.loads(encode_report(report)) == document | {"notes": [report.notes[0], *document["notes"]]}
    words = f"The 900 answers of {tmp_path}/counts.json since {MORNING}, compared with training."
    assert report.notes[0] == words


def test_between_two_looks_at_one_count_the_customers_who_came_are_compared_with_training(shipped, save, tmp_path):
    before = save("before.json", CLEAN_CUSTOMERS[:600], since=MORNING)
    report = report_saved(shipped, save("counts.json", CLEAN_CUSTOMERS[:900], since=MORNING), before)
    alone = make_report(shipped, count(shipped, CLEAN_CUSTOMERS[600:900]))
    assert (report.counts, report.fields, report.expected) == (alone.counts, alone.fields, alone.expected)
    words = (
        f"The 300 answers of {tmp_path}/counts.json that came after {tmp_path}/before.json, compared with training."
    )
    assert report.notes == (words, *alone.notes)


def test_two_looks_without_a_customer_in_between_allow_no_conclusion(shipped, save):
    looks = [save(name, CLEAN_CUSTOMERS[:99], since=MORNING) for name in ("before.json", "counts.json")]
    report = report_saved(shipped, *looks)
    assert {field.drifted for field in report.fields} == {None}
    assert report.answers == 0


@pytest.mark.parametrize(
    ("since", "since_before", "threshold"),
    [(None, None, 0.5), (NOON, MORNING, 0.5), (NOON, None, 0.5), (NOON, NOON, 0.3)],
)
def test_customers_of_two_counts_are_compared_with_each_other(
    shipped, save, tmp_path, since, since_before, threshold
):
    before = save("before.json", CLEAN_CUSTOMERS[:2000], since=since_before, threshold=threshold)
    month_to_month = [customer for customer in CLEAN_CUSTOMERS if customer["contract"] == "month-to-month"]
    report = report_saved(
        shipped, save("counts.json", [*CLEAN_CUSTOMERS[:2000], *month_to_month], since=since), before
    )
    assert report.answers == 2000 + 3875
    contract = next(field for field in report.fields if field.field == "contract")
    share = sum(customer["contract"] == "month-to-month" for customer in CLEAN_CUSTOMERS[:2000]) / 2000
    assert contract.distance == pytest.approx((2000 * share + 3875) / 5875 - share)  # more of one value, of no other
    assert contract.drifted is True
    begun = f" since {since}" if since else ""
    begun_before = f" since {since_before}" if since_before else ""
    assert report.notes[0] == (
        f"The 5,875 answers of {tmp_path}/counts.json{begun}, "
        f"compared with the 2,000 answers of {tmp_path}/before.json{begun_before}."
    )


def test_too_few_earlier_customers_have_their_own_wording(shipped, save):
    report = report_saved(shipped, save("counts.json", CLEAN_CUSTOMERS), save("before.json", CLEAN_CUSTOMERS[:60]))
    assert {field.note for field in report.fields} == {"the 60 customers before are too few"}
    report = report_saved(shipped, save("counts.json", CLEAN_CUSTOMERS), save("before.json", CLEAN_CUSTOMERS[:1]))
    assert {field.note for field in report.fields} == {"the 1 customer before is too few"}


def test_counts_at_two_thresholds_are_not_taken_for_one_count(shipped, save):
    """They have the same number of bins of probabilities, but other bins."""
    before = save("before.json", CLEAN_CUSTOMERS[:600], since=MORNING, threshold=0.3)
    report = report_saved(
        shipped, save("counts.json", CLEAN_CUSTOMERS[:900], since=MORNING, threshold=0.3000001), before
    )
    assert report.answers == 900


def test_two_counts_are_compared_at_the_level_of_one_look(shipped, save):
    """Both are finished: a difference with p between the two levels is called drift."""
    month_to_month = [customer for customer in CLEAN_CUSTOMERS if customer["contract"] == "month-to-month"]
    before = save("before.json", CLEAN_CUSTOMERS, since=MORNING)
    now = save("counts.json", [*CLEAN_CUSTOMERS[:200], *month_to_month[:75]], since=NOON)
    contract = next(field for field in report_saved(shipped, now, before).fields if field.field == "contract")
    assert 0.005 / 19 < contract.p < 0.05 / 19
    assert contract.drifted is True


def test_counts_that_grow_are_judged_at_each_look_with_a_part_of_the_level(shipped):
    """A difference that a single look calls drift is not yet drift at one of many looks."""
    month_to_month = [customer for customer in CLEAN_CUSTOMERS if customer["contract"] == "month-to-month"]
    customers = [*CLEAN_CUSTOMERS[:200], *month_to_month[:75]]
    verdicts = {}
    for since in (None, MORNING):
        report = make_report(shipped, count(shipped, customers, since=since))
        verdicts[since] = next(field for field in report.fields if field.field == "contract")
    assert verdicts[None].p == verdicts[MORNING].p
    assert 0.005 / 19 < verdicts[None].p < 0.05 / 19  # Holm's first step at each level
    assert (verdicts[None].drifted, verdicts[MORNING].drifted) == (True, None)


def test_a_model_without_counts_of_training_is_reported_as_such(shipped, save, tmp_path):
    bare = replace(shipped, card=msgspec.structs.replace(shipped.card, counts=None))
    counts = count(bare, CLEAN_CUSTOMERS[:60])
    (tmp_path / "bare.json").write_bytes(encode_report(make_report(bare, counts)))
    report = report_saved(bare, read_saved(tmp_path / "bare.json"))
    assert report.notes[0] == f"The 60 answers of {tmp_path}/bare.json."
    assert "retrain" in report.notes[-1]
    with pytest.raises(SavedCountsError, match="have other fields or bins than its model's card"):
        report_saved(shipped, read_saved(tmp_path / "bare.json"))


def test_documents_that_do_not_fit_are_refused(shipped, save, tmp_path):
    first, second = (
        save("first.json", CLEAN_CUSTOMERS[:60], since=MORNING),
        save("second.json", CLEAN_CUSTOMERS[:90], since=MORNING),
    )
    words = "it is the later of two looks at the same counts"
    with pytest.raises(SavedCountsError) as refused:
        report_saved(shipped, first, second)
    assert str(refused.value) == f"{tmp_path}/second.json: {words}; give {tmp_path}/first.json last"
    with pytest.raises(SavedCountsError, match="it has no answers to compare with"):
        report_saved(shipped, first, save("nobody.json", []))
    for counts in ((first._replace(version="0" * 12), None), (first, second._replace(version="0" * 12))):
        with pytest.raises(SavedCountsError, match=r"of the model 0{12}, and .*bin is d17b47eb3aa6; give --model"):
            report_saved(shipped, *counts)
    with pytest.raises(SavedCountsError, match="have other fields or bins"):
        report_saved(shipped, first._replace(threshold=0.3))


def document(**members) -> bytes:
    counts = {"answers": 1, "fields": {"plan": [1, 0]}, "probabilities": [1]}
    counts |= members.pop("counts", {})
    return json.dumps({"model": "0" * 12, "threshold": 0.5, "counts": counts} | members).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Input data was truncated"),
        (b"\x80\x04", "JSON is malformed"),
        (b"[1]", "Expected `object`, got `array`"),
        (b'{"later":' + b"[" * 100_000, "recursion"),
        (b"{}", "missing required field `model`"),
        (b'{"model": "a", "threshold": 0.5}', "missing required field `counts`"),
        (document(threshold=1.5), "Expected `float` <= 1.0"),
        (document(threshold=None), "Expected `float`, got `null`"),
        (document(counts={"answers": 2}), "do not add up to the 2 answers"),
        (document(counts={"fields": {"plan": [2, -1]}}), "the counts of plan do not add up"),
        (document(counts={"fields": {"plan": [0.5, 0.5]}}), "Expected `int`"),
        (document(counts={"fields": {"pl\x1b[2Jan": [3]}}), r"the counts of pl\\x1b\[2Jan do not add up"),
        (document(counts={"since": "yesterday"}), "Invalid isoformat"),
        (document(counts={"since": "2026-11-26T08:00:00Z\x1b[2J"}), "Invalid isoformat"),
        (document(counts={"more": 1}), "unknown field `more`"),
        (document(counts={"answers": 10**11, "fields": {"plan": [10**11, 0]}, "probabilities": [10**11]}), "answers"),
        (
            document(counts={"answers": 10**99, "fields": {"plan": [10**99, 0]}, "probabilities": [10**99]}),
            "answers",
        ),
    ],
)
def test_a_file_that_is_not_a_document_is_refused_in_one_line(tmp_path, content, reason):
    (tmp_path / "counts.json").write_bytes(content)
    with pytest.raises(SavedCountsError, match=reason) as refused:
        read_saved(tmp_path / "counts.json")
    assert str(refused.value).startswith(f"{tmp_path}/counts.json: it ")
    assert str(refused.value).isprintable()


def test_a_file_that_is_missing_too_large_or_not_a_regular_file_is_refused(tmp_path, monkeypatch):
    with pytest.raises(SavedCountsError, match="No such file"):
        read_saved(tmp_path / "counts.json")
    with pytest.raises(SavedCountsError, match="it is a directory, not a regular file"):
        read_saved(tmp_path)
    monkeypatch.setattr(saved, "MOST_BYTES", 50)
    (tmp_path / "counts.json").write_bytes(document())
    with pytest.raises(SavedCountsError, match="at most 50 are read"):
        read_saved(tmp_path / "counts.json")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(document())))
    with pytest.raises(SavedCountsError, match=r"^-: it has more than 50 bytes"):
        read_saved(saved.STDIN)


def test_a_document_of_a_later_version_with_more_members_is_read(tmp_path):
    (tmp_path / "counts.json").write_bytes(document(later={"more": [1]}))
    assert read_saved(tmp_path / "counts.json").counts == Counts(1, {"plan": [1, 0]}, [1])
