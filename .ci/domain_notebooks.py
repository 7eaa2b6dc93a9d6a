"""Render the five core notebooks from their one source, `notebooks/domain.ipynb`; `.ci/notebooks.py` executes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xiaobao.labels import DOMAINS
from xiaobao.workbench.domain_notebooks import domain_notebook, notebook_text, read_source
from xiaobao.workbench.places import NOTEBOOKS

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
AIMS = {
    "disclosure": "核对收费、价目、宣传物料、贷款和合同中的信息披露，给出得分和扣分原因。",
    "suitability": "核对产品销售、风险测评和代理保险的适当性，给出得分和扣分原因。",
    "information_security": "核对征信查询、系统账号和营销短信中的个人信息保护，给出得分和扣分原因。",
    "complaints": "核对投诉台账和转办清单的登记、时限、告知和回避，给出得分和扣分原因。",
    "special_groups": "核对老年人、残障人士和未成年人服务，以及无障碍设施和人工窗口，给出得分和扣分原因。",
}
# What the feature `complaints` adds: its part of the paper. (id, heading, sentence, code)
_LEDGER = (
    (
        "ledger-totals",
        "统计投诉总量",
        "按写明的口径计数：有效 = 新增 − 重复 − 撤诉；未计入的行列出原因。",
        "xb.views.ledger_totals(paper.ledger)",
    ),
    (
        "ledger-facets",
        "分类统计投诉",
        "来源、渠道、业务类别、原因分开统计；不在官方名录的值列为“未归类”，不并入“其他”。",
        "xb.views.ledger_facets(paper.ledger)",
    ),
    (
        "ledger-times",
        "统计办理时效",
        "按适用的法规和复杂程度分别计算，比率写明分母。",
        "xb.views.ledger_timeliness(paper.ledger)",
    ),
    (
        "ledger-spots",
        "查看突增",
        "用统计检验判断是否明显多于以前；件数过少的不作判断。",
        "xb.views.ledger_hot_spots(paper.ledger)",
    ),
)
FURTHER = {"complaints": _LEDGER}


def cells_of(domain: str) -> list[dict[str, Any]]:
    """Return the cells that a domain has beside those of the source."""
    made: list[dict[str, Any]] = []
    for name, heading, sentence, code in FURTHER.get(domain, ()):
        text = f"## {heading}\n\n{sentence}".splitlines(keepends=True)
        made.append({"cell_type": "markdown", "id": f"{name}-md", "metadata": {}, "source": text})
        made.append(
            {
                "cell_type": "code",
                "execution_count": None,
                "id": name,
                "metadata": {"jupyter": {"source_hidden": True}},
                "outputs": [],
                "source": [code],
            }
        )
    return made


def rendered() -> dict[str, dict[str, Any]]:
    """Return file name → notebook, not executed, for the five core domains."""
    source = read_source(FOLDER)
    return {
        f"{NOTEBOOKS[domain]}.ipynb": domain_notebook(source, domain, DOMAINS[domain], AIMS[domain], cells_of(domain))
        for domain in NOTEBOOKS
    }


def sources(plain: dict[str, Any]) -> list[tuple[str, str, list[str], str]]:
    """Return of each cell what a person wrote: kind, id, tags, text."""
    return [
        (one["cell_type"], one["id"], one["metadata"].get("tags", []), "".join(one["source"])) for one in plain["cells"]
    ]


def render() -> list[str]:
    """Write those that are not what the source says; return their names. Their outputs are to be made anew."""
    changed = []
    for name, plain in rendered().items():
        path = FOLDER / name
        if not path.is_file() or sources(json.loads(path.read_text("utf-8"))) != sources(plain):
            path.write_text(notebook_text(plain), "utf-8")
            changed.append(name)
    return changed
