"""试算: a plain function on each unit's table tells hits and accuses nobody; whatever it does ends in words."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
from msgspec import structs

import xiaobao as xb
from tests.factories.analysis import REGISTER, analysed_bank
from tests.factories.inspections import PERIOD
from tests.factories.people import acting_as
from tests.factories.poison import ID, MOBILE
from tests.factories.rights import BELOW, OTHER, OWN, fingerprint
from xiaobao.checks.confined import Bounds, Outcome, run_confined
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.analysis import extract_tables, trials
from xiaobao.features.analysis.shown import spec_of
from xiaobao.features.analysis.trial_workers import tried_by_workers
from xiaobao.workbench.workspace import Workbench, open_workbench

QUICK = Bounds(processor_seconds=1, seconds=30, megabytes=128)
IMPATIENT = Bounds(processor_seconds=1, seconds=2, megabytes=128)
TABLE = pd.DataFrame({"编号": ["A", "B", "C"], "金额": [1, 2, 3]}, index=pd.RangeIndex(1_000_000, 1_000_003))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return analysed_bank(tmp_path_factory.mktemp("trying") / "bank")


@pytest.fixture
def as_person(bank: Workbench, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def act(login: str) -> None:
        opened = acting_as(open_workbench(bank.home, read_only=True), login)
        for module in (extract_tables, trials):
            monkeypatch.setattr(module, "bench_at", lambda workspace: opened)

    return act


def files(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


# What it tells


def test_a_question_is_told_unit_by_unit_and_nothing_is_stored(
    bank: Workbench, as_person: Callable[[str], None]
) -> None:
    before, stored = files(bank.home), fingerprint(bank)
    as_person("office")
    tried = xb.try_check(lambda rows: rows[rows["受理日期"] >= "2026-02-01"], "complaints", period=PERIOD)
    assert list(tried.columns)[:6] == ["检查期间", "机构号", "机构名称", "记录数", "命中数", "占比（%）"]
    told = {row["机构号"]: (row["记录数"], row["命中数"], row["占比（%）"]) for _, row in tried.iterrows()}
    assert told == {
        "01": (0, 0, None),
        OWN: (2, 1, Decimal("50.00")),
        BELOW: (1, 1, Decimal("100.00")),
        OTHER: (2, 2, Decimal("100.00")),
    }
    first = tried.set_index("机构号").loc[OTHER, "前几条记录"].split("\n")
    assert len(first) == 2 and "受理日期：2026-04-05" in first[0] and MOBILE not in "".join(first)
    assert dict(zip(tried["机构号"], tried["说明"], strict=True)) == {
        "01": "没有记录",
        **dict.fromkeys(told.keys() - {"01"}, ""),
    }
    assert (files(bank.home), fingerprint(bank)) == (before, stored)


def test_a_question_may_be_written_as_a_condition(as_person: Callable[[str], None]) -> None:
    as_person("office")
    tried = xb.try_check("受理日期 >= '2026-02-01' and 处理决定日期.isna()", "complaints", period=PERIOD)
    assert dict(zip(tried["机构号"], tried["命中数"], strict=True)) == {"01": 0, OWN: 1, BELOW: 1, OTHER: 2}
    wrong = xb.try_check("没有这一列 > 1", "complaints", period=PERIOD)
    assert all("没有这一列" in note for note in wrong[wrong["记录数"] > 0]["说明"])
    with pytest.raises(InputError, match="第一个参数应是函数"):
        xb.try_check(" ", "complaints", period=PERIOD)


def test_a_register_of_the_bank_is_tried_by_unit_with_code_heads_and_reference_data_are_not(
    as_person: Callable[[str], None],
) -> None:
    as_person("office")
    tried = xb.try_check(lambda rows: rows[rows["unit"] == OWN], REGISTER, period=PERIOD, headings="代码")
    assert dict(zip(tried["unit"], tried["hits"], strict=True)) == {OWN: 2, BELOW: 0, OTHER: 0}
    with pytest.raises(InputError, match="没有机构列"):
        xb.try_check(lambda rows: rows, "price_list", period=PERIOD)
    with pytest.raises(InputError, match="第一个参数应是函数"):
        xb.try_check(7, "complaints", period=PERIOD)


def test_a_branch_tries_on_its_own_rows_alone(as_person: Callable[[str], None]) -> None:
    as_person("filler")
    assert set(xb.try_check(lambda rows: rows, "complaints", period=PERIOD)["机构号"]) == {OWN, BELOW}
    with pytest.raises((InputError, NotAllowed), match="没有这个机构，或您不能查看"):
        xb.try_check(lambda rows: rows, "complaints", period=PERIOD, unit=OTHER)
    as_person("admin")
    with pytest.raises(NotAllowed):
        xb.try_check(lambda rows: rows, "complaints", period=PERIOD)


def test_one_unit_that_goes_wrong_leaves_the_others_judged(as_person: Callable[[str], None]) -> None:
    as_person("office")

    def fails_at_one(rows: pd.DataFrame) -> pd.DataFrame:
        return rows if (rows["机构号"] != BELOW).all() else rows[["没有这一列"]]

    tried = xb.try_check(fails_at_one, "complaints", period=PERIOD).set_index("机构号")
    assert tried["命中数"].dropna().to_dict() == {"01": 0, OWN: 2, OTHER: 2}
    assert pd.isna(tried.loc[BELOW, "命中数"]) and tried.loc[BELOW, "占比（%）"] is None
    assert "KeyError" in tried.loc[BELOW, "说明"] and "行" in tried.loc[BELOW, "说明"]


@pytest.mark.parametrize(("ends", "tried"), [({1, 2, 3}, 4), ({0, 1, 3, 4}, 8), (set(range(8)), 3), ({5, 6, 7}, 8)])
def test_what_ends_at_a_limit_three_times_is_not_tried_on_four_thousand_units(
    monkeypatch: pytest.MonkeyPatch, ends: set[int], tried: int
) -> None:
    """Which are tried is the same however many work at once, and whoever is ready first."""

    def run(function: Any, table: pd.DataFrame, bounds: Bounds) -> Outcome:
        number = int(table["金额"].iloc[0])
        return Outcome(failed="30 秒内没有运行完", stopped=True) if number in ends else Outcome(places=(0,))

    monkeypatch.setattr(trials, "run_confined", run)
    tables_of = [pd.DataFrame({"编号": ["A"], "金额": [number]}) for number in range(8)]
    todo = [trials.Trial(period=PERIOD, unit=str(n), name="", read=one.copy) for n, one in enumerate(tables_of)]
    lines = trials.lines_of(len, spec_of("complaints"), todo, "中文")
    expected = ["30 秒内没有运行完" if number in ends else "" for number in range(8)]
    expected[tried:] = ["没有试：前 3 个机构都没有运行完"] * (8 - tried)
    assert [line["note"] for line in lines] == expected
    assert [line["unit"] for line in lines] == [str(number) for number in range(8)]


def test_a_unit_whose_data_are_altered_is_told_and_the_others_are_judged(
    bank: Workbench, as_person: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_person("office")
    kept = extract_tables.unit_readers

    def altered(*asked: Any) -> Any:
        readers = dict(kept(*asked))
        reading = readers[OTHER]
        wrong = structs.replace(reading.args[2], sha256="0" * 64)
        readers[OTHER] = partial(reading.func, *reading.args[:2], wrong)
        return list(readers.items())

    monkeypatch.setattr(trials, "unit_readers", altered)
    told = xb.try_check(lambda rows: rows, "complaints", period=PERIOD).set_index("机构号")
    assert "不一致，已被改动" in told.loc[OTHER, "说明"] and pd.isna(told.loc[OTHER, "命中数"])
    assert told.loc[OWN, "命中数"] == 2


def test_a_worker_that_is_killed_loses_one_unit() -> None:
    def work(number: int) -> dict[str, Any]:
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return {"hits": number, "failed": "", "stopped": False}

    told = dict(tried_by_workers(work, 6))
    assert {number: line["failed"] for number, line in told.items() if line["failed"]} == {2: "进程中断，没有结果"}
    assert sorted(told) == list(range(6))


def test_an_impatient_person_leaves_no_process() -> None:
    others = set(psutil.Process().children(recursive=True))

    def interrupted() -> None:
        for _ in tried_by_workers(lambda number: {"places": run_confined(_sleeps, TABLE, Bounds()).failed}, 4):
            raise AssertionError
        raise AssertionError

    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    signal.setitimer(signal.ITIMER_REAL, 1)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert set(psutil.Process().children(recursive=True)) <= others


def test_who_waits_for_many_units_sees_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    todo = [trials.Trial(period=PERIOD, unit=str(n), name="", read=TABLE.head(0).copy) for n in range(120)]
    assert len(trials.lines_of(len, spec_of("complaints"), todo, "中文")) == 120
    shown = capsys.readouterr().err
    assert "试算" in shown and "120/120" in shown and "个机构" in shown
    trials.lines_of(len, spec_of("complaints"), todo[:20], "中文")
    assert capsys.readouterr().err == ""


# What a function may do wrong


def _loops(rows: pd.DataFrame) -> Any:
    while True:
        pass


def _sleeps(rows: pd.DataFrame) -> Any:
    import time

    time.sleep(60)


def _eats(rows: pd.DataFrame) -> Any:
    return [bytearray(1 << 26) for _ in range(100)]


def _connects(rows: pd.DataFrame) -> Any:
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError:
        return rows  # and goes on as if nothing were
    return rows


def _writes(rows: pd.DataFrame) -> Any:
    Path("/tmp/of_an_analyst.txt").write_text("x")
    return rows


def _reads(rows: pd.DataFrame) -> Any:
    return rows[: len(Path("/etc/passwd").read_text())]


def _starts(rows: pd.DataFrame) -> Any:
    subprocess.run(["true"], check=False)
    return rows


def _reads_in_c(rows: pd.DataFrame) -> Any:
    return pd.read_parquet("/tmp/of_another_unit.parquet")


def _deletes(rows: pd.DataFrame) -> Any:
    try:
        Path("/tmp/of_another_unit.parquet").unlink()
    except OSError:
        return rows
    return rows


def _ends_others(rows: pd.DataFrame) -> Any:
    import ctypes

    ctypes.CDLL(None).kill(os.getppid(), signal.SIGTERM)
    return rows


def _writes_from_a_thread(rows: pd.DataFrame) -> Any:
    import threading

    thread = threading.Thread(target=lambda: _writes(rows))
    thread.start()
    thread.join()
    return rows


def _opens_the_guard(rows: pd.DataFrame) -> Any:
    from xiaobao.checks import confined

    confined._REFUSED.clear()
    confined._READABLE = ("/",)
    return _reads(rows)


def _leaves(rows: pd.DataFrame) -> Any:
    sys.exit("不想看了")


def _recurses(rows: pd.DataFrame) -> Any:
    return _recurses(rows)


def _grows(rows: pd.DataFrame) -> Any:
    return pd.DataFrame({"编号": range(50_000_000)})


def _patches(rows: pd.DataFrame) -> Any:
    from xiaobao.checks import confined

    confined.mask = str
    pd.DataFrame.isna = None  # type: ignore[method-assign, assignment]
    raise ValueError(f"客户 {ID}")


def _says(rows: pd.DataFrame) -> Any:
    raise ValueError(f"客户 {ID} 不对")


def _exits(rows: pd.DataFrame) -> Any:
    os._exit(0)


@pytest.mark.parametrize(
    ("function", "words", "stopped"),
    [
        (_loops, "占用处理器超过 1 秒", True),
        (_sleeps, "2 秒内没有运行完", True),
        (_eats, "占用内存超过 128 MB", True),
        (_connects, "连接网络，已拒绝", False),
        (_writes, "写文件，已拒绝", False),
        (_reads, "读文件，已拒绝", False),
        (_reads_in_c, "读文件，已拒绝", False),
        (_deletes, "改动文件，已拒绝", False),
        (_ends_others, "调用机器码，已拒绝", False),
        (_writes_from_a_thread, "写文件，已拒绝", False),
        (_opens_the_guard, "读文件，已拒绝", False),
        (_leaves, "SystemExit 不想看了", False),
        (_recurses, "RecursionError", False),
        (_grows, "占用内存超过 128 MB", True),
        (_patches, "ValueError 客户 【证件号已隐去】", False),
        (_starts, "启动其他程序，已拒绝", False),
        (_says, "ValueError 客户 【证件号已隐去】 不对", False),
        (_exits, "没有返回结果", True),
        (lambda rows: rows.reset_index(drop=True), "表中没有的 3 行", False),
        (lambda rows: pd.DataFrame({"编号": ["Z"]}), "表中没有的 1 行", False),
        (len, "返回的是 int", False),
        (lambda rows: None, "返回的是 NoneType", False),
    ],
)
def test_whatever_a_function_does_ends_in_words(function: Any, words: str, stopped: bool) -> None:
    outcome = run_confined(function, TABLE, IMPATIENT if function is _sleeps else QUICK)
    assert words in outcome.failed
    assert (outcome.places, outcome.stopped) == ((), stopped)
    assert not Path("/tmp/of_an_analyst.txt").exists()
    assert TABLE.isna().sum().sum() == 0  # what it patched was its own copy of the program


def test_a_thread_that_is_left_ends_with_its_function_and_a_library_may_still_be_imported() -> None:
    def threads(rows: pd.DataFrame) -> pd.DataFrame:
        import threading
        from importlib.metadata import version

        threading.Thread(target=time.sleep, args=(60,)).start()
        return rows[: len(version("pandas").split(".")) - 2]

    assert run_confined(threads, TABLE, QUICK) == Outcome(places=(0,))


def test_a_file_is_not_written_even_past_the_guard(tmp_path: Path) -> None:
    """Libraries in C do not ask the guard; the limit on the size of files holds them."""
    import pyarrow as pa

    def writes(rows: pd.DataFrame) -> Any:
        with pa.OSFile(str(tmp_path / "x"), "wb") as file:
            file.write(b"x" * 100)
        return rows

    assert "运行出错" in run_confined(writes, TABLE, QUICK).failed
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size == 0


def test_a_table_that_the_function_changes_is_its_own(as_person: Callable[[str], None]) -> None:
    def changes(rows: pd.DataFrame) -> pd.DataFrame:
        rows["编号"] = "改"
        rows.drop(index=rows.index[0], inplace=True)
        return rows.sort_values("金额", ascending=False)

    before = TABLE.copy()
    assert run_confined(changes, TABLE, QUICK) == Outcome(places=(1, 2))
    pd.testing.assert_frame_equal(TABLE, before)


def test_what_is_printed_is_told_without_what_is_personal() -> None:
    def prints(rows: pd.DataFrame) -> pd.DataFrame:
        logging.getLogger().addHandler(logging.StreamHandler())
        logging.getLogger().error("to a handler")
        print("看一看", MOBILE, "x" * 10_000)
        return rows[:1]

    outcome = run_confined(prints, TABLE, QUICK)
    assert outcome.places == (0,) and outcome.failed == ""
    assert outcome.printed.startswith("看一看 【手机号已隐去】 xx") and len(outcome.printed) <= 200


def test_no_process_and_no_descriptor_is_left() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    others = set(psutil.Process().children())  # of tests that ran in this process earlier
    for function in (_loops, _exits, len):
        run_confined(function, TABLE, QUICK)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert set(psutil.Process().children()) <= others
