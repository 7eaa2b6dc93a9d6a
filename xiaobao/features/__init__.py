"""One folder a feature: each answers for itself; `xiaobao.feature_list` says what each brings.

Modules of one name mean the same in each: `commands` (the command line), `verbs` (what people do, with rights and
history), `page` (a table or form that people edit), `view` (drawn, to read), `table` (its table of the store),
`report`, `report_figures` and `report_sentences` (its part of reports), `issuing` (files it hands out), `demo` (its
rows of the sample bank). A feature builds only on those below it in `pyproject.toml`.
"""
