import type { ProductDetail } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { changeProduct, product as productOf, productsChanged } from "../../api/products";
import { useToday } from "../../format/useFormats";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { CheckField, TextAreaField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { PLANNING_NAMES as NAMES, type PlanningForm, planningForm, planningPatch } from "./forms";

interface Props {
  read: Versioned<ProductDetail>;
  onClose: () => void;
}

/** What one wants of this product, in place of what the settings would do. */
export function PlanningDialog({ read, onClose }: Props) {
  const { item_id: itemId, product_name: name } = read.value;
  const today = useToday();
  const form = useEditing({
    start: { value: planningForm(read.value), etag: read.etag },
    reread: async () => {
      const { value, etag } = await queries.fetchQuery({ ...productOf(itemId), staleTime: 0 });
      return { value: planningForm(value), etag };
    },
    write: (_: PlanningForm, changes, headers) =>
      changeProduct(itemId, planningPatch(changes), { "If-Match": headers["If-Match"] }),
    onSaved: () => {
      productsChanged();
      toast(`The planning of ${name} is saved.`);
      onClose();
    },
  });
  const field = (field: Exclude<keyof PlanningForm, "strategic" | "do_not_order">) => ({
    label: NAMES[field],
    value: form.values[field],
    error: form.errors[`planning/${field}`],
    onChange: ({ target }: { target: { value: string } }) => form.set({ [field]: target.value }),
  });
  return (
    <Dialog title={`Planning of ${name}`} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        <div className="grid pair">
          <TextField
            {...field("service_level")}
            type="number"
            min={0.01}
            max={99.99}
            step={0.01}
            hint="Left empty: as the settings say."
          />
          <TextField {...field("min_stock")} type="number" min={0} step={0.001} hint="Of all locations together." />
          <TextField {...field("max_stock")} type="number" min={0} step={0.001} hint="Of all locations together." />
        </div>
        <CheckField
          label={NAMES.strategic}
          checked={form.values.strategic}
          onChange={({ target }) => form.set({ strategic: target.checked })}
        />
        <CheckField
          label={NAMES.do_not_order}
          checked={form.values.do_not_order}
          onChange={({ target }) =>
            form.set(target.checked ? { do_not_order: true } : { do_not_order: false, do_not_order_until: "" })
          }
        />
        {form.values.do_not_order && (
          <TextField {...field("do_not_order_until")} type="date" min={today} hint="Left empty: until you end it." />
        )}
        <TextAreaField {...field("reason")} maxLength={500} hint="Why it is planned so, for others who look at it." />
        <SaveBar form={form} action="Save" names={NAMES} shown={SHOWN} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

const SHOWN = Object.keys(NAMES).map((name) => `planning/${name}`);
