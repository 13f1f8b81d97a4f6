import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ForecastRunView } from "stockcast-client";
import { forecastNow, forecastRuns } from "../../api/forecasts";
import type { Formats } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { OperationProgress } from "../../ui/OperationProgress";
import { Section } from "../../ui/Page";
import { Empty, QueryView } from "../../ui/QueryView";
import { Badge, type Tone } from "../../ui/Status";
import { toast } from "../../ui/toasts";
import { useStartedWork } from "../../ui/useStartedWork";
import { engineName } from "./figures";

const NEWEST = 5;

/** The newest forecasts: which one lists use, what made it, and why another engine did; one can be started. */
export function ForecastRuns() {
  const formats = useFormats();
  const runs = useQuery(forecastRuns(NEWEST));
  const columns = useMemo(() => columnsOf(formats), [formats]);
  return (
    <Section title="Forecasts" note="one every night, and those that somebody asked for" actions={<StartForecast />}>
      <QueryView query={runs} height="16rem">
        {({ items }) => {
          const used = items.find((run) => run.is_for_lists && run.published_at);
          if (items.length === 0) return <Empty title="Nothing has been forecast yet." />;
          return (
            <>
              {used && <Used run={used} />}
              <DataTable caption="The newest forecasts" columns={columns} rows={items} rowId={(run) => run.run_id} />
            </>
          );
        }}
      </QueryView>
    </Section>
  );
}

function Used({ run }: { run: ForecastRunView }) {
  const { date, dateTime, count } = useFormats();
  return (
    <>
      <p>
        Lists use the forecast of {date(run.run_date)}, made by the {engineName(run.engine)} engine for{" "}
        {count(run.items)} products and {count(run.horizon_days)} days
        {run.published_at && `, ready ${dateTime(run.published_at)}`}.
      </p>
      {run.fallback_reason && (
        <p className="note warn">
          <strong>
            {engineName(run.requested_engine)} was asked for, and {engineName(run.engine)} was used.
          </strong>{" "}
          {run.fallback_reason.detail}
        </p>
      )}
    </>
  );
}

function StartForecast() {
  const may = useMay("publish_forecasts");
  const queries = useQueryClient();
  const forecast = useStartedWork({
    start: forecastNow,
    onStarted: () => queries.invalidateQueries({ queryKey: ["forecasts"] }),
    onEnded: ({ status, error }) => {
      if (status === "succeeded") toast("The forecast is ready: lists use it.");
      else toast(error?.detail ?? "The forecast was cancelled.", { tone: "bad" });
      // Everything that is planned rests on it.
      queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "operations" });
    },
  });
  if (!may) return null;
  if (forecast.isRunning) return <OperationProgress operation={forecast.work} name="Forecasting" />;
  return (
    <Button busy={forecast.busy} onClick={forecast.start}>
      Forecast everything now
    </Button>
  );
}

const STATUSES: Record<ForecastRunView["status"], [string, Tone]> = {
  pending: ["Waiting", "info"],
  running: ["At work", "info"],
  succeeded: ["Done", "good"],
  failed: ["Failed", "bad"],
  cancelled: ["Cancelled", "quiet"],
};

function columnsOf({ date, count, dateTime }: Formats): Column<ForecastRunView>[] {
  return [
    { id: "run_date", header: "From the day", cell: (run) => date(run.run_date) },
    {
      id: "status",
      header: "Status",
      cell: ({ status }) => <Badge tone={STATUSES[status][1]}>{STATUSES[status][0]}</Badge>,
    },
    {
      id: "engine",
      header: "Engine",
      cell: (run) => (
        <span>
          {engineName(run.engine)}
          {run.engine !== run.requested_engine && (
            <small className="soft"> instead of {engineName(run.requested_engine)}</small>
          )}
        </span>
      ),
    },
    { id: "items", header: "Products", numeric: true, cell: (run) => count(run.items) },
    { id: "horizon_days", header: "Days ahead", numeric: true, cell: (run) => count(run.horizon_days) },
    { id: "published_at", header: "Ready", cell: (run) => (run.published_at ? dateTime(run.published_at) : "–") },
    {
      id: "for",
      header: "For",
      cell: (run) => (run.is_for_lists ? "lists and orders" : run.error ? run.error.detail : "comparison"),
    },
  ];
}
