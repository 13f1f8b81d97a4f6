"""HTTP surface of the chat."""

from __future__ import annotations

from functions.chat import service
from functions.chat.answering import ChatAnswer
from functions.chat.proposal import ProposalExpired, ProposalInvalid, ProposalRunning
from functions.chat.schemas import ChatAnswerView, ChatBody
from shared.domain.access.client import ClientNotFound
from shared.domain.access.principal import ASKERS
from shared.http.access import allow, bearer, errors
from shared.http.app import Api
from shared.request_context import RequestContext

app = Api("chat", "Chat", prefixes=("chat",))


@app.post("/chat", summary="Ask in plain language", responses={200: ChatAnswerView})
@allow(ASKERS)
@errors(ClientNotFound, ProposalExpired, ProposalRunning, fields=(ProposalInvalid,))
def ask_question(context: RequestContext, body: ChatBody) -> ChatAnswer:
    """Answer a question by calls of the platform's own endpoints under your token, at most six, and say which. `answer`
    is plain text, never markup.

    Nothing is changed by a question. One that asks for a change is answered with a `proposal`: what would be done, and
    a token. `{"confirm": token}` does exactly that, once, within ten minutes and for you alone; where it would do
    something else by then, it does nothing and answers with a new proposal.
    """
    if body.confirm is not None:
        return service.confirm(context, bearer(), body.confirm)
    history = [message.text for message in body.history or () if message.role == "user"]
    return service.answer(context, bearer(), body.question or "", history)
