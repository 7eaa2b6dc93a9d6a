"""`?unit=…&period=…` of a page is read, checked and never trusted."""

from __future__ import annotations

import os

import pytest

from xiaobao.errors import InputError
from xiaobao.forms.page_choice import PageChoice, choose
from xiaobao.pages import page_parameters


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("VOILA_PREHEAT", "False")
    return monkeypatch


def test_the_address_replaces_the_defaults(asked: pytest.MonkeyPatch) -> None:
    asked.setenv("QUERY_STRING", "unit=0010&period=2026Q2&other=x")
    assert page_parameters(unit="0001", period="2026H1") == ("0010", "2026Q2")


def test_what_the_address_leaves_out_keeps_its_default(asked: pytest.MonkeyPatch) -> None:
    asked.setenv("QUERY_STRING", "unit=&period=2026Q2")
    assert page_parameters(unit="0001", period="2026H1") == ("0001", "2026Q2")


def test_outside_a_page_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch must give the same on a machine whose environment happens to hold a query."""
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    monkeypatch.setenv("QUERY_STRING", "unit=0010")
    assert page_parameters(unit="0001", period="2026H1") == ("0001", "2026H1")


def test_in_jupyterlab_what_a_link_asked_for_stands_in_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    monkeypatch.setenv("XIAOBAO_PAGE_QUERY", f"{os.getpid()} unit=0010")
    assert page_parameters(unit="0001", period="2026H1") == ("0010", "2026H1")
    assert choose("0001", "2026H1", "") == PageChoice(unit="0010", period="2026H1")


def test_what_a_page_in_jupyterlab_starts_does_not_inherit_what_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The papers of a run that is started there would all be those of the page's unit."""
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    monkeypatch.setenv("XIAOBAO_PAGE_QUERY", f"{os.getppid()} unit=0010")
    assert page_parameters(unit="0001", period="2026H1") == ("0001", "2026H1")
    assert choose("0001", "2026H1", "") == PageChoice(unit="0001", period="2026H1")


@pytest.mark.parametrize(
    "query",
    ["unit=../etc", "unit=%00", "unit=a%20b", "unit=%3Cscript%3E", "unit=" + "a" * 65, "unit=nul", "unit=%E2%80%8B0"],
)
def test_a_unit_that_cannot_be_an_id_is_refused(asked: pytest.MonkeyPatch, query: str) -> None:
    asked.setenv("QUERY_STRING", query)
    with pytest.raises(InputError, match="unit"):
        page_parameters(unit="0001", period="2026H1")


def test_all_faults_are_named_at_once(asked: pytest.MonkeyPatch) -> None:
    asked.setenv("QUERY_STRING", "unit=../x&period=2026H9")
    with pytest.raises(InputError) as caught:
        page_parameters(unit="0001", period="2026H1")
    assert len(caught.value.faults) == 2
    assert "2026H9" in str(caught.value)


def test_a_campaign_is_named_as_by_the_option_of_the_commands(asked: pytest.MonkeyPatch) -> None:
    asked.setenv("QUERY_STRING", "period=2026H1&campaign=%E7%8E%B0%E5%9C%BA%E6%A3%80%E6%9F%A5")
    assert page_parameters(period="2026Q1") == ("2026H1/现场检查",)
    assert page_parameters(unit="0001", period="") == ("0001", "2026H1/现场检查")
    asked.setenv("QUERY_STRING", "campaign=x")
    assert page_parameters(period="2026Q1") == ("2026Q1/x",)
    asked.setenv("QUERY_STRING", "period=2026H1/y")
    assert page_parameters(period="2026Q1") == ("2026H1/y",)
    asked.setenv("QUERY_STRING", "period=2026H1&campaign=" + "x" * 200)
    with pytest.raises(InputError, match="太长"):
        page_parameters(period="2026Q1")
