"""What every value is made of."""

from __future__ import annotations

from typing import dataclass_transform

import msgspec

from xiaobao.written.strict import KeywordOnly


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, metaclass=KeywordOnly, frozen=True, omit_defaults=True):
    """A frozen value: quick to declare and to read and write as JSON, where fields at their defaults are left out.

    Fields are given by name, so that two of one type can never change places unnoticed.
    A default is told by identity, which holds for what exists once: None, flags, small numbers, codes, "" and (), and
    an empty `{}`.
    """
