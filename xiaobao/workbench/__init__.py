"""The verbs of an inspection, in order. Only this floor reads and writes the store.

`workspace.Workbench` holds settings, actor and store; each verb is a function that takes it first, asks the table of
rights (`permitting`) and leaves an event in the history. Folders: `inspections` (fill, sign, review, appeal),
`results` (freeze, record, resolve, read), `versions` of checklists, `evidence`, `own_checks` of the bank. Here lie
what is of the whole workspace: imports, campaigns, leads, corrective actions, people, sign-in, backups.
"""
