"""The notebook of a domain, made from one source: `notebooks/domain.ipynb`, which takes the domain as a parameter.

The five core notebooks are rendered from it by `make notebooks`; a bank's own domain gets its own by
`xiaobao checklist notebook`. They differ in a title, a sentence, the domain's name, and what a feature adds.
An analyst's own notebook can become a work paper of each unit, too: `own_notebooks` names those that can.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xiaobao.errors import Fault, InputError, WorkspaceError, machine_words
from xiaobao.files import write_text
from xiaobao.labels import domain_title
from xiaobao.personal import find_personal, mask
from xiaobao.workbench.places import NOTEBOOKS, OTHER_DOMAIN, own_domain_notebook
from xiaobao.workbench.workspace import Workbench, read_checklist, shipped

Notebook = dict[str, Any]
_AFTER = "xb.views.leads(paper)"  # where what a feature adds has its place
_PARAMETER = 'domain = "complaints"'


def read_source(folder: Path) -> Notebook:
    """Read the one source in a folder of notebooks. Raises WorkspaceError where it is lost or damaged."""
    path = folder / f"{OTHER_DOMAIN}.ipynb"
    try:
        plain: Notebook = json.loads(path.read_text("utf-8"))
        _heading(plain)
        return plain
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        why = machine_words(error) if isinstance(error, OSError) else "内容读不出来"
        raise WorkspaceError(Fault(f"笔记本 {path.name} {why}，请从安装包恢复", file=str(path))) from error


def domain_notebook(
    source: Mapping[str, Any], domain: str, title: str, aim: str, further: Sequence[Mapping[str, Any]] = ()
) -> Notebook:
    """Return the notebook of one domain, not executed: `aim` says in one sentence what it checks.

    `further` are cells that stand after the leads.
    """
    plain: Notebook = copy.deepcopy(dict(source))
    heading = _heading(plain)
    who = _text(heading).split("\n\n", 2)[2]
    heading["source"] = _lines(f"# {title}检查底稿\n\n{aim}\n\n{who}")
    cells: list[dict[str, Any]] = []
    for cell in plain["cells"]:
        if cell["cell_type"] == "code":
            text = "\n".join(line for line in _text(cell).split("\n") if line != _PARAMETER)
            text = text.replace("xb.open_paper(domain, ", f"xb.open_paper({json.dumps(domain)}, ")
            cell.update(source=_lines(text), outputs=[], execution_count=None)
        cells.append(cell)
        if cell["cell_type"] == "code" and _text(cell) == _AFTER:
            cells += [copy.deepcopy(dict(one)) for one in further]
    return plain | {"cells": cells}


def write_domain_notebook(wb: Workbench, domain: str, replace: bool = False) -> Path:
    """Write the notebook of a bank's own domain into the workspace, from where a run takes it; return its place.

    Raises InputError for a core domain, for one that no published checklist has, and where it is there already.
    """
    wb.look("checklist.publish")
    if domain in NOTEBOOKS:
        raise InputError(Fault("五个核心检查域已有笔记本，直接改工作区 notebooks 中的即可", value=domain))
    titles = _own_domains(wb)
    if domain not in titles:
        known = "、".join(f"{name}（{title}）" for name, title in titles.items()) or "还没有，请先发布本行的检查表"
        raise InputError(Fault("没有已发布的检查表属于这个检查域", value=domain, allowed=known))
    path = wb.home / "notebooks" / f"{own_domain_notebook(domain)}.ipynb"
    if path.exists() and not replace:
        raise InputError(Fault("这个检查域已有笔记本，没有改动；要重新生成请加 --replace", file=path.name))
    title = mask(titles[domain])
    aim = f"核对{title}的填报、数据检查和疑点，给出得分和扣分原因。"
    plain = domain_notebook(read_source(shipped("notebooks")), domain, title, aim)
    try:
        path.parent.mkdir(exist_ok=True)
        write_text(path, notebook_text(plain))
    except OSError as error:
        raise WorkspaceError(Fault(f"不能写入笔记本：{machine_words(error)}", file=str(path))) from error
    return path


def notebook_text(plain: Mapping[str, Any]) -> str:
    """Return the text of a notebook's file, as JupyterLab writes it."""
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _own_domains(wb: Workbench) -> dict[str, str]:
    """Return domain → its name, of those with a published sheet that share the source."""
    sheets = [read_checklist(one.content) for one in wb.store.list_published("checklist")]
    return {one.domain: domain_title(one.domain, one.title) for one in sheets if one.domain not in NOTEBOOKS}


def _heading(plain: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(cell for cell in plain["cells"] if cell["cell_type"] == "markdown")
    return found


def _text(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


_SUFFIX = ".ipynb"
_PARAMETERS = "parameters"
_LONGEST = 60


def own_notebooks(wb: Workbench, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of notebooks of the workspace that are to be run for each unit, each once, without suffix.

    Raises InputError naming every one that is not there, is shipped, or has no cell of parameters.
    """
    wanted = dict.fromkeys(name.strip().removesuffix(_SUFFIX) for name in names)
    taken = {path.stem for path in shipped("notebooks").glob(f"*{_SUFFIX}")} - {"explore"} if wanted else set()
    faults = [fault for name in wanted for fault in _faults(wb.home / "notebooks", name, taken)]
    if faults:
        raise InputError(faults)
    return tuple(wanted)


def _faults(folder: Path, name: str, taken: set[str]) -> Sequence[Fault]:
    path = folder / f"{name}{_SUFFIX}"
    if not name or Path(name).name != name or name.startswith(".") or len(name) > _LONGEST:
        return [Fault("笔记本名称写法不对", value=name, allowed=f"工作区 notebooks 里的文件名，不超过 {_LONGEST} 个字")]
    if name in taken or name.startswith(f"{OTHER_DOMAIN}-"):
        return [Fault("这是随程序提供的笔记本或检查域的底稿，不用另外指定", value=name)]
    if find_personal(name):
        return [Fault("笔记本名称里有个人信息，请改名")]
    if not path.is_file():
        return [Fault("工作区的 notebooks 里没有这个笔记本", value=f"{name}{_SUFFIX}")]
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        tagged = any(_PARAMETERS in cell["metadata"].get("tags", ()) for cell in cells if cell["cell_type"] == "code")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [Fault("笔记本已损坏，读不出来", value=path.name)]
    if not tagged:
        how = "给写着 unit、period 的单元格加上标签 parameters（属性检查器里），否则每个机构的底稿都一样"
        return [Fault("笔记本没有参数单元格", value=path.name, allowed=how)]
    return ()
