"""Scores a distributed table with Apache Spark: a DataFrame in, the same DataFrame with its answers out.

Owns what travels to the executors: the bytes of the model file and its card, read there as data and verified once in
each process. What a row's answer is, is scorer's. Needs pyspark, pyarrow and NumPy, which what serves has not.
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
    """The frame with churn_probability, churn, reason_1... and error added, as TableScorer does.

    Nothing runs yet, but for a look at the first rows where the columns' names look like an earlier answer's.
    `model` is a model or where its file is for the driver. `threshold` (0 to 1) is the model's unless given,
    `n_reasons` how many reasons a row gets; `positive_class` is load_model's, for a path; a model has its own.
    Executors need `churn` itself, msgspec, pyarrow and NumPy.

    Raises ModelError as load_model does, ValueError for a `positive_class` beside a model, and CustomerError when the
    frame lacks a field or has one twice.
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
    )  # Spark takes Churn and churn for one
    columns = TableScorer(answerer).arrange(
        names, lambda run: numbered.limit(LOOKED_AT_ROWS).select(numbered.columns[run.start : run.stop]).collect()
    )
    schema = _output_schema(frame.schema, columns)
    return numbered.mapInArrow(_answer_batches(answerer, names, columns), schema)


def _answer_batches(
    answerer: Answerer, names: list[str], columns: AnswerColumns
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What each task runs, on a frame's columns under other names, in their order.

    It holds the pair's bytes, so that no executor can find another model in a file, and the class that leaves, so
    that none reads them the other way round.
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
    """The schema of the answered frame: its own columns, of whatever type, with the answer's."""
    answers = [StructField(field.name, _SPARK_TYPES[field.type]) for field in answer_fields(columns)]
    return StructType(columns.put_in(schema.fields, answers))
