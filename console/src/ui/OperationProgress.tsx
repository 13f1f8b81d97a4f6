import type { OperationView } from "stockcast-client";
import { useFormats } from "../format/useFormats";

/** How far long work is: what it does now, and a bar. */
export function OperationProgress({ operation, name }: { operation: OperationView | null; name: string }) {
  const { count } = useFormats();
  const { done = 0, total = null } = operation?.progress ?? {};
  const step = operation?.step ?? (operation ? "waiting for its turn" : "sending");
  return (
    <div className="progress">
      <progress aria-label={name} value={total ? done : undefined} max={total ?? undefined} />
      <small className="soft" role="status">
        {name}: {step}
        {done > 0 && ` · ${count(done)}${total ? ` of ${count(total)}` : ""}`}
      </small>
    </div>
  );
}
