import { useMemo } from "react";
import type { EtlRunOperation, OperationView } from "stockcast-client";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Empty } from "../../../ui/QueryView";
import { Link } from "../../../url/Link";
import { href } from "../../../url/location";
import { OperationStatus } from "../OperationStatus";
import { duration, type Step, seconds, stepName, withOperations } from "./steps";

/** The steps of a daily run, in the order in which they are done. */
export function RunSteps({ run, operations }: { run: EtlRunOperation; operations: readonly OperationView[] }) {
  const formats = useFormats();
  const columns = useMemo(() => columnsOf(formats), [formats]);
  const steps = withOperations(run.steps, operations);
  if (steps.length === 0) return <Empty title="Its steps are not known yet." />;
  return (
    <DataTable
      caption="Steps of the run"
      columns={columns}
      rows={steps}
      rowId={(step) => `${step.name} ${step.source_id ?? ""}`}
    />
  );
}

function columnsOf({ count }: Formats): Column<Step>[] {
  return [
    {
      id: "name",
      header: "Step",
      cell: (step) => (
        <span>
          {stepName(step.name)} {step.source_id && <small className="soft">from {step.source_id}</small>}
        </span>
      ),
    },
    { id: "status", header: "Status", cell: (step) => <OperationStatus status={step.status} /> },
    {
      id: "took",
      header: "Took",
      numeric: true,
      cell: ({ operation }) => duration(seconds(operation?.started_at, operation?.finished_at, Date.now())),
    },
    { id: "attempts", header: "Attempts", numeric: true, cell: (step) => count(step.attempts) },
    {
      id: "records",
      header: "Records",
      cell: ({ operation }) => {
        const counts = operation?.counts;
        if (!operation || !counts) return "–";
        return (
          <Link to={href("/data", { tab: "runs", run: operation.id })}>
            {count(counts.accepted)} taken{counts.rejected > 0 && `, ${count(counts.rejected)} not`}
          </Link>
        );
      },
    },
    {
      id: "detail",
      header: "What happened",
      cell: (step) => step.detail ?? step.operation?.error?.detail ?? step.operation?.step ?? "–",
    },
  ];
}
