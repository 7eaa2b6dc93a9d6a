"""Extracts of the bank's systems: read, validated, looked back over, cut by unit. Import the modules you need.

An extract is one dataset of one period; `catalogue` and `registers` say which columns each has, and `shape` what a
column is. The way of a file: `reading` (a table of text cells) → `columns` (values, or a fault with its row) →
`validation` → `importing` (pseudonyms, one Parquet file) → `partitions` (look-back facts of `look_back` added, one
file a unit). A frame has a column for each `Column.name` of its dataset, days as datetime64, amounts as Decimal, empty
cells as missing values; columns that no file brought are named in `frame.attrs["absent"]`: empty says that nothing
happened, absent says nothing.
"""
