"""HTML that is escaped by construction: only `tag` makes markup, and every plain text that goes in is escaped."""

from __future__ import annotations

from html import escape

STYLE = """
.xb-view{color:#1f2937;background:#fff;font:14px/1.6 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",
"Source Han Sans SC",sans-serif;margin:.25em 0 1em;max-width:1180px}
.xb-view h3{font-size:16px;line-height:1.5;margin:.6em 0 .3em;color:#173a5e}
.xb-view p{margin:.3em 0;max-width:60em}
.xb-view table{border-collapse:collapse;margin:.35em 0;width:100%;font-size:13px;text-align:left}
.xb-view caption{text-align:left;color:#4b5563;padding:.15em 0;caption-side:bottom}
.xb-view th,.xb-view td{border-bottom:1px solid #dbe1e8;padding:.34em .6em;text-align:left;vertical-align:top;
white-space:normal;overflow-wrap:anywhere}
.xb-view thead th{background:#eef2f6;color:#173a5e;font-weight:600;border-bottom:1px solid #b6c2cf}
.xb-view tbody tr{background:#fff}
.xb-view .num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.xb-view .short{white-space:nowrap}
.xb-view .bad{color:#a4161a;font-weight:600}
.xb-view .good{color:#17613a}
.xb-view .muted{color:#5b6672}
.xb-view .bar{position:relative;display:block;height:10px;min-width:110px;background:#e6ebf0;margin-top:5px}
.xb-view .bar b{position:absolute;left:0;top:0;bottom:0;background:#3b6ea5}
.xb-view .bar b.bad{background:#b3261e}
.xb-view .bar i{position:absolute;top:-3px;bottom:-3px;width:2px;background:#1f2937}
.xb-view .big{font-size:30px;line-height:1.2;font-weight:600;font-variant-numeric:tabular-nums}
.xb-view .facts{display:flex;flex-wrap:wrap;gap:.4em 2.2em;margin:.4em 0}
.xb-view .facts dt{color:#5b6672;font-size:12px;font-weight:400}
.xb-view .facts dd{margin:0}
@media print{.xb-view{max-width:none;font-size:10.5pt}.xb-view tr{break-inside:avoid}
.xb-view thead{display:table-header-group}.xb-view .bar,.xb-view .bar b,.xb-view th{print-color-adjust:exact}}
""".replace("\n", "")


class Html(str):
    """Text that is markup already; made by `tag` and `join` alone."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Html:
    """Return element `name` with `children`; plain text is escaped. `class_` gives the class, empty ones are left."""
    given = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items() if value)
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def sheet(*children: str) -> Html:
    """Return the frame of a view, with the one style that all views share."""
    return tag("div", Html(f"<style>{STYLE}</style>"), *children, class_="xb-view", lang="zh-CN")
