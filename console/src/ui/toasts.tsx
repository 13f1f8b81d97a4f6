import { useSyncExternalStore } from "react";
import { Button } from "./Button";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad";
  /** Take back what was done. */
  undo?: () => void;
}

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(changed: readonly Toast[]): void {
  toasts = changed;
  for (const listener of listeners) listener();
}

/** Say what was done, or why it was not; what can be taken back stays longer. */
export function toast(
  text: string,
  { tone = "good" as Toast["tone"], undo = undefined as (() => void) | undefined } = {},
) {
  const id = next++;
  set([...toasts.slice(-3), { id, text, tone, undo }]);
  setTimeout(() => dismiss(id), tone === "bad" || undo ? 12_000 : 5_000);
}

export const toastError = (error: Error) => toast(error.message, { tone: "bad" });

const dismiss = (id: number) => set(toasts.filter((shown) => shown.id !== id));

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, tone, undo }) => (
        <div key={id} className={`toast ${tone}`}>
          <span>{text}</span>
          {undo && (
            <Button
              kind="quiet"
              onClick={() => {
                undo();
                dismiss(id);
              }}
            >
              Undo
            </Button>
          )}
          <Button kind="quiet" aria-label="Dismiss this message" onClick={() => dismiss(id)}>
            ×
          </Button>
        </div>
      ))}
    </div>
  );
}
