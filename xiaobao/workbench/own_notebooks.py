"""An analyst's own notebook in the workspace, and whether it can become a work paper of each unit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.personal import find
from xiaobao.workbench.paper_names import OTHER_DOMAIN
from xiaobao.workbench.workspace import Workbench, shipped

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
    if find(name):
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
