import type { AddedSuggestions } from "stockcast-client";

/** What became of what was to be added, in a sentence or two. */
export function outcome(answers: readonly AddedSuggestions[], count: (number: number) => string): string {
  const added = answers.reduce((sum, answer) => sum + answer.added, 0);
  const last = answers.at(-1);
  // Lines that an earlier request has added are in the cart already for the last one.
  const there = (last?.already_in_cart ?? 0) - (answers.length > 1 ? (answers[0]?.added ?? 0) : 0);
  const parts = [
    added === 0 ? "Nothing is added to the cart." : `${lines(added, count)} ${added === 1 ? "is" : "are"} in the cart.`,
  ];
  if (there > 0) parts.push(`${lines(there, count)} ${there === 1 ? "was" : "were"} there before.`);
  const skipped = answers.flatMap((answer) => answer.skipped);
  const total = answers.reduce((sum, answer) => sum + answer.total_skipped, 0);
  const [first] = skipped;
  if (first) {
    const more = total - 1;
    parts.push(`${first.item_id} is not added: ${first.reason}${more > 0 ? `; ${lines(more, count)} more` : ""}.`);
  }
  return parts.join(" ");
}

const lines = (number: number, count: (number: number) => string): string =>
  `${count(number)} ${number === 1 ? "line" : "lines"}`;
