import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useMe } from "./session";

/** What the browser keeps for a user of a client, by name; other tabs see a change at once. */
export function useRemembered<T>(name: string, otherwise: T): [T, (value: T | null) => void] {
  const { client_id, user_id } = useMe();
  const key = `stockcast.${client_id}.${user_id}.${name}`;
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const value = useMemo(() => read(text, otherwise), [text, otherwise]);
  const remember = useCallback(
    (next: T | null) => {
      if (next === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(next));
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [value, remember];
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function read<T>(text: string | null, otherwise: T): T {
  if (text === null) return otherwise;
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}
