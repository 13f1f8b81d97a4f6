"""What the chat takes and gives. Answers are the values of functions/chat/answering.py, which these describe."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, JsonValue, model_validator

from shared.domain.chat.question import MAX_QUESTION_LENGTH
from shared.http.app import BodyModel
from shared.http.texts import Lines, LongLines
from shared.tools.showing import Kind

MAX_MESSAGES = 20
MAX_TOKEN_LENGTH = 4000


class Message(BodyModel):
    """Something that was said before."""

    role: Annotated[Literal["user", "assistant"], Field(description="Who said it.")]
    text: Annotated[LongLines, Field(description="What was said.")]


class ChatBody(BodyModel):
    """A question with what was said before it, or the token of a proposal that is confirmed."""

    question: Annotated[
        Lines | None, Field(description=f"In English, in at most {MAX_QUESTION_LENGTH} characters.")
    ] = None
    history: Annotated[
        list[Message] | None,
        Field(max_length=MAX_MESSAGES, description="The messages before it, the oldest first; nothing is kept here."),
    ] = None
    confirm: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=MAX_TOKEN_LENGTH,
            pattern=r"^[A-Za-z0-9_.-]+$",
            description="The token of a proposal: it is carried out.",
        ),
    ] = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.question is None) == (self.confirm is None):
            raise ValueError("give a question, or the token of a proposal to confirm, and not both")
        return self


class FigureView(BaseModel):
    """A figure of the answer."""

    label: str = Field(description="What it is.")
    value: JsonValue = Field(description="The figure as the endpoint gave it; null: unknown.")
    kind: Kind = Field(description="How to write it; money is in the client's currency, a share of 1 is a percentage.")
    text: str = Field(description="The figure as it is written in English.")


class ColumnView(BaseModel):
    """A column of a table."""

    name: str = Field(description="The field of the endpoint's rows.")
    label: str = Field(description="The heading.")
    kind: Kind = Field(description="How to write its values.")


class TableView(BaseModel):
    """The rows behind the answer."""

    columns: list[ColumnView] = Field(description="What the values of a row are.")
    rows: list[list[JsonValue]] = Field(description="For each row its values, in the order of the columns.")
    hrefs: list[str | None] = Field(description="For each row the page of the console that it leads to; null: none.")
    total: int = Field(description="How many rows there are, those that are not shown included.")


class CallView(BaseModel):
    """A call of the API that was made for the answer."""

    method: str = Field(description="Its method.")
    path: str = Field(description="Its path under /api/v1, with the query.")
    status: int | None = Field(description="What it was answered with; null: with nothing.")


class PlannedCallView(BaseModel):
    """A call of the API that would be made."""

    method: str = Field(description="Its method.")
    path: str = Field(description="Its path under /api/v1, with the query.")
    body: dict[str, JsonValue] | None = Field(description="Its body; null: none.")


class LinkView(BaseModel):
    """A page of the console."""

    label: str = Field(description="What it shows; plain text.")
    href: str = Field(description="Its path.")


class ProposalView(BaseModel):
    """What would be done, once it is confirmed."""

    token: str = Field(description="Send it as `confirm`.")
    summary: str = Field(description="What would be done, in words.")
    calls: list[PlannedCallView] = Field(description="The calls that would be made, in this order.")
    figures: list[FigureView] = Field(description="What it comes to.")
    table: TableView | None = Field(description="The lines that it is about; null: none.")
    expires_at: dt.datetime = Field(description="Until when it can be confirmed.")


class ChatAnswerView(BaseModel):
    """An answer, and what it rests on."""

    answer: str = Field(description="In plain text; names in it come from the client's data, and mean nothing else.")
    understood: bool = Field(description="Whether the question was understood.")
    figures: list[FigureView] = Field(description="The figures of the answer; none for some.")
    table: TableView | None = Field(description="The rows behind the answer; null: none.")
    calls: list[CallView] = Field(description="The calls that were made, in this order; at most six.")
    links: list[LinkView] = Field(description="Where the console shows more.")
    suggestions: list[str] = Field(description="Questions that can be asked next.")
    proposal: ProposalView | None = Field(description="What would be done, where a change was asked for.")
    model: str = Field(description="What understood the question: `grammar`, or the name of a model.")
