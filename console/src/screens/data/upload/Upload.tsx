import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ImportKind, OpenQuestion } from "stockcast-client";
import { idempotencyKey } from "../../../api/client";
import { savedMappings, startImport } from "../../../api/imports";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { OperationProgress } from "../../../ui/OperationProgress";
import { ErrorNote } from "../../../ui/QueryView";
import { toastError } from "../../../ui/toasts";
import { useSearch } from "../../../url/location";
import { Facts, ImportCounts } from "../runs/ImportFigures";
import { ImportRun } from "../runs/ImportRun";
import { NotTaken } from "../runs/NotTaken";
import { WhoMay } from "../WhoMay";
import { Columns } from "./Columns";
import { FileChoice } from "./FileChoice";
import { Format } from "./Format";
import { isKind } from "./fields";
import { ImportBar } from "./ImportBar";
import type { Outcome } from "./outcome";
import { Preview } from "./Preview";
import { Questions } from "./Questions";
import { Refusal } from "./Refusal";
import { formOf, type Reading } from "./reading";
import { SavedNote } from "./SavedNote";
import { type Chosen, useTrial } from "./useTrial";

/** A file: chosen, tried without writing anything, understood as it is meant, and then imported. */
export function Upload() {
  const may = useMay("import");
  const [search, setSearch] = useSearch();
  const run = search.get("run");
  if (run) {
    return (
      <>
        <div className="row">
          <Button onClick={() => setSearch({ run: null })}>Import another file</Button>
        </div>
        <ImportRun runId={run} />
      </>
    );
  }
  if (!may) return <WhoMay what="Importing files" />;
  const kind = search.get("kind");
  return <Trial kind={isKind(kind) ? kind : "products"} onKind={(chosen) => setSearch({ kind: chosen })} />;
}

function Trial({ kind, onKind }: { kind: ImportKind; onKind: (kind: ImportKind) => void }) {
  const [, setSearch] = useSearch();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [reading, setReading] = useState<Reading>({});
  const mappings = useQuery(savedMappings());
  const saved = mappings.data?.items.find((each) => each.kind === kind) ?? null;
  const { query: trial, now, current } = useTrial(kind, mappings.isPending ? null : chosen, reading, saved);
  const say = (said: Partial<Reading>) => setReading((before) => ({ ...before, ...said }));

  const tried = trial.data;
  const result = (tried?.result ?? null) as Outcome | null;
  const asked = useAsked(chosen?.id, result?.questions);
  const open = asked.filter(({ form_field }) => !reading[form_field]);

  const key = useKeyFor(reading, chosen?.id);
  const importing = useMutation({
    mutationFn: (file: File) => startImport(formOf(kind, file, reading, false, saved), key),
    onSuccess: (operation) => setSearch({ run: operation.id }, { push: true }),
    onError: toastError,
  });

  return (
    <div className="stack">
      <FileChoice
        kind={kind}
        file={chosen?.file ?? null}
        reading={reading}
        onKind={(next) => {
          setReading({});
          onKind(next);
        }}
        onFile={(file) => {
          setReading({});
          setChosen((before) => ({ id: (before?.id ?? 0) + 1, file }));
        }}
        onSay={say}
      />
      {saved && <SavedNote kind={kind} saved={saved} reading={reading} onSay={say} />}
      {chosen && !current && !trial.isError && (
        <OperationProgress operation={now} name={`Checking ${chosen.file.name}`} />
      )}
      {chosen && trial.isError && !trial.isFetching && (
        <ErrorNote error={trial.error} onRetry={() => trial.refetch()} />
      )}
      {chosen && tried && (
        <div className={current ? "stack" : "stack stale"}>
          {(tried.status !== "succeeded" || reading.accept_shrinkage) && (
            <Refusal kind={kind} tried={tried} reading={reading} onSay={say} />
          )}
          {tried.counts && <ImportCounts counts={tried.counts} trial />}
          {result && <Facts result={result} />}
          <Questions asked={asked} reading={reading} onSay={say} />
          {result?.preview && result.preview.length > 0 && <Preview kind={kind} result={result} />}
          <NotTaken run={tried} byCheck={result?.rejected_by_check} />
          <Columns
            key={`columns ${chosen.id}`}
            kind={kind}
            result={result}
            error={tried.error}
            reading={reading}
            onSay={say}
          />
          <Format key={`format ${chosen.id}`} kind={kind} tried={tried} reading={reading} onSay={say} />
          {result && tried.counts && (
            <ImportBar
              accepted={tried.counts.accepted}
              ready={current && open.length === 0}
              why={open.length > 0 ? "Answer the question above first." : current ? null : "The file is being checked."}
              busy={importing.isPending}
              onImport={() => importing.mutate(chosen.file)}
            />
          )}
        </div>
      )}
    </div>
  );
}

/** All questions about the file: one that is answered stays, so that the answer can be changed. */
function useAsked(fileId: number | undefined, questions: OpenQuestion[] | undefined): OpenQuestion[] {
  const [asked, setAsked] = useState<{ fileId?: number; questions: OpenQuestion[] }>({ questions: [] });
  useEffect(() => {
    setAsked((before) => {
      const kept = before.fileId === fileId ? before.questions : [];
      const same = (one: OpenQuestion, other: OpenQuestion) =>
        one.form_field === other.form_field && one.column === other.column;
      const more = (questions ?? []).filter((question) => !kept.some((known) => same(known, question)));
      return { fileId, questions: [...kept, ...more] };
    });
  }, [fileId, questions]);
  return asked.fileId === fileId ? asked.questions : [];
}

/** One key for one file read in one way: pressed twice it is imported once. */
function useKeyFor(reading: Reading, fileId: number | undefined): { "Idempotency-Key": string } {
  const kept = useRef({ reading, fileId, key: idempotencyKey() });
  if (kept.current.reading !== reading || kept.current.fileId !== fileId) {
    kept.current = { reading, fileId, key: idempotencyKey() };
  }
  return kept.current.key;
}
