import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { EntityView, ImportKind, SourceView } from "stockcast-client";
import { idempotencyKey } from "../../../api/client";
import { forgetSource, source as sourceQuery, syncNow, tryOutSource } from "../../../api/sources";
import type { Formats } from "../../../format/format";
import { useFormats } from "../../../format/useFormats";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { Confirm } from "../../../ui/Confirm";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Section } from "../../../ui/Page";
import { toastError } from "../../../ui/toasts";
import { Link } from "../../../url/Link";
import { href, navigate } from "../../../url/location";
import { OperationStatus } from "../OperationStatus";
import { kindName } from "../upload/fields";
import { SourceTested } from "./SourceTested";

interface Read {
  kind: ImportKind;
  entity: EntityView;
}

/** One source: what is read of it, how far it has come, and how the last time went. */
export function SourceCard({ source, onEdit }: { source: SourceView; onEdit: () => void }) {
  const may = useMay("import");
  const formats = useFormats();
  const queries = useQueryClient();
  const [forgetting, setForgetting] = useState(false);
  const testing = useMutation({ mutationFn: () => tryOutSource(source.source_id), onError: toastError });
  const columns = useMemo(() => columnsOf(formats, may, source.source_id), [formats, may, source.source_id]);
  const rows = Object.entries(source.entities).map(([kind, entity]) => ({ kind: kind as ImportKind, entity }));
  return (
    <Section
      title={source.source_id}
      note={`${source.kind === "sql" ? source.url : `${source.project}, ${source.dataset}`} · ${
        source.schedule === "daily" ? "read every night" : "read when somebody asks for it"
      }`}
      actions={
        may && (
          <>
            <Button busy={testing.isPending} onClick={() => testing.mutate()}>
              Test
            </Button>
            <Button onClick={onEdit}>Change</Button>
            <Button kind="quiet" onClick={() => setForgetting(true)}>
              Remove
            </Button>
          </>
        )
      }
    >
      <div className="stack">
        <DataTable
          caption={`What is read from ${source.source_id}`}
          columns={columns}
          rows={rows}
          rowId={(row) => row.kind}
        />
        {testing.data && <SourceTested tested={testing.data} />}
      </div>
      {forgetting && (
        <Confirm
          title={`Remove ${source.source_id}?`}
          action="Remove"
          act={async () => {
            const { etag } = await queries.fetchQuery(sourceQuery(source.source_id));
            return forgetSource(source.source_id, etag);
          }}
          onDone={() => {
            setForgetting(false);
            queries.invalidateQueries({ queryKey: ["sources"] });
          }}
          onClose={() => setForgetting(false)}
        >
          <p>It is not read any more. What was read from it stays.</p>
        </Confirm>
      )}
    </Section>
  );
}

function columnsOf({ dateTime, date, count }: Formats, may: boolean, sourceId: string): Column<Read>[] {
  return [
    {
      id: "kind",
      header: "What",
      cell: ({ kind, entity }) => (
        <span>
          {kindName(kind)} <small className="soft">{entity.table ?? "by a query"}</small>
        </span>
      ),
    },
    {
      id: "last_run",
      header: "Last read",
      cell: ({ entity: { last_run: run } }) =>
        run ? (
          <span>
            <OperationStatus status={run.status} />{" "}
            <Link to={href("/data", { tab: "runs", run: run.run_id })}>{dateTime(run.created_at)}</Link>
          </span>
        ) : (
          "never"
        ),
    },
    {
      id: "records",
      header: "Records",
      numeric: true,
      cell: ({ entity: { last_run: run } }) =>
        run?.counts
          ? `${count(run.counts.accepted)} taken${run.counts.rejected ? `, ${count(run.counts.rejected)} not` : ""}`
          : "–",
    },
    {
      id: "watermark",
      header: "Sales stored up to",
      cell: ({ kind, entity }) => (kind === "sales-history" && entity.watermark ? date(entity.watermark) : "–"),
    },
    ...(may
      ? [
          {
            id: "now",
            header: "Now",
            cell: ({ kind }: Read) => <ReadNow kind={kind} sourceId={sourceId} />,
          },
        ]
      : []),
  ];
}

function ReadNow({ kind, sourceId }: { kind: ImportKind; sourceId: string }) {
  const [key] = useState(idempotencyKey);
  const reading = useMutation({
    mutationFn: () => syncNow(kind, { source_id: sourceId }, key),
    onSuccess: (run) => navigate(href("/data", { tab: "runs", run: run.id })),
    onError: toastError,
  });
  return (
    <Button aria-label={`Read now: ${kindName(kind)}`} busy={reading.isPending} onClick={() => reading.mutate()}>
      Read now
    </Button>
  );
}
