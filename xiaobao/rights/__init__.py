"""权限: one table of roles × verbs × scopes, and the one question that every verb asks of it.

The table is data (`table.csv`): a row a verb, a column a role, and in a cell the scopes (`Scope`) in which the role may
do it, by their Chinese letter. Pure: it knows people and targets, no store.
"""

from xiaobao.rights.asking import Granted, Target, ask, scopes_of
from xiaobao.rights.matrix import RIGHTS, Scope, Verb, as_markdown, printed

__all__ = ["RIGHTS", "Granted", "Scope", "Target", "Verb", "as_markdown", "ask", "printed", "scopes_of"]
