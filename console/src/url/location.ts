/** The address is the state: what a screen shows is in its path and its query, so that a link or a reload shows it again. */
import { useCallback, useMemo, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
/** Goes along to every screen: whose data a platform administrator looks at. */
const KEPT = "client_id";

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

const path = (): string => window.location.pathname;
const query = (): string => window.location.search;

export const usePath = (): string => useSyncExternalStore(subscribe, path);

/** Show the address: as a new entry of the history, or in place of this one. */
export function navigate(to: string, { replace = false } = {}): void {
  const address = withClient(to);
  if (address === path() + query()) return;
  if (replace) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
  for (const listener of listeners) listener();
}

/** The address with the client that is looked at now, unless it names one. */
export function withClient(to: string): string {
  const kept = new URLSearchParams(query()).get(KEPT);
  if (!kept) return to;
  const url = new URL(to, window.location.origin);
  if (!url.searchParams.has(KEPT)) url.searchParams.set(KEPT, kept);
  return url.pathname + url.search;
}

/** Values of the query to set; null, undefined, "" and empty lists take a parameter away. */
export type Changes = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** The query with the changes made. */
export function changed(search: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    next.delete(name);
    if (value === null || value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) next.append(name, String(each));
  }
  return next;
}

/** The address of a path with a query. */
export function href(to: string, params: Changes = {}): string {
  const search = changed(new URLSearchParams(), params).toString();
  return search ? `${to}?${search}` : to;
}

/** The query of this address, and a function that changes some of it, in place of this entry of the history unless asked. */
export function useSearch(): [URLSearchParams, (changes: Changes, options?: { push?: boolean }) => void] {
  const text = useSyncExternalStore(subscribe, query);
  const search = useMemo(() => new URLSearchParams(text), [text]);
  const change = useCallback((changes: Changes, { push = false } = {}) => {
    const next = changed(new URLSearchParams(query()), changes).toString();
    navigate(next ? `${path()}?${next}` : path(), { replace: !push });
  }, []);
  return [search, change];
}
