import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ImportKind, ImportRunPage, OperationStatus as Status } from "stockcast-client";
import { importRuns } from "../../../api/imports";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { type Column, DataTable } from "../../../ui/DataTable";
import { SelectField } from "../../../ui/Field";
import { Section } from "../../../ui/Page";
import { Pager } from "../../../ui/Pager";
import { Empty, QueryView } from "../../../ui/QueryView";
import { Link } from "../../../url/Link";
import { href, navigate, useSearch } from "../../../url/location";
import { OperationStatus } from "../OperationStatus";
import { KINDS, kindName } from "../upload/fields";

type Run = ImportRunPage["items"][number];

const PAGE_SIZE = 20;
const STATUSES: readonly [Status, string][] = [
  ["succeeded", "Done"],
  ["failed", "Failed"],
  ["running", "At work"],
  ["pending", "Waiting"],
  ["cancelled", "Cancelled"],
];

/** Files and sources that were read, the newest first, with what was not taken of them. */
export function Imports() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const kind = search.get("kind");
  const status = search.get("status");
  const list = useQuery(
    importRuns({
      page: Number(search.get("imports") ?? 1),
      page_size: PAGE_SIZE,
      kind: kind ? [kind as ImportKind] : undefined,
      status: status ? [status as Status] : undefined,
    }),
  );
  const columns = useMemo(() => columnsOf(formats), [formats]);
  return (
    <Section title="Imports" note="files and sources, the newest first; trials too">
      <div className="stack">
        <div className="row">
          <SelectField
            label="What was read"
            value={kind ?? ""}
            onChange={({ target }) => setSearch({ kind: target.value, imports: null })}
          >
            <option value="">Everything</option>
            {KINDS.map(({ kind: each, label }) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Status"
            value={status ?? ""}
            onChange={({ target }) => setSearch({ status: target.value, imports: null })}
          >
            <option value="">Any</option>
            {STATUSES.map(([each, label]) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </SelectField>
        </div>
        <QueryView query={list} height="30rem">
          {({ items, page, page_size, total }) =>
            total === 0 ? (
              <Empty title={kind || status ? "No import fits these filters." : "Nothing has been imported yet."} />
            ) : (
              <>
                <DataTable
                  caption="Imports"
                  columns={columns}
                  rows={items}
                  rowId={(run) => run.id}
                  onOpen={(run) => navigate(toRun(run))}
                />
                <Pager
                  page={page}
                  pageSize={page_size}
                  total={total}
                  things="imports"
                  onPage={(next) => setSearch({ imports: next }, { push: true })}
                />
              </>
            )
          }
        </QueryView>
      </div>
    </Section>
  );
}

const toRun = (run: Run): string => href("/data", { tab: "runs", run: run.id });

function columnsOf({ dateTime, count }: Formats): Column<Run>[] {
  return [
    {
      id: "what",
      header: "What",
      cell: (run) => (
        <span>
          <Link to={toRun(run)}>{kindName(run.parameters.kind)}</Link>{" "}
          <small className="soft">
            {"file_name" in run.parameters ? run.parameters.file_name : `source ${run.parameters.source_id}`}
          </small>
        </span>
      ),
    },
    {
      id: "status",
      header: "Status",
      cell: (run) => (
        <span>
          <OperationStatus status={run.status} /> {run.parameters.dry_run && <small className="soft">trial</small>}
        </span>
      ),
    },
    { id: "created_at", header: "Started", cell: (run) => <span className="moment">{dateTime(run.created_at)}</span> },
    { id: "read", header: "Read", numeric: true, cell: (run) => (run.counts ? count(run.counts.read) : "–") },
    { id: "accepted", header: "Taken", numeric: true, cell: (run) => (run.counts ? count(run.counts.accepted) : "–") },
    {
      id: "rejected",
      header: "Not taken",
      numeric: true,
      cell: (run) => {
        const rejected = run.counts?.rejected;
        if (rejected === undefined) return "–";
        return rejected > 0 ? <strong className="bad-text">{count(rejected)}</strong> : count(0);
      },
    },
    {
      id: "why",
      header: "Why it failed",
      cell: (run) => <small className="soft why">{run.error?.detail ?? "–"}</small>,
    },
  ];
}
