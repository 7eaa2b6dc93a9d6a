"""What managers and readers see: views for notebooks, the overview board, the Voila pages. Pages draw, never compute.

Kept light: a batch kernel imports the views, and pays for the board only when it draws one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiaobao.pages.address import page_parameters

if TYPE_CHECKING:
    from xiaobao.pages.overview import Board, DrawnBoard
    from xiaobao.scorecard import Overview

__all__ = ["board", "page_parameters"]


def board(overview: Overview) -> Board | DrawnBoard:
    """Return the overview board of one period, to be shown by a notebook."""
    from xiaobao.pages.overview import drawn_board

    return drawn_board(overview)
