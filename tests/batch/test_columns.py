"""Columns of Arrow as a contract reads them. test_scorer has the tests of numbers and categories."""

from datetime import UTC, date, datetime, time

import pyarrow as pa
import pytest

from churn.batch.columns import in_json_types


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([date(2024, 1, 2), None, date(2024, 1, 2)]), ["2024-01-02", None, "2024-01-02"]),
        (pa.array([date(2024, 1, 2)], type=pa.date64()), ["2024-01-02"]),
        (pa.array([datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4)]), ["2024-01-02", "2024-01-02 03:04:00"]),
        (pa.array([1_704_164_645_123_456_789], type=pa.timestamp("ns")), ["2024-01-02 03:04:05.123456"]),
        (pa.array([datetime(2024, 1, 2, 3, tzinfo=UTC)]), ["2024-01-02 03:00:00+00:00"]),
        (pa.array([time(3, 4)], type=pa.time64("ns")), ["03:04:00"]),
        (pa.array([date(2024, 1, 2), None]).dictionary_encode(), ["2024-01-02", None]),
    ],
)
def test_a_date_or_a_time_becomes_the_text_that_a_csv_has(column, texts):
    assert in_json_types(column).to_pylist() == texts
