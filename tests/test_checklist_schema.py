"""The JSON Schema of a checklist: editors complete from it, and complain where the reader would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.factories.checklists import changed
from xiaobao.checklist.canonical import json_schema

ROOT = Path(__file__).parents[1]


class Yaml(yaml.SafeLoader):
    """Leaves days texts, as JSON and editors have them."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the library's own way
        first: [(tag, form) for tag, form in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def test_the_json_schema_in_git_is_current() -> None:
    """Editors complete from `checklists/schema.json`; `make reference` writes it anew when models change."""
    current = json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
    assert (ROOT / "checklists/schema.json").read_text("utf-8") == current, "run make reference"


def complaints(schema: dict[str, Any], text: str) -> list[str]:
    """Return where an editor that holds `text` against the schema would complain."""
    data = yaml.load(text, Loader=Yaml)
    return sorted("/".join(map(str, error.path)) for error in Draft202012Validator(schema).iter_errors(data))


@pytest.mark.parametrize("path", sorted((ROOT / "checklists").glob("*-*.yaml")), ids=lambda path: path.stem)
def test_editors_find_nothing_wrong_with_a_shipped_checklist(path: Path) -> None:
    assert complaints(json_schema(), path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("total: 10\n", "total: -1\n"), "total"),
        (("total: 10\n", 'total: "10.0"\n'), None),
        (("total: 10\n", "total: ten\n"), "total"),
        (("title: 投诉处理\n", ""), ""),
        (("title: 投诉处理\n", "titel: 投诉处理\n"), ""),
        (("method: [现场查看]", "method: []"), "sections/0/items/1/method"),
        (("method: [现场查看]", "method: [看看]"), "sections/0/items/1/method/0"),
        (("severity: low", "severity: lowest"), "sections/0/items/1/severity"),
        (("kind: count", "kind: counts"), "sections/0/items/0/rules/0"),
        (("share: 1\n", "share: 1.5\n"), "sections/0/items/1/rules/0"),
    ],
)
def test_editors_complain_where_a_checklist_is_faulty(change: tuple[str, str], place: str | None) -> None:
    found = complaints(json_schema(), changed(change))
    assert (place in found) if place is not None else not found
