"""`xiaobao pages`: write the static scorecards anew where they are behind."""

from __future__ import annotations

from typing import Annotated

import typer

from xiaobao.features.scorecards.writing import renew
from xiaobao.terminal.output import CampaignOption, JsonOption, bench, out, say


def pages(
    period: Annotated[str | None, typer.Option("--period", help="检查期间，默认全部有变化的")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the pages of a campaign, or of all that moved on. Raises NotAllowed without the right to run papers."""
    wb = bench()
    wb.look("papers.run")
    done = renew(wb, wb.campaign(period, campaign) if period or campaign else None)
    plain = {"written": done.written, "kept": done.kept, "removed": done.removed}
    out(plain, as_json, lambda: say("\n".join([done.text(), *(f"  {folder}" for folder in done.folders)])))
