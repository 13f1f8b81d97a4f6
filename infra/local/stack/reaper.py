"""Ends the process groups named on standard input once that input closes, that is, once whoever started them is gone.

Even a killed supervisor closes its pipes, so nothing that it started stays behind. Imports only the standard library.
"""

import os
import signal
import sys
import time

_GRACE_S = 5.0


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        sign, group = line[0], int(line[1:])
        (groups.add if sign == "+" else groups.discard)(group)
    deadline = time.monotonic() + _GRACE_S
    groups = {group for group in groups if _signal(group, signal.SIGTERM)}
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = {group for group in groups if _signal(group, 0)}
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal (0 only looks); tells whether the group is there."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


main()
