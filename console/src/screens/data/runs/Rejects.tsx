import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Reject } from "stockcast-client";
import { rejects, rejectsFile } from "../../../api/imports";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { Button } from "../../../ui/Button";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Pager } from "../../../ui/Pager";
import { QueryView } from "../../../ui/QueryView";
import { saveFile } from "../../../ui/saveFile";
import { toastError } from "../../../ui/toasts";
import { checkName } from "../checks";

/** Records that were not taken, each with its row and the reason; all of them as a file. */
export function Rejects({ runId, total: expected }: { runId: string; total: number }) {
  const formats = useFormats();
  const [page, setPage] = useState(1);
  const list = useQuery(rejects(runId, page));
  const columns = useMemo(() => columnsOf(formats), [formats]);
  const file = useMutation({
    mutationFn: () => rejectsFile(runId),
    onSuccess: ({ data, response }) => saveFile(data, response, `rejects-${runId}.csv`),
    onError: toastError,
  });
  return (
    <QueryView query={list} height={`${6 + 3.5 * Math.min(expected, 10)}rem`}>
      {({ items, page_size, total }) => (
        <>
          <DataTable
            caption="Records that were not taken"
            columns={columns}
            rows={items}
            rowId={(row) => `${row.row_number} ${row.check} ${row.field}`}
          />
          {total > page_size && (
            <Pager page={page} pageSize={page_size} total={total} things="records not taken" onPage={setPage} />
          )}
          <div className="row">
            <Button busy={file.isPending} onClick={() => file.mutate()}>
              Download all as CSV
            </Button>
          </div>
        </>
      )}
    </QueryView>
  );
}

function columnsOf({ count }: Formats): Column<Reject>[] {
  return [
    { id: "row_number", header: "Row", cell: (row) => count(row.row_number) },
    { id: "check", header: "Why", cell: (row) => checkName(row.check) },
    { id: "reason", header: "What is wrong", cell: (row) => row.reason },
    {
      id: "record",
      header: "The record",
      cell: ({ record }) => (
        <small className="soft record">
          {Object.entries(record)
            .filter(([, value]) => value !== null && value !== "")
            .map(([name, value]) => `${name}: ${value}`)
            .join(" · ")}
        </small>
      ),
    },
  ];
}
