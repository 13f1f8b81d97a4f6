import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { NotificationStatus, NotificationView } from "stockcast-client";
import { idempotencyKey, queries } from "../../api/client";
import { deliveries, resend } from "../../api/settings";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";
import { Badge, type Tone } from "../../ui/Status";
import { toast, toastError } from "../../ui/toasts";
import { useSearch } from "../../url/location";
import { EVENTS } from "./notificationsForm";

const STATUSES: Record<NotificationStatus, [string, Tone]> = {
  pending: ["On its way", "info"],
  delivered: ["Taken", "good"],
  failed: ["Not taken", "bad"],
};

/** What was told, whether it was taken, and once more on request. */
export function Deliveries() {
  const [search, setSearch] = useSearch();
  const { dateTime, count } = useFormats();
  const query = useQuery(deliveries(Number(search.get("page")) || 1));
  const { mutate, isPending, variables } = useMutation({
    mutationFn: ({ id, key }: { id: string; key: { "Idempotency-Key": string } }) => resend(id, key),
    onSuccess: () => {
      toast("It is sent once more.");
      queries.invalidateQueries({ queryKey: ["notifications"] });
    },
    onError: toastError,
  });
  const columns = useMemo<Column<NotificationView>[]>(
    () => [
      { id: "created_at", header: "When", cell: (row) => dateTime(row.created_at) },
      { id: "event", header: "What", cell: (row) => EVENTS[row.event] },
      {
        id: "status",
        header: "Delivery",
        cell: (row) => <Badge tone={STATUSES[row.status][1]}>{STATUSES[row.status][0]}</Badge>,
      },
      {
        id: "attempts",
        header: "Calls",
        cell: ({ attempts }) => {
          const last = attempts.at(-1);
          return (
            <span>
              {count(attempts.length)}
              {last && (
                <small className="soft">
                  {" "}
                  last {dateTime(last.at)}: {last.error ?? `answered ${last.status_code}`}
                </small>
              )}
            </span>
          );
        },
      },
      {
        id: "again",
        header: "Again",
        cell: (row) => (
          <Button
            disabled={row.status === "pending"}
            busy={isPending && variables.id === row.id}
            aria-label={`Send once more: ${EVENTS[row.event]}, ${dateTime(row.created_at)}`}
            onClick={() => mutate({ id: row.id, key: idempotencyKey() })}
          >
            Send once more
          </Button>
        ),
      },
    ],
    [dateTime, count, mutate, isPending, variables],
  );
  return (
    <Section title="What was told">
      <QueryView query={query} height="10rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <p className="soft">Nothing was told yet: it begins once an address is saved and something happens.</p>
          ) : (
            <>
              <DataTable caption="Deliveries" columns={columns} rows={items} rowId={(row) => row.id} />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="deliveries"
                onPage={(number) => setSearch({ page: number }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
