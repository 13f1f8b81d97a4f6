"""Questions answered by tools, and proposals carried out once they are confirmed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import simplejson

from functions.chat.answering import ChatAnswer, ProposalShown, planned, seen
from functions.chat.grammar_model import GrammarModel
from functions.chat.model import Calls, Final, Model, Result, ToolCall, Turn
from functions.chat.proposal import LIFETIME, Proposal, ProposalRunning, proposal_of, token_of
from shared.domain.access.abilities import abilities_of
from shared.firestore.idempotency_keys import Claim, IdempotencyKeys, KeptAnswer
from shared.request_context import RequestContext
from shared.telemetry.trace import current_traceparent
from shared.tools.platform import CallFailed, Platform, address_of
from shared.tools.registry import READING_TOOLS, WRITING_TOOLS
from shared.tools.showing import ClientFacts, Shown
from shared.tools.tool import Plan

_MOST_STEPS = 8
_GRAMMAR = GrammarModel()


def answer(context: RequestContext, token: str, question: str, history: Sequence[str]) -> ChatAnswer:
    """The answer to a question; `token` is the caller's own, under which everything is looked up."""
    model: Model = _GRAMMAR
    turn = Turn(question, history, _facts(context), context.principal.role, READING_TOOLS, WRITING_TOOLS)
    with _platform(context, token) as platform:
        final = None
        for _ in range(_MOST_STEPS):
            step = model.step(turn)
            if isinstance(step, Final):
                final = step
                break
            turn = replace(turn, results=(*turn.results, *_performed(context, platform, turn, step)))
        if final is None:
            final = Final("I could not find that out; ask for less at a time.", understood=False)
        return _composed(context, platform, turn, final, model.name)


def confirm(context: RequestContext, token: str, proposal_token: str) -> ChatAnswer:
    """Carry a proposal out, once: who confirms it again gets the first answer again.

    Raises ProposalInvalid, ProposalExpired and ProposalRunning.
    """
    proposal = proposal_of(
        proposal_token, context.config.derivation_secrets, context.user_id, context.tenant.client_id, context.now
    )
    keys = IdempotencyKeys(context.tenant)
    claim = keys.claim(f"chat-{proposal.id}", proposal.digest, context.now)
    if isinstance(claim, KeptAnswer):
        return _kept(claim)
    if claim is not Claim.OURS:
        raise ProposalRunning
    try:
        with _platform(context, token) as platform:
            done, is_final = _carried_out(context, platform, proposal)
    except BaseException:
        keys.free(f"chat-{proposal.id}")
        raise
    if is_final:
        body = simplejson.dumps(done, default=_plain, use_decimal=True)
        keys.keep(f"chat-{proposal.id}", KeptAnswer(body, 200, {}))
    else:
        keys.free(f"chat-{proposal.id}")
    return done


def _platform(context: RequestContext, token: str) -> Platform:
    client_id = context.tenant.client_id if context.principal.platform else None
    return Platform(address_of(context.config), token, client_id, current_traceparent())


def _facts(context: RequestContext) -> ClientFacts:
    return ClientFacts(context.client.currency, context.today)


def _performed(context: RequestContext, platform: Platform, turn: Turn, step: Calls) -> list[Result]:
    results: list[Result] = []
    for call in step.calls:
        try:
            results.append(_result(context, platform, turn, call))
        except CallFailed as failed:
            results.append(Result(call, failure=failed.sentence))
    return results


def _result(context: RequestContext, platform: Platform, turn: Turn, call: ToolCall) -> Result:
    if (reading := turn.reading_tools.get(call.tool)) is not None:
        return Result(call, reading=reading.read(call.arguments, platform, turn.client))
    writing = turn.writing_tools.get(call.tool)
    if writing is None:
        raise CallFailed(f"There is no tool {call.tool!r}.")
    if writing.ability not in abilities_of(context.principal):
        raise CallFailed(f"Your role {context.principal.role} may not do that.")
    if any(result.plan is not None for result in turn.results):
        raise CallFailed("One change at a time: confirm or leave the first.")
    return Result(call, plan=writing.planned(call.arguments, platform, turn.client))


def _composed(context: RequestContext, platform: Platform, turn: Turn, final: Final, model: str) -> ChatAnswer:
    """The final answer with the figures of the last tool that is no look-up."""
    found_out = [result for result in reversed(turn.results) if not result.call.is_lookup]
    last = next((result for result in found_out if result.plan is not None), found_out[0] if found_out else None)
    failed = next((result.failure for result in turn.results if result.call.is_lookup and result.failure), None)
    shown, proposal = Shown(final.text or failed or ""), None
    if last is not None and last.plan is not None:
        plan = last.plan
        proposal = _proposal(context, last.call, plan)
        shown = Shown(f"{plan.summary} Confirm to do it.", plan.figures, plan.table, plan.links)
    elif last is not None and last.reading is not None:
        shown = _together(turn.results, last.reading.shown)
    elif last is not None and last.failure is not None:
        shown = Shown(last.failure)
    text = final.text or shown.sentence
    return ChatAnswer(
        answer=f"{text} {final.note}".strip(),
        understood=final.understood,
        figures=shown.figures,
        table=shown.table,
        calls=seen(platform.made),
        links=(*final.links, *shown.links),
        suggestions=final.suggestions,
        proposal=proposal,
        model=model,
    )


def _together(results: Sequence[Result], last: Shown) -> Shown:
    """The figures and links of all that was found out, with the table of what was last."""
    every = [result.reading.shown for result in results if result.reading is not None and not result.call.is_lookup]
    figures = {each.label: each for shown in every for each in shown.figures}
    links = dict.fromkeys(link for shown in every for link in shown.links)
    return replace(last, figures=tuple(figures.values()), links=tuple(links))


def _proposal(context: RequestContext, call: ToolCall, plan: Plan) -> ProposalShown:
    proposal = Proposal(
        secrets.token_hex(16),
        context.user_id,
        context.tenant.client_id,
        call.tool,
        json.loads(json.dumps(dict(call.arguments), default=str)),
        plan.digest,
        (context.now + LIFETIME).replace(microsecond=0),
    )
    token = token_of(proposal, context.config.derivation_secrets[0])
    calls = planned(plan.calls)
    return ProposalShown(token, plan.summary, calls, plan.figures, plan.table, proposal.expires_at)


def _carried_out(context: RequestContext, platform: Platform, proposal: Proposal) -> tuple[ChatAnswer, bool]:
    """What became of it, and whether that is final: what was not begun may be confirmed again."""
    client, tool = _facts(context), WRITING_TOOLS[proposal.tool]
    answers: list[Any] = []
    try:
        plan = tool.planned(proposal.arguments, platform, client)
    except CallFailed as failed:
        return _told(platform, Shown(failed.sentence)), False
    if plan.digest != proposal.digest:
        anew = _proposal(context, ToolCall(proposal.tool, proposal.arguments), plan)
        changed = Shown(f"That has changed since, so nothing was done. Now: {plan.summary}", plan.figures, plan.table)
        return replace(_told(platform, changed), links=plan.links, proposal=anew), True
    try:
        for number, call in enumerate(plan.calls):
            answers.append(platform.send(call, f"chat-{proposal.id}-{number}"))
    except CallFailed as failed:
        done = f" {len(answers)} of {len(plan.calls)} steps were done before." if answers else " Nothing was done."
        return _told(platform, Shown(failed.sentence + done, links=plan.links)), bool(answers)
    shown = tool.outcome(plan, answers, client) if tool.outcome else Shown(plan.done, plan.figures, links=plan.links)
    return _told(platform, shown), True


def _told(platform: Platform, shown: Shown) -> ChatAnswer:
    return ChatAnswer(
        answer=shown.sentence,
        understood=True,
        figures=shown.figures,
        table=shown.table,
        calls=seen(platform.made),
        links=shown.links,
        suggestions=(),
        proposal=None,
        model=_GRAMMAR.name,
    )


def _plain(value: Any) -> Any:
    """A part of an answer as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value.__dict__


def _kept(kept: KeptAnswer) -> ChatAnswer:
    """The answer as it was given first; its parts stay what JSON made of them."""
    return ChatAnswer(**simplejson.loads(kept.body, use_decimal=True))
