"""What explodes, loops or includes itself is refused in words at every door, and leaves nothing behind."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document

from xiaobao.checklist.reading import load_checklist
from xiaobao.datasets.mapping import load_mapping
from xiaobao.errors import InputError
from xiaobao.features.appraisal.verbs import read_appraisal_figures
from xiaobao.features.draft_check.verbs import read_text_draft
from xiaobao.settings import load_settings
from xiaobao.word import read_free_text
from xiaobao.word.drafts import read_draft
from xiaobao.word.rendering import render_template
from xiaobao.workbench.inspections.evidence import refuse_file
from xiaobao.workbook.fill_sheets import read_fill_sheets
from xiaobao.workbook.leads import read_leads
from xiaobao.workbook.own_sheets import is_own_sheet, read_own_sheet

ROWS = list(range(20))
LETTERS = "abcdefgh"
ALIASES = "a: &a [x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(LETTERS)
)
YAML = (ALIASES, "a: " + "[" * 10_000, "".join(" " * n + f"k{n}:\n" for n in range(300)))
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def paper(path: Path, text: str = "投诉 108 件") -> Path:
    document = Document()
    document.add_paragraph(text)
    document.save(str(path))
    return path


def spoiled(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """A Word file whose text part is changed as bytes."""
    sound = paper(path.with_name("sound.docx"))
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            data = old.read(member)
            new.writestr(member.filename, change(data) if member.filename == "word/document.xml" else data)
    return path


def as_template(path: Path) -> object:
    return render_template({"notes": ROWS}, path, path.with_name("out.docx"), "题", "人")


WORD_DOORS: dict[str, Callable[[Path], object]] = {
    "figures check": read_draft,
    "report --text": read_free_text,
    "template": as_template,
}
BOMBS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "entities": (lambda xml: ENTITIES + xml.split(b"?>", 1)[1], "实体"),
    "zip": (lambda xml: xml.replace(b"</w:body>", b" " * (60 << 20) + b"</w:body>"), "压缩比过高"),
    "cut": (lambda xml: xml[: len(xml) // 2], "Word"),
    "deep": (lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 5000), "Word"),
}


@pytest.mark.parametrize("door", WORD_DOORS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_word_file_that_explodes_is_refused_in_words(bomb: str, door: str, tmp_path: Path) -> None:
    change, said = BOMBS[bomb]
    with pytest.raises(InputError, match=said):
        WORD_DOORS[door](spoiled(tmp_path / "x.docx", change))
    assert not (tmp_path / "out.docx").exists()


def test_a_word_file_of_long_tables_that_pack_well_is_read(tmp_path: Path) -> None:
    """The other side of the limit: a report of many units repeats itself a hundred times over."""
    lines = b"".join(b"<w:p><w:r><w:t>%d</w:t></w:r></w:p>" % number for number in range(30_000))
    path = spoiled(tmp_path / "x.docx", lambda xml: xml.replace(b"<w:body>", b"<w:body>" + lines))
    assert len(read_draft(path)) == 30_001


TEMPLATES = {
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}": "range",
    "{% for a in notes %}" * 9 + "x" + "{% endfor %}" * 9: "循环太多",
    "{{ 'x' * 1000000000 }}": "乘",
    "{{ 9 ** 99999999 }}": "乘方",
    "{{ '%999999999d' % 1 }}": "格式",
    "{{ '{:>999999999}'.format(1) }}": "format",
    "{{ 'x'.center(999999999) }}": "center",
    "{{ 'x' | center(999999999) }}": "center",
    "{% include 'x.docx' %}": "引入其他模板",
    "{% import 'x.docx' as x %}": "引入其他模板",
    "{% extends 'x.docx' %}": "继承模板",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": "宏",
    "{% for a in notes recursive %}{{ loop(notes) }}{% endfor %}": "loop",
    "{% set x = 'aa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}": "拼接",
    "{% set n = namespace(x='a') %}{% for i in notes %}{% set n.x = n.x ~ n.x %}{% endfor %}": "拼接",
    "{{ notes + 1 }}": "报告模板有误",
}


@pytest.mark.parametrize("code", TEMPLATES, ids=lambda code: TEMPLATES[code])
def test_a_template_that_loops_explodes_or_calls_itself_is_refused(code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=TEMPLATES[code]):
        as_template(paper(tmp_path / "x.docx", code))
    assert not (tmp_path / "out.docx").exists()


@pytest.mark.parametrize(
    "code",
    [
        "{% for n in notes %}{{ loop.index }}、{{ n }}；{% else %}无{% endfor %}",
        "{% set first = notes[0] %}{% if notes and first == 0 %}{{ notes[1:3] | join('、') }}{% endif %}",
        "{{ (notes | length) - 1 }}{{ '甲' ~ notes[0] }}{{ missing | default('—') }}",
        "{% for a in notes %}{% for b in notes %}{% for c in notes %}{{ c }}{% endfor %}{% endfor %}{% endfor %}",
    ],
)
def test_what_a_bank_needs_of_a_template_works(code: str, tmp_path: Path) -> None:
    as_template(paper(tmp_path / "x.docx", code))
    assert (tmp_path / "out.docx").exists()


@pytest.mark.parametrize("text", YAML)
@pytest.mark.parametrize("door", [load_checklist, load_mapping])
def test_a_yaml_file_that_explodes_is_refused_in_words(
    door: Callable[[Path], object], text: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"不能用引用|嵌套过深"):
        door(path)


def test_settings_that_explode_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "xiaobao.toml"
    path.write_text("a = " + "[" * 5000 + "]" * 5000, "utf-8")
    with pytest.raises(InputError, match="嵌套过深"):
        load_settings(path)
    path.write_text("# " + "x" * 1_000_000, "utf-8")
    with pytest.raises(InputError, match="过大"):
        load_settings(path)


@pytest.mark.parametrize("door", [read_fill_sheets, read_leads, is_own_sheet, read_own_sheet, read_appraisal_figures])
def test_a_workbook_that_explodes_is_refused_at_every_door(door: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook>" + " " * (60 << 20) + "</workbook>")
    with pytest.raises(InputError, match="压缩比过高"):
        door(path)


def test_evidence_that_explodes_is_refused(tmp_path: Path) -> None:
    path = spoiled(tmp_path / "x.docx", BOMBS["zip"][0])
    with pytest.raises(InputError, match="压缩比过高"):
        refuse_file("x.docx", path.read_bytes())
    assert refuse_file("y.docx", paper(tmp_path / "y.docx").read_bytes()) == "docx"


def test_a_text_draft_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_bytes(b"1 " * (11 << 20))
    with pytest.raises(InputError, match="过大"):
        read_text_draft(path)


def test_invisible_characters_in_a_draft_part_no_number(tmp_path: Path) -> None:
    """In Word, in plain text and in a table alike."""
    path = tmp_path / "稿.md"
    path.write_text("投诉 1\u200b08 件\n\n|项|数|\n|-|-|\n|投诉|1\u200b08|\n", "utf-8")
    for blocks in (read_text_draft(path), read_draft(paper(tmp_path / "稿.docx", "投诉 1\u200b08 件"))):
        assert "108" in str(blocks) and "\u200b" not in str(blocks)
