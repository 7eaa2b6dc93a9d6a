"""Import this before nbformat: jsonschema without the grammar that it would build for a format which no notebook has.

With rfc3987_syntax installed (jupyter_events wants it) jsonschema parses the whole grammar of internationalised
addresses when it is imported: over a second of every start, for the formats `iri` and `iri-reference` alone. Where the
library is missing jsonschema leaves these two unchecked, and so it does here.
"""

from __future__ import annotations

import sys

_GRAMMAR = "rfc3987_syntax"

if "jsonschema" not in sys.modules and _GRAMMAR not in sys.modules:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        import jsonschema  # type: ignore[import-untyped]  # noqa: F401
    finally:
        del sys.modules[_GRAMMAR]
