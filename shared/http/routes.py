"""What the route of an endpoint declares: the models of its parameters, and its answer for each status of success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel

Model = type[BaseModel]


@dataclass(frozen=True)
class File:
    """An answer that is a file, of one of the media types; `attached` under a name of its own."""

    description: str
    media_types: tuple[str, ...]
    attached: bool = True


@dataclass(frozen=True)
class Parameters:
    """The models of an endpoint's parameters; None for one that it does not take."""

    path: Model | None
    query: Model | None
    body: Model | None
    form: Model | None
    context: bool

    @classmethod
    def of(cls, endpoint: Callable[..., Any]) -> Parameters:
        hints = get_type_hints(endpoint)
        path, query, body, form = (hints.get(name) for name in ("path", "query", "body", "form"))
        return cls(path, query, body, form, "context" in hints)


@dataclass(frozen=True)
class ModelOrFile:
    """An answer of a model or, where the request asks for that, the same as a file."""

    model: Model
    file: File


@dataclass(frozen=True)
class EventStream:
    """An answer that goes on: server-sent events, each of which is one of the model's kinds."""

    description: str
    event: Model


# None: no content.
Answer = Model | File | ModelOrFile | EventStream | None


@dataclass(frozen=True)
class Route:
    """An endpoint under a method and a path, `/products/{item_id}`."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    parameters: Parameters
    summary: str
    answers: Mapping[int, Answer]
