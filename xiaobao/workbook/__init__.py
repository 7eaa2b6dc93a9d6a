"""Excel: the batch summary, leads and sheets that go out to units and come back, checklists for review.

All are written by `book` (XlsxWriter): text stays text, numbers are exact, equal data give equal bytes. What comes
back is read as text by `datasets.workbooks` and held to the same rules as a page; faults name sheet, row and column.
"""
