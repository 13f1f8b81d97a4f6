import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ValidationFinding } from "stockcast-client";
import { validateNow, validation } from "../../../api/validation";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { type Column, DataTable } from "../../../ui/DataTable";
import { OperationProgress } from "../../../ui/OperationProgress";
import { Section } from "../../../ui/Page";
import { Empty, QueryView } from "../../../ui/QueryView";
import { Badge, type Tone } from "../../../ui/Status";
import { toast } from "../../../ui/toasts";
import { useStartedWork } from "../../../ui/useStartedWork";
import { kindName } from "../upload/fields";
import { changeOf, findingName } from "./findings";

/** Whether the data are fit to plan by: what is odd about them, and whether it is new. */
export function Validation() {
  const { date, dateTime } = useFormats();
  const formats = useFormats();
  const columns = useMemo(() => columnsOf(formats), [formats]);
  const report = useQuery(validation());
  return (
    <Section
      title="Checks of the data"
      note={report.data && `of ${date(report.data.as_of)}, made ${dateTime(report.data.created_at)}`}
      actions={<CheckNow />}
    >
      <QueryView query={report} height="24rem">
        {(data) =>
          data === null ? (
            <Empty title="The data have not been checked yet.">
              Every daily run checks them. It looks for missing days, unknown products, odd quantities and the like.
            </Empty>
          ) : (
            <>
              {data.suspicious && (
                <p className="note warn">
                  <strong>Something has changed that should be looked at before you order.</strong> It is marked below.
                </p>
              )}
              {data.checks.length === 0 ? (
                <Empty title="Nothing is odd about the data." />
              ) : (
                <>
                  <p className="soft">
                    {formats.count(data.summary.error)} to mend first, {formats.count(data.summary.warning)} to look at,{" "}
                    {formats.count(data.summary.info)} worth knowing. What found nothing is not listed.
                  </p>
                  <DataTable
                    caption="What was found"
                    columns={columns}
                    rows={data.checks}
                    rowId={(finding) => `${finding.entity} ${finding.code}`}
                  />
                </>
              )}
            </>
          )
        }
      </QueryView>
    </Section>
  );
}

function CheckNow() {
  const may = useMay("import");
  const queries = useQueryClient();
  const check = useStartedWork({
    start: validateNow,
    onEnded: ({ status, error }) => {
      if (status === "succeeded") toast("The data have been checked.");
      else toast(error?.detail ?? "The check was cancelled.", { tone: "bad" });
      queries.invalidateQueries({ queryKey: ["validation"] });
    },
  });
  if (!may) return null;
  if (check.isRunning) return <OperationProgress operation={check.work} name="Checking the data" />;
  return (
    <Button busy={check.busy} onClick={check.start}>
      Check now
    </Button>
  );
}

const SEVERITIES: Record<ValidationFinding["severity"], { name: string; tone: Tone }> = {
  error: { name: "Mend first", tone: "bad" },
  warning: { name: "Look at", tone: "warn" },
  info: { name: "Worth knowing", tone: "info" },
};

function columnsOf({ count }: Formats): Column<ValidationFinding>[] {
  return [
    {
      id: "severity",
      header: "How bad",
      cell: ({ severity, suspicious }) => (
        <div className="badges">
          <Badge tone={SEVERITIES[severity].tone}>{SEVERITIES[severity].name}</Badge>
          {suspicious && <Badge tone="warn">Has changed</Badge>}
        </div>
      ),
    },
    {
      id: "meaning",
      header: "What was found",
      cell: ({ code, entity, meaning, examples }) => (
        <div className="finding">
          <strong>
            {findingName(code)} <small className="soft">{kindName(entity)}</small>
          </strong>
          <span>{meaning}</span>
          {examples.length > 0 && <small className="soft">Such as {examples.join(", ")}</small>}
        </div>
      ),
    },
    { id: "count", header: "Count", numeric: true, cell: (finding) => count(finding.count) },
    {
      id: "previous_count",
      header: "Last time",
      numeric: true,
      cell: (finding) => (
        <span>
          {finding.previous_count === null ? "–" : count(finding.previous_count)}{" "}
          <small className="soft">{changeOf(finding, count)}</small>
        </span>
      ),
    },
  ];
}
