"""One inspection: filled, evidenced, reviewed, vetoed, offline.

`filling.open_form` gives the form that every verb here takes; answers carry the revision they were seen at, and a
stale one is refused (`StaleRevision`) with both texts. `signing` has the steps from 确认 to 审定, `reviewing` the
reviewer's own answers, `appealing` objections; `offline*` do the same by a workbook.
"""
