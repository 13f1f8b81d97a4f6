import type { OperationView } from "stockcast-client";
import { useFormats } from "../../../format/useFormats";
import { Section } from "../../../ui/Page";
import { RejectedByCheck } from "./ImportFigures";
import { Rejects } from "./Rejects";

interface Props {
  run: Pick<OperationView, "id" | "counts">;
  byCheck: Record<string, number> | undefined;
}

/** What of a file is not taken, and why; nothing where all is. */
export function NotTaken({ run, byCheck }: Props) {
  const { count } = useFormats();
  const rejected = run.counts?.rejected ?? 0;
  if (rejected === 0) return null;
  return (
    <Section title="Not taken" note={`${count(rejected)} ${rejected === 1 ? "record" : "records"}, and why`}>
      <div className="stack">
        {byCheck && <RejectedByCheck counts={byCheck} />}
        <Rejects key={run.id} runId={run.id} total={rejected} />
      </div>
    </Section>
  );
}
