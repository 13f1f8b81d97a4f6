import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { EtlRunOperation } from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { idempotencyKey } from "../../../api/client";
import { cancel, dailyRuns, runSteps, startDailyRun, tryAgain } from "../../../api/runs";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Section } from "../../../ui/Page";
import { Pager } from "../../../ui/Pager";
import { Empty, QueryView } from "../../../ui/QueryView";
import { toast, toastError } from "../../../ui/toasts";
import { useSearch } from "../../../url/location";
import { OperationStatus } from "../OperationStatus";
import { RunSteps } from "./RunSteps";
import { duration, seconds, stepsDone } from "./steps";

/** The daily runs: sources, checks, forecast, lists; the steps of the one that is chosen, the newest at first. */
export function DailyRuns() {
  const may = useMay("import");
  const [search, setSearch] = useSearch();
  const page = Number(search.get("page") ?? 1);
  const formats = useFormats();
  const list = useQuery(dailyRuns(page));
  const chosen = list.data?.items.find(({ id }) => id === search.get("daily")) ?? list.data?.items[0];
  const columns = useMemo(() => columnsOf(formats), [formats]);
  return (
    <>
      <Section title="Daily runs" note="every night, and when somebody starts one" actions={may && <StartRun />}>
        <QueryView query={list} height="14rem">
          {({ items, page_size, total }) =>
            total === 0 ? (
              <Empty title="No run yet.">
                The daily run reads the sources, looks at the data, forecasts and brings it all into the lists.
              </Empty>
            ) : (
              <>
                <DataTable
                  caption="Daily runs"
                  columns={columns}
                  rows={items}
                  rowId={(run) => run.id}
                  onOpen={(run) => setSearch({ daily: run.id })}
                  rowClass={(run) => (run.id === chosen?.id ? "chosen" : undefined)}
                />
                {total > page_size && (
                  <Pager
                    page={page}
                    pageSize={page_size}
                    total={total}
                    things="runs"
                    onPage={(next) => setSearch({ page: next, daily: null }, { push: true })}
                  />
                )}
              </>
            )
          }
        </QueryView>
      </Section>
      {chosen && <RunDetail run={chosen} />}
    </>
  );
}

function RunDetail({ run }: { run: EtlRunOperation }) {
  const may = useMay("import");
  const { dateTime } = useFormats();
  const ended = hasEnded(run);
  const operations = useQuery(runSteps(!ended));
  const queries = useQueryClient();
  const [key, setKey] = useState(idempotencyKey);
  const settled = () => queries.invalidateQueries({ queryKey: ["operations"] });
  const cancelling = useMutation({ mutationFn: () => cancel(run.id), onSuccess: settled, onError: toastError });
  const retrying = useMutation({
    mutationFn: () => tryAgain(run.id, key),
    onSuccess: () => {
      toast("The steps that failed or were left out are done again.");
      setKey(idempotencyKey());
      settled();
    },
    onError: toastError,
  });
  return (
    <Section
      title="Steps"
      note={`of the run of ${dateTime(run.created_at)}`}
      actions={
        may && !ended ? (
          <Button busy={cancelling.isPending} onClick={() => cancelling.mutate()}>
            Cancel the run
          </Button>
        ) : may && run.status !== "succeeded" ? (
          <Button kind="primary" busy={retrying.isPending} onClick={() => retrying.mutate()}>
            Try again from the failed step
          </Button>
        ) : undefined
      }
    >
      <div className="stack">
        {run.error && <p className="note error">{run.error.detail}</p>}
        <RunSteps run={run} operations={operations.data ?? []} />
      </div>
    </Section>
  );
}

function StartRun() {
  const queries = useQueryClient();
  const [key, setKey] = useState(idempotencyKey);
  const starting = useMutation({
    mutationFn: () => startDailyRun(key),
    onSuccess: () => {
      toast("The daily run has begun.");
      setKey(idempotencyKey());
      queries.invalidateQueries({ queryKey: ["operations"] });
    },
    onError: toastError,
  });
  return (
    <Button busy={starting.isPending} onClick={() => starting.mutate()}>
      Start the daily run now
    </Button>
  );
}

function columnsOf({ dateTime, date }: Formats): Column<EtlRunOperation>[] {
  return [
    { id: "created_at", header: "Started", cell: (run) => <span className="moment">{dateTime(run.created_at)}</span> },
    { id: "status", header: "Status", cell: (run) => <OperationStatus status={run.status} /> },
    { id: "date", header: "Of the day", cell: (run) => date(run.parameters.date) },
    { id: "steps", header: "Steps done", numeric: true, cell: (run) => stepsDone(run.steps) },
    {
      id: "took",
      header: "Took",
      numeric: true,
      cell: (run) => duration(seconds(run.started_at, run.finished_at, Date.now())),
    },
    {
      id: "created_by",
      header: "By",
      cell: (run) => (run.created_by === "scheduler" ? "the schedule" : run.created_by),
    },
  ];
}
