"""Measure, print, and keep as JSON: everything (which takes long), or the sections that are named.

With --publish the figures also become those of docs/measurements.md (`make bench` does so).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks import at_once, billing, cold_start, latency, purchasing, real_data, refresh, source_sync
from tests.benchmarks.machine import facts
from tests.benchmarks.measurements import publish, write_page
from tests.benchmarks.report import Section, conclude, save

_DEFAULT_SIZES = (1_000, 10_000, 100_000)


def _forecast_engine(sizes: Sequence[int]) -> Iterator[Section]:
    from tests.benchmarks import forecast_engine  # its library takes seconds

    yield from forecast_engine.measure(sizes)


_SECTIONS: dict[str, Callable[[Sequence[int]], Iterator[Section]]] = {
    "latency": latency.measure,
    "billing": billing.measure,
    "purchasing": purchasing.measure,
    "at_once": at_once.measure,
    "cold_start": cold_start.measure,
    "refresh": refresh.measure,
    "real_data": real_data.measure,
    "source_sync": source_sync.measure,
    "forecast_engine": _forecast_engine,
}


def main() -> None:
    """Run the named sections one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(_SECTIONS)}; default: all")
    parser.add_argument(
        "--items", type=int, nargs="+", default=_DEFAULT_SIZES, help="catalog sizes (default: %(default)s)"
    )
    parser.add_argument("--publish", action="store_true", help="put the figures into docs/measurements.md")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.sections if name not in _SECTIONS]:
        parser.error(f"unknown section {', '.join(unknown)}; there are {', '.join(_SECTIONS)}")
    done: list[Section] = []
    try:
        for name in arguments.sections or _SECTIONS:
            done.extend(_SECTIONS[name](arguments.items))
    finally:
        if done:
            machine = facts()
            conclude(done, save(done, machine))
            if arguments.publish:
                publish(done, machine)
                print(f"Published in {write_page()}")


if __name__ == "__main__":
    main()
