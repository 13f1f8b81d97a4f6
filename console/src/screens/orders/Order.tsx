import "./orders.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { OrderView, OrderStatus as Status } from "stockcast-client";
import { order, orderDocument } from "../../api/orders";
import type { ScreenProps } from "../../app/routes";
import { useFormats, useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { OrderStatus } from "../../ui/OrderStatus";
import { Page, Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { Badge } from "../../ui/Status";
import { saveFile } from "../../ui/saveFile";
import { toastError } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { ChangeDialog } from "./ChangeDialog";
import { Events } from "./Events";
import { MoveDialog } from "./MoveDialog";
import { OrderLines } from "./OrderLines";
import { ReceiveDialog } from "./ReceiveDialog";
import { daysLate, MOVES, RECEIVABLE } from "./status";

/** One order: what was ordered, what has arrived, and what can be done with it now. */
export default function Order({ params }: ScreenProps) {
  const found = useQuery(order(params.order_id ?? ""));
  const ordered = found.data?.value;
  return (
    <Page title={ordered ? `Order ${ordered.po_number}` : "Order"} actions={ordered && <Documents order={ordered} />}>
      <QueryView query={found} height="40rem">
        {({ value, etag }) => <Details order={value} etag={etag} />}
      </QueryView>
    </Page>
  );
}

type Task = { kind: "receive" } | { kind: "change" } | { kind: "move"; to: Status };

function Details({ order: ordered, etag }: { order: OrderView; etag: string | null }) {
  const formats = useFormats();
  const { date, money } = formats;
  const today = useToday();
  const mayOrder = useMay("order");
  const [task, setTask] = useState<Task | null>(null);
  const done = () => setTask(null);
  const late = daysLate(ordered.status, ordered.expected_delivery_date, today);
  return (
    <>
      <Section title={ordered.supplier_name} actions={mayOrder && <Actions order={ordered} onTask={setTask} />}>
        <dl className="facts">
          <dt>Status</dt>
          <dd>
            <OrderStatus status={ordered.status} />
          </dd>
          <dt>Expected</dt>
          <dd>
            {date(ordered.expected_delivery_date ?? "")}{" "}
            {late > 0 && <Badge tone="bad">{`${late} ${late === 1 ? "day" : "days"} late`}</Badge>}
          </dd>
          <dt>Ordered</dt>
          <dd>{date(ordered.order_date)}</dd>
          <dt>Total</dt>
          <dd>{money(ordered.total_amount)}</dd>
          <dt>Supplier</dt>
          <dd>
            <Link to={at("/suppliers", ordered.supplier_id)}>{ordered.supplier_name}</Link>
          </dd>
          {ordered.location_id && (
            <>
              <dt>Delivered to</dt>
              <dd>{ordered.location_id}</dd>
            </>
          )}
          {ordered.shipping_method && (
            <>
              <dt>Shipping</dt>
              <dd>{[ordered.shipping_method, ordered.shipping_unit].filter(Boolean).join(", ")}</dd>
            </>
          )}
          {ordered.notes && (
            <>
              <dt>Notes</dt>
              <dd>{ordered.notes}</dd>
            </>
          )}
        </dl>
      </Section>
      <OrderLines items={ordered.items} />
      <Events order={ordered} />
      {task?.kind === "receive" && <ReceiveDialog order={ordered} onClose={done} />}
      {task?.kind === "change" && <ChangeDialog order={ordered} etag={etag} onClose={done} />}
      {task?.kind === "move" && <MoveDialog order={ordered} etag={etag} to={task.to} onClose={done} />}
    </>
  );
}

function Actions({ order: ordered, onTask }: { order: OrderView; onTask: (task: Task) => void }) {
  const moves = ordered.allowed_moves.filter((to) => to in MOVES);
  const receivable = RECEIVABLE.includes(ordered.status);
  return (
    <>
      {receivable && (
        <Button kind="primary" onClick={() => onTask({ kind: "receive" })}>
          Receive
        </Button>
      )}
      {moves.map((to) => (
        <Button
          key={to}
          kind={to === "confirmed" ? "primary" : to === "cancelled" ? "danger" : "plain"}
          onClick={() => onTask({ kind: "move", to })}
        >
          {MOVES[to]}
        </Button>
      ))}
      {ordered.status === "pending" && <Button onClick={() => onTask({ kind: "change" })}>Change</Button>}
    </>
  );
}

/** The order as the supplier gets it. */
function Documents({ order: ordered }: { order: OrderView }) {
  const [busy, setBusy] = useState(false);
  const get = async (format: "pdf" | "csv", use: (file: Blob, response: Response) => void) => {
    setBusy(true);
    try {
      const { data, response } = await orderDocument(ordered.id, format);
      use(data as Blob, response);
    } catch (error) {
      toastError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button busy={busy} onClick={() => get("pdf", (file) => window.open(URL.createObjectURL(file), "_blank"))}>
        Print
      </Button>
      <Button
        busy={busy}
        onClick={() => get("pdf", (file, response) => saveFile(file, response, `${ordered.po_number}.pdf`))}
      >
        PDF
      </Button>
      <Button
        busy={busy}
        onClick={() => get("csv", (file, response) => saveFile(file, response, `${ordered.po_number}.csv`))}
      >
        CSV
      </Button>
    </>
  );
}
