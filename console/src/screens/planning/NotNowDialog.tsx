import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { PlanningBody, Suggestion } from "stockcast-client";
import { ApiError, ifMatch, queries } from "../../api/client";
import { stockChanged } from "../../api/planning";
import { changeProduct, product } from "../../api/products";
import { daysAfter } from "../../format/days";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { ErrorNote } from "../../ui/QueryView";
import { toast, toastError } from "../../ui/toasts";
import { type NotNow, planningOf, takenBack } from "./notNow";

interface Props {
  line: Suggestion;
  today: string;
  onClose: () => void;
}

const WEEKS = [1, 2, 4];

/** A line is put off until a day, or not ordered until that is changed: planned for the product itself, with the reason. */
export function NotNowDialog({ line, today, onClose }: Props) {
  const { date } = useFormats();
  const known = useQuery({ ...product(line.item_id), staleTime: 0 });
  const [choice, setChoice] = useState<NotNow>({ kind: "snooze", until: daysAfter(today, 28), reason: "" });
  const save = useMutation({
    mutationFn: async () => {
      const { planning } = known.data?.value ?? {};
      await changeProduct(line.item_id, { planning: planningOf(choice) }, ifMatch(known.data?.etag ?? null));
      return takenBack(planning ?? null);
    },
    onSuccess: (before) => {
      const until = choice.kind === "snooze" ? `until ${date(choice.until)}` : "until that is changed";
      toast(`${line.product_name} is not ordered ${until}.`, { undo: () => takeBack(line, before) });
      onClose();
      return stockChanged();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 412) known.refetch();
    },
  });
  const changed = save.error instanceof ApiError && save.error.status === 412;
  const planning = known.data?.value.planning;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={`Not now: ${line.product_name}`} open onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <fieldset className="choices">
          <legend className="visually-hidden">For how long</legend>
          <label className="check">
            <input
              type="radio"
              name="kind"
              checked={choice.kind === "snooze"}
              onChange={() => setChoice({ ...choice, kind: "snooze" })}
            />
            Snooze until a day
          </label>
          {choice.kind === "snooze" && (
            <div className="row snooze">
              <TextField
                label="Last day"
                type="date"
                required
                min={today}
                value={choice.until}
                onChange={({ target }) => setChoice({ ...choice, until: target.value })}
              />
              {WEEKS.map((weeks) => (
                <Button
                  key={weeks}
                  kind="quiet"
                  onClick={() => setChoice({ ...choice, until: daysAfter(today, 7 * weeks) })}
                >
                  {weeks === 1 ? "1 week" : `${weeks} weeks`}
                </Button>
              ))}
            </div>
          )}
          <label className="check">
            <input
              type="radio"
              name="kind"
              checked={choice.kind === "never"}
              onChange={() => setChoice({ ...choice, kind: "never" })}
            />
            Do not order until this is changed
          </label>
        </fieldset>
        <TextField
          label="Reason"
          required={choice.kind === "never"}
          maxLength={500}
          value={choice.reason}
          placeholder={planning?.reason ?? undefined}
          hint="For others who ask why it is not suggested."
          onChange={({ target }) => setChoice({ ...choice, reason: target.value })}
        />
        {changed && (
          <p className="note" role="alert">
            Somebody else has changed this product meanwhile
            {planning?.reason ? `: "${planning.reason}"` : ""}. Save once more to plan it as above.
          </p>
        )}
        {save.error && !changed && <ErrorNote error={save.error} />}
        {known.error && <ErrorNote error={known.error} onRetry={() => known.refetch()} />}
        <div className="row">
          <Button kind="primary" type="submit" busy={save.isPending} disabled={!known.data || known.isFetching}>
            {choice.kind === "snooze" ? "Snooze" : "Do not order"}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** As it was planned before, unless somebody has changed the product since. */
async function takeBack(line: Suggestion, before: PlanningBody): Promise<void> {
  try {
    const { etag } = await queries.fetchQuery({ ...product(line.item_id), staleTime: 0 });
    await changeProduct(line.item_id, { planning: before }, ifMatch(etag));
    toast(`${line.product_name} is suggested again.`);
  } catch (error) {
    toastError(error as Error);
  }
  await stockChanged();
}
