"""Personal data of customers in text: what it looks like, and the one mask at every door that a text leaves by.

Lowest floor, so that errors, the store and every page can use it. Masks need no settings but the list of what the
bank itself states as public.
"""

from xiaobao.personal.finding import Found, find_personal, hide, mask
from xiaobao.personal.narrowing import public_values, state_public
from xiaobao.personal.values import masked, masked_plain

__all__ = ["Found", "find_personal", "hide", "mask", "masked", "masked_plain", "public_values", "state_public"]
