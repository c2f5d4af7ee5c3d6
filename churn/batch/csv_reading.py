"""Reads the columns of a CSV's block that are fields of the model, and the column with the customers' values.

Needs pyarrow and NumPy.
"""

import math

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from churn.batch.columns import Readings
from churn.batch.csv_blocks import Block, RowSpans
from churn.batch.gains import RowValues, read_values
from churn.batch.scorer import TableScorer
from churn.model.fields import Category, Flag
from churn.tables.csv_form import CsvForm
from churn.tables.csv_values import CsvValues

_MANY = 2**31 - 1
_LONGEST_NUMBER_ROW = 400  # bytes; a shorter row can't contain a number that is too long for the contract


class BlockReader:
    """Reads the blocks of one CSV by column; `values` reads the customers' values, None without a plan for gains."""

    def __init__(self, form: CsvForm, scorer: TableScorer, values: CsvValues | None) -> None:
        self._form, self._scorer, self._values = form, scorer, values
        self._column_names = [str(number) for number in range(len(form.header))]

    def read(self, block: Block, spans: RowSpans) -> tuple[Readings, RowValues | None] | None:
        """The readings of the contract's fields, and the customers' values if a column has them.

        None if not all rows are as wide as the header.
        """
        short = (spans.ends - spans.starts).max(initial=0) <= _LONGEST_NUMBER_ROW
        numbers = pa.float64() if short and block.form.plain_mark else pa.string()
        table = self._parse(block, numbers)
        if table is None and numbers != pa.string():
            table = self._parse(block, pa.string())
        if table is None or len(table) != len(spans.starts):
            return None
        fields = self._form.field_columns.items()
        columns = {
            name: self._read_with_mark(name, table[str(number)].combine_chunks(), block.form)
            for name, number in fields
        }
        reader, values = self._values and self._values.find_reader(block.form), None
        if self._values and reader:
            values = read_values(table[str(self._values.column)].combine_chunks(), reader)
        return self._scorer.read(columns), values

    def _parse(self, block: Block, numbers: pa.DataType) -> pa.Table | None:
        coded = pa.dictionary(pa.int32(), pa.string())
        fields = self._form.field_columns.items()
        types = {str(number): coded if self._is_text(name) else numbers for name, number in fields}
        types |= {str(number): pa.string() for name, number in fields if self._has_words(name)}
        if self._values and self._values.column is not None:
            types.setdefault(str(self._values.column), coded)
        try:
            return pcsv.read_csv(
                pa.BufferReader(block.content),
                read_options=pcsv.ReadOptions(column_names=self._column_names, use_threads=False, block_size=_MANY),
                parse_options=pcsv.ParseOptions(
                    delimiter=self._form.delimiter, newlines_in_values=b'"' in block.content
                ),
                convert_options=pcsv.ConvertOptions(
                    include_columns=list(types),
                    column_types=types,
                    null_values=["", " "],
                    strings_can_be_null=False,
                    check_utf8=False,  # the block was checked
                    decimal_point=block.form.plain_mark or ".",
                ),
            )
        except pa.ArrowInvalid:
            return None

    def _read_with_mark(self, name: str, column: pa.Array, form: CsvForm) -> pa.Array:
        """A field's column as texts with decimal points, or as numbers; with an unknown decimal mark, no number may
        have one.
        """
        if self._is_category(name):
            return column
        if name in self._scorer.marks:
            read = map(form.make_reader(name), column.dictionary.to_pylist())
            numbers = [number if isinstance(number, float) else math.nan for number in read]
            return pa.DictionaryArray.from_arrays(
                column.indices, pa.array(numbers, type=pa.float64())
            ).dictionary_decode()
        mark = form.plain_mark
        if mark == ".":
            return column
        spelled = _with_points(column, "." if mark else "?")
        if self._has_words(name):
            return pc.if_else(pc.match_substring_regex(column, "[0-9]"), spelled, column)
        return spelled

    def _has_words(self, name: str) -> bool:
        """True for a number field without marks that has words for a blank, such as NA or N.A."""
        field = self._scorer.numbers.get(name)
        return field is not None and bool(field.missing) and name not in self._scorer.marks

    def _is_category(self, name: str) -> bool:
        return any(field.name == name and isinstance(field, Category) for field in self._scorer.contract.fields)

    def _is_text(self, name: str) -> bool:
        """True for a field whose different texts are read one by one."""
        return name in self._scorer.marks or any(
            field.name == name and isinstance(field, Category | Flag) for field in self._scorer.contract.fields
        )


def _with_points(column: pa.Array, comma: str) -> pa.Array:
    """Texts with decimal commas as texts with points; a point becomes "?", since 1.234 may mean 1,234."""
    if pa.types.is_floating(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _with_points(column.dictionary, comma))
    return pc.replace_substring(pc.replace_substring(column, ".", "?"), ",", comma)
