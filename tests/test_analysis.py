"""分析台: `xb.…` hands an analyst tables of what he may see, under heads he reads, and refuses in words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xiaobao as xb
from tests.factories.analysis import REGISTER, analysed_bank
from tests.factories.inspections import PERIOD
from tests.factories.people import acting_as
from tests.factories.poison import MOBILE
from tests.factories.rights import BELOW, LATER, OTHER, OWN
from xiaobao.datasets.catalogue import CATALOGUE
from xiaobao.errors import InputError, NotAllowed
from xiaobao.feature_list import FEATURES
from xiaobao.features.analysis import extract_tables, fonts, picking, recorded, trials
from xiaobao.personal import find_personal
from xiaobao.workbench.workspace import Workbench, open_workbench

# Every function of the bench by which records of units come out; a new one without a line here fails the test below.
TABLES: dict[str, Callable[..., pd.DataFrame]] = {
    "table": lambda **asked: xb.table("complaints", **asked),
    "try_check": lambda **asked: xb.try_check(lambda rows: rows, "complaints", **asked),
    "scores": xb.scores,
    "findings": xb.findings,
    "answers": xb.answers,
    "leads": xb.leads,
}
ALL = sorted(TABLES)
ROOMS = """
import xiaobao as xb
{}
import xiaobao.datasets as one, xiaobao.findings as other, xiaobao.datasets.catalogue, inspect, sys
from pytest import MonkeyPatch, raises
for name, room, inside in (("datasets", one, "catalogue"), ("findings", other, "finding_id")):
    verb = getattr(xb, name)
    assert room is verb is sys.modules[f"xiaobao.{{name}}"] and inspect.ismodule(room)
    assert set(inspect.signature(verb).parameters) >= {{"period", "headings"}}
    assert "检查" in verb.getdoc()
    with MonkeyPatch.context() as patch:
        patch.setattr(f"xiaobao.{{name}}.{{inside}}", 7)
        assert getattr(room, inside) == 7
    assert getattr(room, inside) != 7
    with raises(xb.errors.XiaobaoError, match="找不到工作区"):
        verb(workspace="/nowhere")
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return analysed_bank(tmp_path_factory.mktemp("analysis") / "bank")


@pytest.fixture
def as_person(bank: Workbench, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let `xb.…` answer to a person of the register, on the store opened for reading."""

    def act(login: str) -> None:
        opened = acting_as(open_workbench(bank.home, read_only=True), login)
        for module in (extract_tables, recorded, trials, picking):
            monkeypatch.setattr(module, "bench_at", lambda workspace: opened)

    return act


def test_every_function_of_the_bench_is_tried_below() -> None:
    assert set(FEATURES["analysis"].opens) == {*TABLES, "datasets", "pick", "chart_fonts"}
    assert set(FEATURES["analysis"].opens) <= set(dir(xb))


@pytest.mark.parametrize("first", ["xb.{0}", "import xiaobao.{0}"])
def test_a_room_of_a_verbs_name_stays_a_module(first: str) -> None:
    """`xb.findings()` asks and `xiaobao.findings` is the module, whichever is used first."""
    code = ROOMS.format("\n".join(first.format(name) for name in ("datasets", "findings")))
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ALL)
def test_a_branch_gets_its_own_rows_alone(name: str, bank: Workbench, as_person: Callable[[str], None]) -> None:
    mine, other = [OWN, BELOW], OTHER
    as_person("office")
    assert set(TABLES[name](period=PERIOD)["机构号"]) - {"01"} == {OWN, BELOW, OTHER}  # head office has no rows
    whole = TABLES[name](period=PERIOD, unit=mine)
    as_person("filler")
    seen = TABLES[name](period=PERIOD)
    assert set(seen["机构号"]) == set(mine)
    pd.testing.assert_frame_equal(seen, whole)
    with pytest.raises((InputError, NotAllowed), match="没有这个机构，或您不能查看"):
        TABLES[name](period=PERIOD, unit=other)
    with pytest.raises((InputError, NotAllowed), match="没有这个机构，或您不能查看"):
        TABLES[name](period=PERIOD, unit=[OWN, "不存在"])


@pytest.mark.parametrize("name", ALL)
def test_who_may_see_nothing_is_told_why(name: str, bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("admin")
    with pytest.raises(NotAllowed, match=r"系统管理员|不能|没有"):
        TABLES[name](period=PERIOD)


def test_a_branch_counts_its_own_rows_alone(bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("office")
    whole = xb.datasets(period=PERIOD).set_index("数据集")
    as_person("filler")
    counted = xb.datasets(period=PERIOD).set_index("数据集")
    assert list(counted.index) == list(whole.index)
    for name in counted.index[counted["记录数"].notna()]:
        assert counted.loc[name, "有记录的机构数"] <= 2
        assert counted.loc[name, "记录数"] <= whole.loc[name, "记录数"]
    asked = ["有记录的机构数", "记录数"]
    for name in ("complaints", "product_sales", REGISTER):
        assert (counted.loc[name, asked].tolist(), whole.loc[name, asked].tolist()) == ([2, 3], [3, 5])


def test_whose_rows_a_whole_register_holds_is_asked_too(bank: Workbench, as_person: Callable[[str], None]) -> None:
    """Registers stay in one file for the bank, and reference data have no unit at all."""
    assert next(one.whole for one in CATALOGUE if one.name == REGISTER)
    as_person("filler")
    assert set(xb.table(REGISTER, period=PERIOD, headings="代码")["unit"]) == {OWN, BELOW}
    with pytest.raises(NotAllowed, match="全行参考数据"):
        xb.table("price_list", period=PERIOD)
    as_person("office")
    assert len(xb.table("price_list", period=PERIOD))


def test_columns_have_their_types_and_either_heads(bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("office")
    sales = xb.table("产品销售", period=PERIOD, headings="代码")
    assert str(sales["sold_on"].dtype).startswith("datetime64")
    assert isinstance(sales["amount"].dropna().iloc[0], Decimal)
    assert isinstance(sales["product_type"].dtype, pd.CategoricalDtype)
    assert {"birth_date", "id_number"}.isdisjoint(sales)
    assert list(xb.table("product_sales", period=PERIOD).columns[:2]) == ["交易流水号", "机构号"]
    totals = xb.scores(period=PERIOD, headings="代码")
    assert all(isinstance(one, Decimal) for one in totals["score"].dropna())
    assert isinstance(xb.findings(period=PERIOD, headings="代码")["points_lost"].iloc[0], Decimal)


def test_no_table_holds_what_is_personal(bank: Workbench, as_person: Callable[[str], None]) -> None:
    """Business keys stay clear, so that a record can be checked: a staff number may look like a passport's."""
    as_person("office")
    keys = {column.title for one in CATALOGUE for column in one.columns if column.kind == "id"}
    for name, one in TABLES.items():
        shown = one(period=PERIOD)
        texts = (
            shown.drop(columns=[head for head in shown if head in keys])
            .select_dtypes(include=["object", "string"])
            .to_numpy()
            .ravel()
        )
        assert not [text for text in set(map(str, texts)) if find_personal(text)], name


def test_changing_a_table_changes_nothing_else(bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("office")
    first = xb.table("complaints", period=PERIOD)
    first["机构号"] = "改"
    assert "改" not in set(xb.table("complaints", period=PERIOD)["机构号"])


def test_no_dataset_has_two_columns_of_one_head() -> None:
    for one in CATALOGUE:
        titles = [column.title for column in (*one.columns, *one.derived)]
        assert len(set(titles)) == len(titles), one.name


def words_of(picker: Any, name: str) -> list[str]:
    return [words for words, _ in picker._lists[name].options]


def test_the_pickers_offer_what_one_may_see_and_nothing_else(bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("office")
    picked = xb.pick(dataset="投诉台账", period=PERIOD)
    assert (picked.dataset, picked.unit, picked.period) == ("complaints", "", PERIOD)
    assert "服务价目" in words_of(picked, "dataset") and len(picked.table()) == 5
    assert {words.partition(" ")[0] for words in words_of(picked, "unit")} >= {OWN, BELOW, OTHER}
    as_person("filler")
    picked = xb.pick(dataset="complaints", period=PERIOD)
    assert {words.partition(" ")[0] for words in words_of(picked, "unit")[1:]} == {OWN, BELOW}
    assert "服务价目" not in words_of(picked, "dataset")
    assert "3 行" in picked._shown.value and MOBILE not in picked._shown.value
    with pytest.raises((InputError, NotAllowed), match="没有这个机构，或您不能查看"):
        xb.pick(unit=OTHER, period=PERIOD)
    as_person("admin")
    with pytest.raises(NotAllowed):
        xb.pick(period=PERIOD)


def test_choosing_anew_shows_other_rows_and_gives_way_where_there_are_none(
    bank: Workbench, as_person: Callable[[str], None]
) -> None:
    as_person("office")
    picked = xb.pick(dataset="complaints", period=PERIOD)
    picked.choose(unit=BELOW)
    assert "1 行" in picked._shown.value and set(picked.table()["机构号"]) == {BELOW}
    assert repr(picked).startswith("<选数：数据集 投诉台账，机构 0")
    picked.choose(period=LATER)  # nothing was imported for it
    assert picked.period == LATER and picked.dataset != "complaints"
    assert f"{LATER} 没有您可以查看的数据" in picked._shown.value
    with pytest.raises(InputError, match=f"{LATER} 没有您可以查看的数据"):  # and not that there is no dataset ""
        picked.table()


def test_data_that_wait_for_a_run_are_said_to_and_not_that_there_is_no_such_dataset(
    bank: Workbench, as_person: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after new data or another release of the program: the code of the cut is not the one that made it."""
    monkeypatch.setattr("xiaobao.workbench.cutting._code_digest", lambda: "another release")
    as_person("office")
    picked = xb.pick(period=PERIOD)
    words = f"{PERIOD} 的数据或程序有变化，还没有重新运行：请先运行 xiaobao run --period {PERIOD}"
    assert picked.dataset == "" and words in picked._shown.value
    with pytest.raises(InputError, match=words):
        xb.table(picked.dataset, period=PERIOD)
    with pytest.raises(ValueError, match="没有这个选项"):
        picked.choose(unit="不存在")


def test_charts_have_chinese_letters_or_say_that_they_have_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import warnings

    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    known = {entry.name: entry.fname for entry in font_manager.fontManager.ttflist}
    with mpl.rc_context():
        xb.chart_fonts()
        assert capsys.readouterr().out == ("" if fonts.chinese_font(known) else fonts._NONE + "\n")
        if fonts.chinese_font(known):
            figure = Figure()
            figure.text(0, 0, "消保投诉件数（−1 件）")
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a letter that the font has not
                FigureCanvasAgg(figure).draw()
    latin = {"DejaVu Sans": known["DejaVu Sans"], "Noto Sans CJK SC": "/nowhere.ttc"}
    assert fonts.chinese_font(latin) == ""
    monkeypatch.setattr(fonts, "chinese_font", lambda known: "")
    with mpl.rc_context():
        xb.chart_fonts()
    assert "本机没有中文字体" in capsys.readouterr().out


def test_wrong_wishes_are_answered_in_words(bank: Workbench, as_person: Callable[[str], None]) -> None:
    as_person("office")
    for wish, words in (
        ({"dataset": "投诉"}, "没有这个数据集"),
        ({"dataset": "complaints", "period": PERIOD, "headings": "英文"}, "中文、代码"),
        ({"dataset": "complaints", "unit": 101}, "读成了数字"),
        ({"dataset": "complaints", "unit": "不存在"}, "没有这个机构"),
        ({"dataset": "complaints", "period": "去年"}, "去年"),
    ):
        with pytest.raises(InputError, match=words):
            xb.table(**wish)


def test_the_examples_of_the_library_page_run_as_they_stand(bank: Workbench, as_person: Callable[[str], None]) -> None:
    """In their order, as head office; every function of the bench has one."""
    page = (Path(__file__).parents[1] / "docs" / "library.md").read_text("utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    as_person("office")
    known: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "docs/library.md", "exec"), known)
    for name in FEATURES["analysis"].opens:
        assert any(f"xb.{name}(" in example for example in examples), name
