"""`python -m tests.game_day`: a day with kills, then the books; the exit status is 1 where they do not balance."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from tests.game_day.books import Page
from tests.game_day.caller import Traffic
from tests.game_day.day import Day, Ledger
from tests.game_day.evidence import Evening, running_operations, stock_in_lists
from tests.game_day.shop import ended, opened
from tests.game_day.system import System, system

_PARTS = ("gateway", "worker", "gateway", "worker", "Firestore", "BigQuery", "job", "cloud servers")
_BETWEEN_S = (2.0, 12.0)
_PATIENCE_S = 420.0  # leases of 90 s, the outbox every minute, pauses that have doubled
_SHOWN = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.game_day", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="that the day lasts (default: %(default)g)")
    parser.add_argument("--seed", type=int, help="of what is done and killed (default: any)")
    parser.add_argument("--crash", action="store_true", help="in the end kill everything, as one does a local stack")
    parser.add_argument("--folder", type=Path, help="where data and logs stay (default: a folder that is removed)")
    given = parser.parse_args()
    seed = int.from_bytes(os.urandom(3)) if given.seed is None else given.seed
    print(f"a game day of {given.seconds:g} s, seed {seed}", flush=True)
    if given.folder is not None:
        return run(given.folder.resolve(), given.seconds, seed, crash=given.crash)
    with tempfile.TemporaryDirectory(prefix="stockcast-game-day-", ignore_cleanup_errors=True) as folder:
        return run(Path(folder), given.seconds, seed, crash=given.crash)


def run(folder: Path, seconds: float, seed: int, *, crash: bool) -> int:
    """The day and its books; 0 where they balance."""
    traffic, ledger = Traffic(), Ledger()
    with system(folder) as running:
        shop = opened(running, traffic, random.Random(f"{seed} shop"))
        opening = stock_in_lists(shop.admin)
        print(f"open after {time.monotonic() - running.began:.0f} s", flush=True)
        running.began = time.monotonic()
        day = Day(shop, ledger, seed)
        threads = day.work()
        try:
            with running.saved_now_and_then() if crash else nullcontext():
                _kill_until(running, running.began + seconds, random.Random(f"{seed} kills"))
        finally:
            day.over.set()
        if crash:
            print(f"  {time.monotonic() - running.began:5.0f} s  everything killed: {running.crash()}", flush=True)
        _wait_for(threads)
        left = running_operations(shop.admin)
        deadline = time.monotonic() + _PATIENCE_S
        while left and time.monotonic() < deadline:
            time.sleep(2)
            left = running_operations(shop.admin)
        ended(shop.admin, shop.admin.post("/inventory/metrics/refresh", {})["id"])
        _wait_for_tasks(folder, deadline)
        evening = Evening(running.config, shop.admin, ledger, opening, traffic, folder / "cloud" / "tasks", crash)
        pages = evening.pages()
        _report(running, ledger, traffic, pages)
    return 1 if any(page.differences for page in pages) else 0


def _kill_until(running: System, end: float, chance: random.Random) -> None:
    parts: list[str] = []
    while (pause := chance.uniform(*_BETWEEN_S)) < end - time.monotonic():
        time.sleep(pause)
        parts = parts or chance.sample(_PARTS, len(_PARTS))  # all of them before one has its turn again
        kill = running.kill(parts.pop())
        print(f"  {kill.at_s:5.0f} s  {kill.part} killed, away {kill.away_s:.1f} s  {kill.note}", flush=True)
    time.sleep(max(0.0, end - time.monotonic()))


def _wait_for(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def _wait_for_tasks(folder: Path, deadline: float) -> None:
    while any((folder / "cloud" / "tasks").rglob("*.task")) and time.monotonic() < deadline:
        time.sleep(1)


def _report(running: System, ledger: Ledger, traffic: Traffic, pages: Sequence[Page]) -> None:
    print(f"\n{len(running.kills)} kills; {traffic.answers:,} answers, {traffic.repeated:,} of them after asking again")
    print("done: " + ", ".join(f"{count} {what}" for what, count in sorted(ledger.done.items())))
    print(f"\n  {'the books':<50}{'compared':>10}{'wrong':>8}")
    for page in pages:
        print(f"  {page.what:<50}{page.compared:>10,}{len(page.differences):>8,}")
        for difference in page.differences[:_SHOWN]:
            print(f"      {difference}")
    wrong = sum(bool(page.differences) for page in pages)
    print("\nthe books balance" if not wrong else f"\n{wrong} pages do not balance", flush=True)


if __name__ == "__main__":
    sys.exit(main())
