"""`python -m infra.local`: the whole system on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from infra.local.stack.process import PROJECT, ComponentError
from infra.local.stack.stack import Options, Stack


def main() -> int:
    environ = os.environ
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=int(environ.get("STOCKCAST_PORT") or 8080), help="of the gateway")
    worker_port = environ.get("STOCKCAST_WORKER_PORT")
    parser.add_argument("--worker-port", type=int, default=int(worker_port) if worker_port else None)
    parser.add_argument("--folder", type=Path, default=PROJECT / ".local", help="for data, logs and stack.json")
    parser.add_argument("--fresh", action="store_true", help="throw the data of earlier runs away")
    parser.add_argument("--no-demo", action="store_true", help="start without demo data")
    given = parser.parse_args()
    options = Options(given.port, given.worker_port, given.folder.resolve(), given.fresh, not given.no_demo)
    try:
        return Stack(options).run()
    except ComponentError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
