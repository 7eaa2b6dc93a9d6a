"""Personal data of customers in text: what it looks like, and the one mask, wherever a text is stored, shown or sent.

Lowest floor, so that errors, the store and every page can use it. Masks need no settings but the list of what the
bank itself states as public. Whole values are masked by `values`, which no kernel of a paper loads.
"""

from xiaobao.personal.finding import Found, find_personal, hide, mask
from xiaobao.personal.narrowing import public_values, state_public

__all__ = ["Found", "find_personal", "hide", "mask", "public_values", "state_public"]
