/** What a form shows of an error: which field is wrong, and how. */
import type { Problem } from "./src/index.js";

/** The details of a 422 by field: `{"lines/0/quantity": "..."}`. */
export function fieldErrors(problem: Problem): Record<string, string> {
  return Object.fromEntries(problem.errors.map(({ pointer, detail }) => [pointer.replace(/^\//, ""), detail]));
}
