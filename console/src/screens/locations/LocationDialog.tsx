import type { LocationView } from "stockcast-client";
import { queries, type Versioned } from "../../api/client";
import { addLocation, location, saveLocation } from "../../api/locations";
import { Dialog } from "../../ui/Dialog";
import { useEditing } from "../../ui/editing";
import { CheckField, SelectField, TextAreaField, TextField } from "../../ui/Field";
import { SaveBar } from "../../ui/SaveBar";
import { toast } from "../../ui/toasts";
import { type LocationForm, locationBody, locationForm, NAMES, newLocation, TYPES } from "./locationForm";

interface Props {
  /** The one that is edited; a new one without it. */
  edited?: Versioned<LocationView>;
  onClose: () => void;
}

export function LocationDialog({ edited, onClose }: Props) {
  const id = edited?.value.location_id;
  const form = useEditing({
    start: { value: locationForm(edited?.value), etag: edited?.etag ?? null },
    reread: id
      ? async () => {
          const { value, etag } = await queries.fetchQuery(location(id));
          return { value: locationForm(value), etag };
        }
      : undefined,
    write: (values: LocationForm, _, headers) =>
      id
        ? saveLocation(id, locationBody(values), { "If-Match": headers["If-Match"] })
        : addLocation(newLocation(values), { "Idempotency-Key": headers["Idempotency-Key"] }),
    onSaved: (saved) => {
      queries.invalidateQueries({ queryKey: ["locations"] });
      toast(`${saved.name} is ${id ? "saved" : "added"}.`);
      onClose();
    },
  });
  const field = (name: Exclude<keyof LocationForm, "is_default">) => ({
    label: NAMES[name],
    value: form.values[name],
    error: form.errors[name],
    onChange: ({ target }: { target: { value: string } }) => form.set({ [name]: target.value }),
  });
  const wasDefault = edited?.value.is_default ?? false;

  return (
    <Dialog title={edited ? `Edit ${edited.value.name}` : "Add a location"} open onClose={onClose}>
      <form className="form" onSubmit={form.submit}>
        {!id && (
          <TextField
            {...field("location_id")}
            required
            maxLength={200}
            hint="By it stock, sales and orders name the place. It stays as it is."
          />
        )}
        <TextField {...field("name")} required maxLength={200} />
        <SelectField {...field("type")}>
          {Object.entries(TYPES).map(([type, name]) => (
            <option key={type} value={type}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextAreaField {...field("address")} maxLength={500} />
        <div className="grid pair">
          <TextField {...field("city")} maxLength={200} />
          <TextField {...field("country")} maxLength={200} />
        </div>
        <div>
          <CheckField
            label="Orders without a location go here"
            checked={form.values.is_default}
            onChange={({ target }) => form.set({ is_default: target.checked })}
          />
          {!wasDefault && form.values.is_default && (
            <p className="soft">The place where they go today stops being the default.</p>
          )}
        </div>
        <SaveBar form={form} action={id ? "Save" : "Add"} names={NAMES} shown={Object.keys(NAMES)} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
