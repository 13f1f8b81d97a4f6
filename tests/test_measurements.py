"""The page of measurements: what a run publishes replaces its own tables and leaves the others alone."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.measurements import page, publish
from tests.benchmarks.report import Row, Section

MACHINE = {
    "at": "2026-01-02T03:04:05+00:00",
    "commit": "abc1234",
    "cores": 2,
    "memory": "16777216 kB",
    "processor": None,
}


def section(name: str, p50: float) -> Section:
    return Section(name, f"Title of {name}", ("p50", "p95"), [Row("list", {"p50": p50}, {"p50": 8})], ["a note"])


def test_a_section_is_a_table_with_the_conditions_it_was_measured_under(tmp_path: Path) -> None:
    publish([section("latency", 6.25)], MACHINE, tmp_path)
    text = page(tmp_path)
    assert "## Title of latency\n\nMeasured on 2026-01-02, at commit `abc1234`, on 2 cores, 16 GiB.\n" in text
    assert "|  | p50 | p95 |\n| --- | ---: | ---: |\n| list | 6.25 | - |\n\na note\n" in text


def test_a_figure_above_its_target_is_marked(tmp_path: Path) -> None:
    publish([section("latency", 9.0)], MACHINE, tmp_path)
    assert "| list | 9.00! | - |" in page(tmp_path)


def test_a_run_replaces_only_its_own_benchmarks(tmp_path: Path) -> None:
    publish([section("latency", 1.0), section("billing", 2.0)], MACHINE, tmp_path)
    publish([section("latency", 3.0)], MACHINE, tmp_path)
    text = page(tmp_path)
    assert "| list | 1.00 | - |" not in text
    assert "| list | 2.00 | - |" in text
    assert "| list | 3.00 | - |" in text


def test_earlier_figures_come_last(tmp_path: Path) -> None:
    publish([section("earlier-2020-01-01", 1.0), section("latency", 1.0)], MACHINE, tmp_path)
    text = page(tmp_path)
    assert text.index("Title of latency") < text.index("Title of earlier")
