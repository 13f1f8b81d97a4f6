import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ImportRunPage } from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { idempotencyKey } from "../../../api/client";
import { importRun, savedMappings, saveMapping } from "../../../api/imports";
import { cancel, tryAgain } from "../../../api/runs";
import { useFormats } from "../../../format/useFormats";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { OperationProgress } from "../../../ui/OperationProgress";
import { Section } from "../../../ui/Page";
import { QueryView } from "../../../ui/QueryView";
import { toast, toastError } from "../../../ui/toasts";
import { OperationStatus } from "../OperationStatus";
import { kindName } from "../upload/fields";
import type { Outcome } from "../upload/outcome";
import { exclusionsSent, mappingBody, type Reading } from "../upload/reading";
import { Facts, ImportCounts } from "./ImportFigures";
import { NotTaken } from "./NotTaken";

type Run = ImportRunPage["items"][number];

/** One import: how far it is, what it did, what it did not take. */
export function ImportRun({ runId }: { runId: string }) {
  const run = useQuery(importRun(runId));
  useShownEverywhere(run.data);
  return (
    <QueryView query={run} height="24rem">
      {(data) => <RunView run={data as Run} />}
    </QueryView>
  );
}

function RunView({ run }: { run: Run }) {
  const { dateTime } = useFormats();
  const may = useMay("import");
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["operations", run.id] });
  const [key] = useState(idempotencyKey);
  const cancelling = useMutation({ mutationFn: () => cancel(run.id), onSuccess: again, onError: toastError });
  const retrying = useMutation({ mutationFn: () => tryAgain(run.id, key), onSuccess: again, onError: toastError });
  const result = run.result as Outcome | null;
  const { parameters } = run;
  const from = "file_name" in parameters ? parameters.file_name : `source ${parameters.source_id}`;
  return (
    <>
      <Section
        title={`${kindName(parameters.kind)}: ${from}`}
        note={
          <>
            <OperationStatus status={run.status} /> {parameters.dry_run && "trial, nothing was written · "}
            {dateTime(run.created_at)}
          </>
        }
        actions={
          may && !hasEnded(run) ? (
            <Button busy={cancelling.isPending} onClick={() => cancelling.mutate()}>
              Cancel
            </Button>
          ) : may && run.status === "failed" ? (
            <Button busy={retrying.isPending} onClick={() => retrying.mutate()}>
              Try again
            </Button>
          ) : undefined
        }
      >
        <div className="stack">
          {!hasEnded(run) && <OperationProgress operation={run} name={parameters.dry_run ? "Checking" : "Importing"} />}
          {run.error && (
            <p className="note error" role="alert">
              <strong>It has failed.</strong> {run.error.detail}
            </p>
          )}
          {run.counts && <ImportCounts counts={run.counts} trial={parameters.dry_run} />}
          {result && <Facts result={result} />}
          {may && run.status === "succeeded" && result && "file_name" in parameters && !parameters.dry_run && (
            <SaveMapping run={run} result={result} />
          )}
        </div>
      </Section>
      {hasEnded(run) && <NotTaken run={run} byCheck={result?.rejected_by_check} />}
    </>
  );
}

/** Keep how this file was read for the next one of its kind. */
function SaveMapping({ run, result }: { run: Run; result: Outcome }) {
  const { kind } = run.parameters;
  const queries = useQueryClient();
  const mappings = useQuery(savedMappings());
  const saved = mappings.data?.items.find((each) => each.kind === kind) ?? null;
  const saving = useMutation({
    mutationFn: () => {
      const sent = "file_name" in run.parameters ? run.parameters.mapping : null;
      const body = mappingBody(result.mapping, saidOf(run), exclusionsSent(sent));
      return saveMapping(kind, body, saved);
    },
    onSuccess: () => {
      toast(`The next file of ${kindName(kind).toLowerCase()} is read in the same way.`);
      queries.invalidateQueries({ queryKey: ["mappings"] });
    },
    onError: (error) => {
      queries.invalidateQueries({ queryKey: ["mappings"] });
      toastError(error);
    },
  });
  if (result.mapping_source === "saved") {
    return <p className="soft">It was read by the mapping that is saved for files of this kind.</p>;
  }
  return (
    <div className="row">
      <Button
        busy={saving.isPending}
        disabled={!mappings.isSuccess || saving.isSuccess}
        onClick={() => saving.mutate()}
      >
        {saving.isSuccess ? "Saved for the next file" : "Read the next file in the same way"}
      </Button>
      {saved && !saving.isSuccess && <span className="soft">This replaces the mapping that is saved now.</span>}
    </div>
  );
}

/** What was said of the file when it was imported. */
function saidOf(run: Run): Reading {
  if (!("file_name" in run.parameters)) return {};
  const { delimiter, encoding, header_row, sheet, decimal_mark, date_order, default_location_id } = run.parameters;
  return {
    delimiter: (delimiter as Reading["delimiter"] | null) ?? undefined,
    encoding: encoding ?? undefined,
    header_row: header_row ?? undefined,
    sheet: sheet ?? undefined,
    decimal_mark: decimal_mark ?? undefined,
    date_order: date_order ?? undefined,
    default_location_id: default_location_id ?? undefined,
  };
}

/** An import that ends while it is looked at has changed what other screens show. */
function useShownEverywhere(run: { id: string; status: Run["status"] } | undefined): void {
  const queries = useQueryClient();
  const atWork = useRef(false);
  useEffect(() => {
    const works = run?.status === "pending" || run?.status === "running";
    if (atWork.current && !works) {
      queries.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== "operations" && queryKey[0] !== "trials",
      });
    }
    atWork.current = works;
  }, [run?.status, queries]);
}
