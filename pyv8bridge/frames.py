"""`records` and `columns`: the two ways a table (pandas, polars, Arrow) becomes data for JavaScript.

Neither library is imported here; what a table can do tells what it is.
"""

from __future__ import annotations

from typing import Any


def records(table: Any) -> list[dict[str, Any]]:
    """The rows as a list of dicts by column name: an Array of Objects in JavaScript.

    Numbers are plain numbers and missing values (None, pandas.NA, NaT) None; a float column's nan stays nan. An index
    of pandas is left out: `reset_index()` makes it a column. Raises TypeError for anything that is no table, and
    ValueError for column names that are not distinct strings.
    """
    names = _column_names(table)
    if hasattr(table, "to_pylist"):
        return list(table.to_pylist())
    if hasattr(table, "to_dicts"):
        return list(table.to_dicts())
    values = [_with_gaps_as_none(table[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def columns(table: Any) -> dict[str, Any]:
    """The columns by name: an Object in JavaScript, of typed arrays where a column has numbers without gaps.

    64-bit integers become BigInt64Array or BigUint64Array (Float64Array with `big_ints="number"`). Other columns are
    lists, with None for missing values. Raises as `records` does.
    """
    names = _column_names(table)
    return {name: _column(table[name]) for name in names}


def _column_names(table: Any) -> list[str]:
    if hasattr(table, "collect_schema") and not hasattr(table, "to_dicts"):
        raise TypeError(f"a {type(table).__name__} of polars has no rows yet: pass .collect()")
    names = getattr(table, "column_names", None)  # Arrow
    if names is None:
        names = getattr(table, "columns", None)
    if names is None or not hasattr(table, "__getitem__"):
        raise TypeError(f"a table of pandas, polars or Arrow is needed, not {type(table).__name__}")
    result = list(names)
    if not all(isinstance(name, str) for name in result) or len(set(result)) != len(result):
        raise ValueError("the names of the columns must be distinct strings: rename them first")
    return result


def _column(column: Any) -> Any:
    if hasattr(column, "to_pylist"):  # Arrow
        kind = str(column.type)
        if column.null_count or not kind.startswith(("int", "uint", "float", "double", "halffloat")):
            return column.to_pylist()
        return column.to_numpy()
    if hasattr(column, "to_list") and hasattr(column, "null_count") and callable(column.null_count):  # polars
        # Decimals are numeric too, and no numbers of numpy's.
        is_number = column.dtype.is_integer() or column.dtype.is_float()
        return column.to_numpy() if column.null_count() == 0 and is_number else column.to_list()
    # A nullable dtype of pandas may write its gaps as nan.
    values = column.to_numpy()
    has_gaps = hasattr(column.dtype, "na_value") and bool(column.isna().any())
    if values.dtype.kind in "iuf" and values.dtype.itemsize <= 8 and not has_gaps:
        return values
    return _with_gaps_as_none(column)


def _with_gaps_as_none(column: Any) -> list[Any]:
    # pandas also marks gaps with nan, which is a value only in a column of floats.
    nan_is_a_gap = column.dtype.kind != "f"
    return [None if _is_gap(value, nan_is_a_gap) else value for value in column.tolist()]


def _is_gap(value: Any, nan_is_a_gap: bool) -> bool:
    if isinstance(value, float):
        return nan_is_a_gap and value != value
    return type(value).__name__ in ("NAType", "NaTType")
