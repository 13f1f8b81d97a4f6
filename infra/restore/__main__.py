"""`python -m infra.restore`: proves on emulators of its own that a backup restores, and tells how long it takes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.restore.drill import Size, drill


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.restore", description=__doc__.partition("\n")[0])
    parser.add_argument("--products", type=int, default=Size.products, help="of each of two clients")
    parser.add_argument("--orders", type=int, default=Size.orders, help="of each of two clients")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="restore-drill-") as folder:
        differences = drill(Path(folder), Size(given.products, given.orders), print)
    for difference in differences:
        print(difference, file=sys.stderr)
    print("the restored data are what was backed up" if not differences else "THE RESTORED DATA DIFFER")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
