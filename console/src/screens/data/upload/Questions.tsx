import { useId } from "react";
import type { OpenQuestion } from "stockcast-client";
import { useFormats } from "../../../format/useFormats";
import { Section } from "../../../ui/Page";
import { readDate, readNumber } from "./outcome";
import type { Reading } from "./reading";

interface Props {
  asked: OpenQuestion[];
  reading: Reading;
  onSay: (said: Partial<Reading>) => void;
}

/** What cannot be told from the file: somebody has to say it before it can be imported. */
export function Questions({ asked, reading, onSay }: Props) {
  if (asked.length === 0) return null;
  return (
    <Section title={asked.length === 1 ? "One question" : "Questions"} className="questions">
      <div className="stack">
        {asked.map((question) => (
          <QuestionField
            key={`${question.form_field} ${question.column}`}
            question={question}
            answer={reading[question.form_field]}
            onAnswer={(answer) => onSay({ [question.form_field]: answer })}
          />
        ))}
      </div>
    </Section>
  );
}

interface QuestionProps {
  question: OpenQuestion;
  answer: string | undefined;
  onAnswer: (answer: string) => void;
}

function QuestionField({ question, answer, onAnswer }: QuestionProps) {
  const name = useId();
  const label = useLabels(question);
  return (
    <fieldset className="question">
      <legend>{textOf(question)}</legend>
      {question.choices.map((choice) => (
        <label key={choice} className="check">
          <input type="radio" name={name} checked={answer === choice} onChange={() => onAnswer(choice)} />
          <span>
            {label(choice)}
            {choice === question.suggestion && <small className="soft"> likely</small>}
          </span>
        </label>
      ))}
      {question.form_field === "encoding" && <p className="soft">{question.detail}</p>}
    </fieldset>
  );
}

function textOf({ form_field, column, examples }: OpenQuestion): string {
  const shown = examples.slice(0, 2).join(", ");
  if (form_field === "decimal_mark")
    return `What are the numbers of the column ${column}, such as ${shown || "1.240"}?`;
  if (form_field === "date_order") return `Which days are those of the column ${column}, such as ${shown}?`;
  return "Which letters does the file have?";
}

const ENCODINGS: Record<string, string> = {
  cp1250: "Central European",
  cp1251: "Cyrillic",
  cp1252: "Western European",
  cp1253: "Greek",
  cp1254: "Turkish",
};

export const encodingName = (encoding: string): string =>
  ENCODINGS[encoding] ? `${ENCODINGS[encoding]} (${encoding})` : encoding;

const MARKS: Record<string, string> = { ",": "the comma is decimal", ".": "the point is decimal" };
export const ORDERS: Record<string, string> = { DMY: "day first", MDY: "month first", YMD: "year first" };

/** What each choice makes of the examples. */
function useLabels({ form_field, examples }: OpenQuestion): (choice: string) => string {
  const { quantity, date } = useFormats();
  return (choice) => {
    if (form_field === "encoding") return encodingName(choice);
    const read = examples.slice(0, 2).flatMap((text) => {
      if (form_field === "decimal_mark") {
        const number = readNumber(text, choice);
        return number === null ? [] : [quantity(number)];
      }
      const day = readDate(text, choice);
      return day === null ? [] : [date(day)];
    });
    const name = (form_field === "decimal_mark" ? MARKS : ORDERS)[choice] ?? choice;
    return read.length ? `${read.join(", ")}: ${name}` : name;
  };
}
