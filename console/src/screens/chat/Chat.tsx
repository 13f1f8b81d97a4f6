import "./chat.css";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { ChatAnswerView, ChatBody } from "stockcast-client";
import { ask } from "../../api/chat";
import { queries } from "../../api/client";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Page } from "../../ui/Page";
import { ErrorNote } from "../../ui/QueryView";
import { useSearch } from "../../url/location";
import { Answer } from "./Answer";

interface Turn {
  question: string;
  answer: ChatAnswerView;
}

/** As many earlier messages as a question needs to be understood. */
const REMEMBERED = 6;
const EXAMPLES = [
  "What will run out next week?",
  "How much cash is tied up in dead stock?",
  "Draft an order for everything urgent under 5,000 pounds",
  "Which orders are late?",
];

/** Questions in plain language; what would change something is shown first, and done when it is confirmed. */
export default function Chat() {
  const [search, setSearch] = useSearch();
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const asking = useMutation({
    mutationFn: async ({ question, ...body }: ChatBody & { question: string }) => {
      const history = turns
        .flatMap(({ question: said, answer }) => [
          { role: "user" as const, text: said },
          { role: "assistant" as const, text: answer.answer },
        ])
        .slice(-REMEMBERED);
      const answer = await ask(body.confirm ? body : { question, history });
      setTurns([...turns, { question, answer }]);
      if (body.confirm) await queries.invalidateQueries();
    },
  });
  const send = (question: string) => {
    if (!question.trim() || asking.isPending) return;
    setText("");
    asking.mutate({ question: question.trim() });
  };
  // A link may bring a question along.
  const given = search.get("q");
  const sent = useRef<string | null>(null);
  useEffect(() => {
    if (!given || sent.current === given) return;
    sent.current = given;
    setSearch({ q: null });
    asking.mutate({ question: given });
  }, [given, setSearch, asking.mutate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest answer is brought into view
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [turns.length]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(text);
  };
  const last = turns.at(-1)?.answer;
  const suggestions = last ? last.suggestions : EXAMPLES;
  return (
    <Page title="Ask" note="Figures come from the same calls that the screens make.">
      <ol className="turns" aria-label="Questions and answers" aria-live="polite">
        {turns.map(({ question, answer }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: turns are only added
          <li key={index} className="stack">
            <p className="question">{question}</p>
            <Answer
              answer={answer}
              newest={index === turns.length - 1}
              busy={asking.isPending}
              onConfirm={(token) => asking.mutate({ question: "Yes, do it", confirm: token })}
            />
          </li>
        ))}
      </ol>
      {asking.error && <ErrorNote error={asking.error} />}
      {suggestions.length > 0 && (
        <div className="row">
          {suggestions.map((suggestion) => (
            <Button key={suggestion} kind="plain" disabled={asking.isPending} onClick={() => send(suggestion)}>
              {suggestion}
            </Button>
          ))}
        </div>
      )}
      <form className="ask" onSubmit={submit}>
        <TextField
          label="Your question"
          value={text}
          maxLength={500}
          autoComplete="off"
          onChange={({ target }) => setText(target.value)}
        />
        <Button kind="primary" type="submit" busy={asking.isPending} disabled={!text.trim()}>
          Ask
        </Button>
      </form>
      <div ref={end} />
    </Page>
  );
}
