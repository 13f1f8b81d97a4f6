"""Requests that race each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def at_once(*actions: Callable[[], T]) -> list[T]:
    """What the actions answer, in the order in which they do; all are begun together, each in a thread of its own."""
    together, answers = threading.Barrier(len(actions)), list[T]()

    def act(action: Callable[[], T]) -> None:
        together.wait()
        answers.append(action())

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
