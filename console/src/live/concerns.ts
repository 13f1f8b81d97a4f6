/** Which queries an event concerns, by the first element of their keys. */
import { hasEnded } from "stockcast-client/operations";
import type { ServerEvent } from "./stream";

/** What is computed from the catalog: figures of products, and what follows from them. */
const CATALOG = [
  "dashboard",
  "trends",
  "products",
  "suggestions",
  "transfers",
  "recommendations",
  "suppliers",
  "campaigns",
  "locations",
];

const RESOURCES: Record<string, readonly string[]> = {
  catalog: CATALOG,
  order: ["orders", "suppliers"],
  cart: ["cart", "suggestions"],
  settings: ["settings"],
  operation: ["operations", "imports"],
};

/** The keys to ask for again; "all" after events were missed; null: it concerns none. */
export function concerns({ event, data }: ServerEvent): readonly (readonly unknown[])[] | "all" | null {
  if (event === "resync") return "all";
  const resources = RESOURCES[event];
  if (!resources) return null;
  const keys: (readonly unknown[])[] = resources.map((name) => [name]);
  // What a run has ended with is in other lists too.
  if (event === "operation" && hasEnded(JSON.parse(data))) keys.push(["validation"], ["forecasts"], ["accuracy"]);
  return keys;
}
