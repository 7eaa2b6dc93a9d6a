"""A checklist means what its text says, and its published text is one and the same however it was written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert, structs

from tests.factories.checklists import CHECKLIST, KNOWN_CHECKS, REGULATIONS, changed, written
from xiaobao.checklist.canonical import canonical, from_canonical, sha256
from xiaobao.checklist.citations import PRACTICE, citation_text, suggestion_only
from xiaobao.checklist.models import Checklist, Citation, Item, Regulations, Scheme
from xiaobao.checklist.reading import load_checklist, load_regulations, load_scheme
from xiaobao.errors import ChecklistError
from xiaobao.written import yaml_files

ROOT = Path(__file__).parents[1]


@pytest.fixture
def sound(tmp_path: Path) -> Checklist:
    """The factory's checklist, read."""
    return load_checklist(written(tmp_path, CHECKLIST), REGULATIONS, KNOWN_CHECKS)


def test_numbers_days_and_ids_keep_what_was_written(tmp_path: Path) -> None:
    """Quoted ids stay text with their zeros; points are exact decimals."""
    text = changed(
        ("- id: C-02", '- id: "001"'),
        ("        points: 6\n", "        points: 5.50\n"),
        ("        points: 4\n", "        points: 4.5\n"),
    )
    first, second = load_checklist(written(tmp_path, text)).items()
    assert second.id == "001"
    assert first.points == Decimal("5.50")
    assert (first.points, second.points) == (Decimal("5.5"), Decimal("4.5"))


def test_a_bom_is_no_fault(tmp_path: Path) -> None:
    """Editors on Windows put one in front."""
    assert load_checklist(written(tmp_path, b"\xef\xbb\xbf" + CHECKLIST.encode())).id == "complaints"


def test_without_register_and_checks_only_the_sheet_itself_is_held_to_account(tmp_path: Path) -> None:
    """A bank may draft before its checks exist; publishing hands in both."""
    text = changed(
        ("checks: [complaints.overdue]", "checks: [complaints.of_our_own]"),
        ("              - id: complaints.overdue", "              - id: complaints.of_our_own"),
    )
    assert load_checklist(written(tmp_path, text)).items()[0].checks == ("complaints.of_our_own",)


def test_the_slower_parser_reads_the_same(sound: Checklist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML comes without its C library, the pure one gives the same checklist."""
    monkeypatch.setattr(yaml_files, "_LOADER", yaml.SafeLoader)
    assert canonical(load_checklist(written(tmp_path, CHECKLIST))) == canonical(sound)
    with pytest.raises(ChecklistError, match="第 2 行：缩进用了制表符"):
        load_checklist(written(tmp_path, "id: a\n\ttitle: b\n"))
    with pytest.raises(ChecklistError, match="第 2 行：引号没有闭合"):
        load_checklist(written(tmp_path, 'id: a\ntitle: "b\n'))


# --- the one text -----------------------------------------------------------------------------------------------------


def test_comments_key_order_and_stated_defaults_change_nothing(sound: Checklist, tmp_path: Path) -> None:
    """Only what a checklist says counts."""
    reordered = dict(reversed(list(yaml.load(CHECKLIST, Loader=yaml.BaseLoader).items())))
    lines = "# 注释\n" + yaml.safe_dump(reordered, allow_unicode=True, sort_keys=True, default_style='"')
    defaults = changed(
        ("        severity: high\n", "        severity: high\n        floor: true\n        practice: false\n"),
        ("total: 10\n", "total: 10.00   # 满分\nnot_applicable: expand\n"),
    )
    for text in (lines, defaults):
        assert sha256(load_checklist(written(tmp_path, text))) == sha256(sound)


def test_what_an_inspector_would_read_differently_changes_the_hash(sound: Checklist, tmp_path: Path) -> None:
    """A rate, a word, the order of items: each is another content."""
    hashes = {sha256(sound)}
    for change in (("rate: 2", "rate: 3"), ("title: 接待环境", "title: 接待条件"), ("share: 0\n", "share: 0.5\n")):
        hashes.add(sha256(load_checklist(written(tmp_path, changed(change)))))
    assert len(hashes) == 4


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool),
    st.decimals(0, 1, places=3),
)
def test_canonical_text_reads_back_to_the_same_checklist(title: str, share: Decimal) -> None:
    """Whatever the words and numbers, publishing and reading back loses nothing."""
    plain = yaml.load(CHECKLIST, Loader=yaml.BaseLoader)
    plain["title"] = title
    plain["sections"][0]["items"][1]["rules"][0]["options"][1]["share"] = str(share)
    checklist = convert(plain, Checklist, strict=False)
    text = canonical(checklist)
    assert from_canonical(text) == checklist
    assert canonical(from_canonical(text)) == text


def test_schemes_and_registers_have_one_text_too() -> None:
    """Everything that is published reads back."""
    scheme = load_scheme(ROOT / "checklists/schemes/self-inspection-2026.yaml")
    register = load_regulations(ROOT / "checklists/regulations.yaml")
    assert from_canonical(canonical(scheme), Scheme) == scheme
    assert from_canonical(canonical(register), Regulations) == register


def test_altered_published_content_is_refused(sound: Checklist) -> None:
    """A key that was never there is not read as a checklist."""
    with pytest.raises(ChecklistError, match="无法读取"):
        from_canonical(canonical(sound)[:-1] + ',"extra":1}')


def test_the_text_of_what_is_published_never_changes(sound: Checklist) -> None:
    """Inspections hold their checklist by this hash: no change of ours may touch a byte of it."""
    assert sha256(sound) == "81febeb247e9c504dee038dafac20ec530e0af7e3ffbdb31b9adddd9cae38f25"


# --- citations --------------------------------------------------------------------------------------------------------


def item(sound: Checklist, *citations: tuple[str, str], practice: bool = False) -> Item:
    cited = tuple(Citation(document=document, article=article) for document, article in citations)
    return structs.replace(sound.items()[0], citations=cited, practice=practice)


def test_a_citation_is_printed_with_name_number_and_article(sound: Checklist) -> None:
    """As a report's reader wants to find it."""
    printed = citation_text(REGULATIONS, item(sound, ("3号令", "第十八条"), ("老年人权益保障法", "第五十八条")))
    assert printed == (
        "《银行业保险业消费投诉处理管理办法》（银保监会令2020年第3号）第十八条；《中华人民共和国老年人权益保障法》第五十八条"
    )


@pytest.mark.parametrize("citation", [("110号", "第四条"), ("3号令", "第九十九条"), ("无此文件", "第一条")])
def test_what_nobody_verified_is_printed_without_its_article(citation: tuple[str, str], sound: Checklist) -> None:
    """A wrong article number is worse than none."""
    printed = citation_text(REGULATIONS, item(sound, citation))
    assert "引用未核实" in printed
    assert citation[1] not in printed


def test_practice_is_called_practice(sound: Checklist) -> None:
    """An item without article says so and yields only suggestions."""
    practice = item(sound, practice=True)
    assert citation_text(REGULATIONS, practice) == PRACTICE
    assert suggestion_only(REGULATIONS, practice)


def test_encouraging_articles_alone_yield_only_suggestions(sound: Checklist) -> None:
    """One binding article beside them is enough for more."""
    assert suggestion_only(REGULATIONS, item(sound, ("老年人权益保障法", "第五十八条")))
    assert suggestion_only(REGULATIONS, item(sound, ("110号", "第四条")))
    assert not suggestion_only(REGULATIONS, item(sound, ("老年人权益保障法", "第五十八条"), ("3号令", "第十八条")))


def test_an_older_article_carries_an_item_before_the_newer_is_in_force(tmp_path: Path) -> None:
    """Both are cited; the item needs no date of its own."""
    old = "          - document: 3号令\n            article: 第十八条\n"
    text = changed((old, old + "          - {document: 适当性办法, article: 第二十九条}\n"))
    assert load_checklist(written(tmp_path, text), REGULATIONS, KNOWN_CHECKS)


# --- schemes and registers --------------------------------------------------------------------------------------------

SCHEME = """\
id: s
version: "1"
title: 方案
weights: {a: 60, b: 40}
grades:
  - {id: A, label: 优秀, at_least: 80}
  - {id: B, label: 其他, at_least: 0}
rollup: {own: 0.5}
"""


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("b: 40", "b: 39.99"), 4, "合计 99.99"),
        (("b: 40", "b: 0"), 4, "分值不能为 0"),
        (("at_least: 0}", "at_least: 10}"), 5, "最低等级"),
        (("at_least: 0}", "at_least: 80.0}"), 7, "等级下限“80”重复，第 6 行已有"),
        (("id: B", "id: a"), 7, "只差大小写"),
        (("own: 0.5", "own: 1.5"), 8, "不能大于 1"),
    ],
)
def test_a_scheme_is_held_to_its_sums_and_bands(change: tuple[str, str], line: int, says: str, tmp_path: Path) -> None:
    """Weights make 100, every score has one grade."""
    with pytest.raises(ChecklistError, match=says) as caught:
        load_scheme(written(tmp_path, changed(change, text=SCHEME)))
    assert line in {fault.row for fault in caught.value.faults}


def test_a_register_names_documents_and_articles_once(tmp_path: Path) -> None:
    """The second of two is the fault, the first is named."""
    text = "documents:\n" + "".join(
        f"  - id: {name}\n    name: 甲\n    issuer: 乙\n    articles:\n"
        "      - {number: 第一条, duty: 丙, verified: true}\n      - {number: 第一条, duty: 丁, verified: true}\n"
        for name in ("A号", "a号")
    )
    with pytest.raises(ChecklistError) as caught:
        load_regulations(written(tmp_path, text))
    said = str(caught.value)
    assert "第 8 行：文件“a号”重复" in said
    assert "第 7 行：条“第一条”重复，第 6 行已有" in said
