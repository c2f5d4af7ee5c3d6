"""Scores a distributed table with Apache Spark: from a DataFrame to the same DataFrame with answers.

Owns the data sent to the executors: the bytes of the model file and its card, which each process reads as data and
verifies once. `scorer` answers the rows. Needs pyspark, pyarrow and NumPy, which the service does not have.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.types import BooleanType, DoubleType, StringType, StructField, StructType

from churn.batch.answered_batches import answer_fields
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.file import Model, load_model, verify_pair
from churn.model.pair import Pair
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns

_SPARK_TYPES = {pa.float64(): DoubleType(), pa.bool_(): BooleanType(), pa.string(): StringType()}


def score_frame(
    frame: DataFrame,
    model: Model | Path,
    *,
    threshold: float | None = None,
    n_reasons: int = 0,
    positive_class: str | None = None,
) -> DataFrame:
    """The frame with the columns churn_probability, churn, reason_1... and error, as TableScorer gives them.

    Nothing runs yet, except a look at the first rows if column names look like those of an earlier answer.
    `model` is a model or the path of its file on the driver. `threshold` (0 to 1) is by default the model's;
    `n_reasons` is the number of reasons for each row; `positive_class` is an argument of load_model, only for a path.
    Executors need `churn` itself, msgspec, pyarrow and NumPy.

    Raises ModelError as load_model does, ValueError for a `positive_class` together with a model, and CustomerError
    if the frame lacks a field or has one twice.
    """
    if isinstance(model, Path):
        model = load_model(model, positive_class=positive_class)
    elif positive_class is not None:
        raise ValueError("positive_class is for the path of a model file: this model has been read already")
    answerer = Answerer(model, threshold=threshold, n_reasons=n_reasons)
    model.scorer.contract.place_fields(frame.columns)
    names = frame.columns
    numbered = frame.toDF(
        *(f"column_{number}" for number in range(len(names)))
    )  # for Spark, Churn and churn are the same name
    columns = TableScorer(answerer).arrange(
        names, lambda run: numbered.limit(LOOKED_AT_ROWS).select(numbered.columns[run.start : run.stop]).collect()
    )
    schema = _output_schema(frame.schema, columns)
    return numbered.mapInArrow(_answer_batches(answerer, names, columns), schema)


def _answer_batches(
    answerer: Answerer, names: list[str], columns: AnswerColumns
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that each task runs, on a frame whose columns are in order but have other names.

    It contains the bytes of the pair, so that no executor can read another model from a file, and the positive class,
    so that every executor uses the same one.
    """
    model, threshold, n_reasons = answerer.model, answerer.threshold, answerer.n_reasons
    path, pair, leaves = model.path, model.pair, str(model.classes[1])

    def answer(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        scorer = _read_scorer(path, pair, leaves, threshold, n_reasons)
        for batch in batches:
            yield scorer.answer(batch.rename_columns(names), columns).rows

    return answer


@lru_cache(maxsize=4)  # Spark's Python processes live for many tasks
def _read_scorer(path: Path, pair: Pair, positive_class: str, threshold: float, n_reasons: int) -> TableScorer:
    """The scorer of a pair's bytes, verified. Raises ModelError as verify_pair does."""
    model = verify_pair(path, pair, positive_class=positive_class)
    return TableScorer(Answerer(model, threshold=threshold, n_reasons=n_reasons))


def _output_schema(schema: StructType, columns: AnswerColumns) -> StructType:
    """The schema of the answered frame: its own columns, of any type, with the answer's."""
    answers = [StructField(field.name, _SPARK_TYPES[field.type]) for field in answer_fields(columns)]
    return StructType(columns.put_in(schema.fields, answers))
