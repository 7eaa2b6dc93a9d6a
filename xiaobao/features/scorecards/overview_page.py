"""One self-contained overview.html: the figures, the page's own script and style, nothing to be asked of anybody."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from xiaobao.features.scorecards.gathering import CampaignBook

AUDIENCE_BANK = "总行（全部机构）"
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"
)
_PAGES = "".join(
    f' <a class="screen" hidden data-served="{page}.ipynb">{words}</a>'
    for page, words in (
        ("my_work", "我的工作"),
        ("head_office", "总行汇总"),
        ("leads", "疑点"),
        ("corrective_actions", "整改"),
    )
)
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}"><link rel="icon" href="data:,">
<title>{title}</title><style>{style}
{running}</style></head><body>
<header><h1>{heading}</h1><p id="state"></p><p><span class="who-for">本页仅供：{audience}</span>
{links}{pages}</p></header>
<nav id="bar" class="filters" aria-label="筛选"></nav>
<p id="count" class="note" aria-live="polite"></p><p id="crumbs"></p>
<main><div id="tiles" class="tiles"></div><p id="finding"></p>
<h2>名次与热力图（机构 × 检查域）</h2>
<p class="note">名次在同一层级有得分的机构之间排列；点机构看其得分页，点格看该机构的这个检查域。
<button type="button" id="copy" class="small">复制表格</button></p>
<div id="legend"></div><div id="ranking"></div>
<h2>分布与走势</h2><div class="charts">
<div id="grades"></div><div id="scores"></div><div id="spread"></div><div id="trend"></div></div>
<h2>要盯住的</h2><div class="lists"><div id="unscored"></div><div id="failed"></div><div id="overdue"></div>
<div id="repeats"></div><div id="common"></div></div>
<h2>说明</h2><ul id="notes"></ul></main><div id="tip" role="tooltip" hidden></div>
<noscript><p>本页需要浏览器允许脚本；数字也在各机构的得分页和汇总工作簿中。</p></noscript>
<script id="data" type="application/json">{data}</script><script>{script}</script></body></html>
"""


@cache
def part(name: str) -> str:
    """Return a file of this room: the style or the script of pages."""
    return (_HERE / name).read_text("utf-8")


def running_head(text: str) -> str:
    """Return the style of the running head and the page numbers on paper."""
    said = text.replace("\\", "").replace('"', "”").replace("<", "").replace("\n", " ")
    return (
        f'@page{{@top-left{{content:"{said}";font-size:9px}}'
        '@bottom-center{content:"第 " counter(page) " 页，共 " counter(pages) " 页";font-size:9px}}'
    )


def overview_page(book: CampaignBook, data: dict[str, Any], top: str, audience: str) -> str:
    """Return the page of a subtree, of the bank with `top` "". `data` holds nothing of units outside it."""
    carried = {**data, "up": "../" * (2 + bool(top))}
    text = json.dumps(carried, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    name = book.units[top].name if top else book.bank
    heading = f"{name} · 消保自查总览"
    return _PAGE.format(
        policy=_POLICY,
        title=escape(f"{heading} {book.whole.when}"),
        style=part("page.css"),
        running=running_head(f"{heading}　{book.whole.when}　仅供：{audience}"),
        heading=escape(heading),
        audience=escape(audience),
        links=f' <a class="screen" href="scorecard.html">{escape(name)}的得分页</a>' if top else "",
        data=text.replace("\u2028", " ").replace("\u2029", " "),
        pages=_PAGES,
        script=part("served.js") + part("overview.js"),
    )
