"""Estimates the size of a fit before anything is allocated for it: its columns, and the memory that it takes.

Owns every refusal of a table that is too large for a model or for this machine.
"""

import os
import resource
from pathlib import Path

from churn.errors import TableError
from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number

MOST_DENSE_COLUMNS = 2_000
"""A matrix of at most this many columns is dense; a wider one is sparse."""
MOST_COLUMNS = 20_000
"""The most columns of a model: the service reads a model file only up to a certain size."""

MOST_SHAPE_COLUMNS = 1_000
"""If curves, categories and flags make more columns than this even with the fewest knots, there are no curves."""

_MOST_NAMED = 5  # fields
_MOST_PAIR_COLUMNS = 10 * 12 * 12  # ten pairs of twelve steps by twelve
_CURVE_COLUMNS = 35  # of a number, at most
# Copies of the matrix that exist at a time: the rows of a fold, less their means, weighted.
_DENSE_COPIES, _SPARSE_COPIES, _SHAPE_COPIES = 4, 6, 3
_BYTES, _SPARSE_BYTES = 8, 12  # of a cell: a double; a double with the number of its column
_SQUARES = 4  # matrices of columns by columns: the Hessian, its factors
_GIGABYTE = 1e9


def count_columns(contract: Contract, *, logarithms: bool) -> dict[str, int]:
    """The number of a model's columns for each field of the contract."""
    return {field.name: _width(field, logarithms) for field in contract.fields}


def check_columns(path: Path, contract: Contract, *, logarithms: bool) -> None:
    """Raises TableError for a table that needs more columns than a model may have, with its largest fields."""
    widths = count_columns(contract, logarithms=logarithms)
    if (columns := sum(widths.values())) <= MOST_COLUMNS:
        return
    largest = sorted(widths, key=lambda name: -widths[name])[:_MOST_NAMED]
    words = ", ".join(f"{name} {widths[name]:,}" for name in largest)
    reason = f"makes {columns:,} columns, and a model has at most {MOST_COLUMNS:,}"
    raise TableError(path, f"{reason}; its largest fields are {words}; --drop leaves a field out")


def check_memory(
    path: Path, contract: Contract, *, rows: int, logarithms: bool, available: int | None = None
) -> None:
    """Raises TableError if fitting this many rows would take more memory than is available.

    `available`, in bytes, is measured if it is not given; if it can't be measured, nothing is refused.
    """
    available = find_available_bytes() if available is None else available
    needed = estimate_bytes(contract, rows=rows, logarithms=logarithms)
    if available is None or needed <= available:
        return
    columns = sum(count_columns(contract, logarithms=logarithms).values())
    sizes = f"about {needed / _GIGABYTE:.1f} GB of memory, and {available / _GIGABYTE:.1f} GB are free"
    reason = f"takes {sizes}: {rows:,} rows to train on in {columns:,} columns"
    raise TableError(path, f"{reason}; leave out columns (--drop) or rows, or take a larger machine")


def is_room_for_shapes(contract: Contract, *, rows: int, available: int | None = None) -> bool:
    """False if learning shapes and pairs from this many rows would take more memory than is available, in bytes."""
    available = find_available_bytes() if available is None else available
    return available is None or estimate_shape_bytes(contract, rows=rows) <= available


def estimate_shape_bytes(contract: Contract, *, rows: int) -> int:
    """The most memory that learning shapes and pairs from this many rows takes, in bytes."""
    numbers = sum(isinstance(field, Number) for field in contract.fields)
    plain = sum(count_columns(contract, logarithms=False).values())
    columns = min(plain + numbers * _CURVE_COLUMNS, MOST_SHAPE_COLUMNS) + _MOST_PAIR_COLUMNS
    return _BYTES * (_SHAPE_COPIES * rows * columns + _SQUARES * columns**2)


def check_file(path: Path, *, available: int | None = None) -> None:
    """Raises TableError for a file that is larger than the available memory, in bytes."""
    available = find_available_bytes() if available is None else available
    size = path.stat().st_size
    if available is not None and size > available:
        sizes = f"has {size / _GIGABYTE:.1f} GB, and {available / _GIGABYTE:.1f} GB of memory are free"
        raise TableError(path, f"{sizes}; take fewer rows, or a larger machine")


def estimate_bytes(contract: Contract, *, rows: int, logarithms: bool) -> int:
    """The most memory that a fit to this many rows takes, without the table itself, in bytes."""
    widths = count_columns(contract, logarithms=logarithms)
    columns = sum(widths.values())
    if columns <= MOST_DENSE_COLUMNS:
        return _BYTES * (_DENSE_COPIES * rows * columns + _SQUARES * columns**2)
    filled = sum(1 if isinstance(field, Category) else widths[field.name] for field in contract.fields)
    dense = columns - sum(widths[field.name] for field in contract.fields if isinstance(field, Category))
    block = 3 * rows * dense if dense <= MOST_DENSE_COLUMNS else 0
    return _SPARSE_COPIES * _SPARSE_BYTES * rows * filled + _BYTES * block


def find_available_bytes(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The memory that this process can still take, in bytes: the machine's free memory, or less under a limit.

    Limits are those of the control group, version 2 or 1, and of the process (ulimit -v). None if nothing is known,
    as on systems other than Linux.
    """
    known = []
    free = _read_numbers(proc / "meminfo").get("MemAvailable:")
    if free is not None:
        known.append(1024 * free)
    for folder, limit, used, cache in (
        (cgroup, "memory.max", "memory.current", "inactive_file"),
        (cgroup / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, taken = _read_number(folder / limit), _read_number(folder / used)
        if most is not None and taken is not None:
            known.append(most - taken + _read_numbers(folder / "memory.stat").get(cache, 0))
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = (_read_text(proc / "self" / "statm") or "").split()
    if most != resource.RLIM_INFINITY and pages:
        known.append(most - int(pages[0]) * os.sysconf("SC_PAGE_SIZE"))
    return max(min(known), 0) if known else None


def _width(field: Field, logarithms: bool) -> int:
    if isinstance(field, Category):
        return len(field.categories)
    return 1 + (logarithms and not isinstance(field, Flag) and field.non_negative)


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


def _read_number(path: Path) -> int | None:
    text = (_read_text(path) or "").strip()
    return int(text) if text.isdigit() else None  # "max" means no limit


def _read_numbers(path: Path) -> dict[str, int]:
    """The second word of each line, if it is a number, by the first word."""
    lines = (line.split() for line in (_read_text(path) or "").splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}
