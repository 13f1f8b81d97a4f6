/** What checks of the data are called. Pure. */
import type { ValidationFinding } from "stockcast-client";

/** "no_recent_sales" as people say it: the API says what each means, but has no name for it. */
export function findingName(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How the count has changed since the report before. */
export function changeOf(
  { count, previous_count }: Pick<ValidationFinding, "count" | "previous_count">,
  written: (number: number) => string,
): string {
  if (previous_count === null) return "";
  const more = count - previous_count;
  if (more === 0) return "the same";
  return more > 0 ? `${written(more)} more now` : `${written(-more)} fewer now`;
}
