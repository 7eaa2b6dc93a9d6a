"""How the server draws what a cell shows: by itself where nothing asks a kernel, else by Voila."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from tests.factories.pages import make_card, make_overview
from xiaobao import pages
from xiaobao.forms import conversing
from xiaobao.pages import sliders, views
from xiaobao.pages.drawn_pages import CompiledTemplates, ready_for_pages, way_to_draw
from xiaobao.pages.overview import DRAWN, SERVED, Board, board_data

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize(
    ("data", "way"),
    [
        ({"text/html": views.domains(make_card())._repr_html_(), "text/plain": ""}, "view"),
        ({"text/html": "<table class='dataframe'></table>", "text/plain": ""}, "html"),
        ({"text/plain": "3"}, "text"),
        ({"application/vnd.xiaobao.result+json": {}, "text/plain": ""}, "silent"),
        ({DRAWN: {}, "text/plain": ""}, "board"),
        ({WIDGET: {}, sliders.EARLY: {}, "text/plain": ""}, "early"),
        ({WIDGET: {}, "text/html": "<p>", "text/plain": ""}, "voila"),
        ({"image/png": "", "text/plain": ""}, "voila"),
        ({"application/vnd.vega.v5+json": {}, "text/html": "<p>"}, "voila"),
    ],
)
def test_only_what_asks_no_kernel_and_needs_no_renderer_is_drawn_by_the_server(data: dict[str, Any], way: str) -> None:
    assert way_to_draw({"output_type": "execute_result", "data": data}) == way


def test_a_template_is_compiled_once_for_all_pages_and_anew_where_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_it = Environment.compile

    def compiling(self: Environment, source: str, *more: Any, **given: Any) -> Any:
        compiled.append(source)
        return compile_it(self, source, *more, **given)

    monkeypatch.setattr(Environment, "compile", compiling)
    kept = CompiledTemplates()
    for text in ("第 {{ n }} 页", "第 {{ n }} 页", "共 {{ n }} 页"):
        page = Environment(loader=DictLoader({"page": text}), autoescape=True)
        ready_for_pages(page, kept)
        assert page.get_template("page").render(n=3) == text.replace("{{ n }}", "3")
    assert compiled == ["第 {{ n }} 页", "共 {{ n }} 页"]


def test_what_a_page_is_drawn_from_keeps_its_order() -> None:
    """Parts of an appraisal stand in the order of what they lost; sorted by their letters the worst stood last."""
    page = Environment(loader=DictLoader({"page": "{{ state | tojson }}"}), autoescape=True)
    ready_for_pages(page)
    assert page.get_template("page").render(state={"b": 1, "a": 2}) == '{"b": 1, "a": 2}'


def test_forms_and_sliders_send_what_draws_them_in_one_kind() -> None:
    assert sliders.EARLY == conversing.EARLY


def test_the_server_gets_the_boards_figures_and_everybody_else_the_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make_overview(3)
    assert isinstance(pages.board(whole), Board)
    monkeypatch.setenv(SERVED, "1")
    shown = pages.board(whole)._repr_mimebundle_()
    assert isinstance(shown, dict)
    assert shown[DRAWN]["overview"] == board_data(whole)
    assert WIDGET not in shown
    assert shown["text/plain"] == repr(Board(whole))
