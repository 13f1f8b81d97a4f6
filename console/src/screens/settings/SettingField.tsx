import { useFormats } from "../../format/useFormats";
import { CheckField, SelectField, TextField } from "../../ui/Field";
import { FIELDS, type Setting } from "./fields";
import { inputBounds } from "./settingsForm";

interface Props {
  setting: Setting;
  value: string | boolean;
  error?: string;
  onChange: (value: string | boolean) => void;
}

/** A setting with its unit and what it does. */
export function SettingField({ setting, value, error, onChange }: Props) {
  const { currency, count } = useFormats();
  const field = FIELDS[setting];
  if (field.kind === "flag") {
    return (
      <div className="field">
        <CheckField label={field.label} checked={Boolean(value)} onChange={({ target }) => onChange(target.checked)} />
        <small className="hint">{field.help}</small>
      </div>
    );
  }
  if (field.kind === "choice") {
    return (
      <SelectField
        label={field.label}
        hint={field.help}
        error={error}
        value={String(value)}
        onChange={({ target }) => onChange(target.value)}
      >
        {field.options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </SelectField>
    );
  }
  const bounds = inputBounds(field);
  const unit = { days: "days", share: "%", money: currency ?? "money" }[field.kind];
  const range =
    field.kind === "share" && field.below !== undefined
      ? "above 0, below 100"
      : `${field.above !== undefined && field.kind !== "days" ? "above 0, up" : count(bounds.min)} to ${count(bounds.max ?? 0)}`;
  return (
    <TextField
      label={`${field.label}, ${unit}`}
      hint={
        <>
          {field.help}{" "}
          {field.empty
            ? `Empty: ${field.empty}.`
            : field.kind === "money"
              ? ""
              : `${range[0]?.toUpperCase()}${range.slice(1)}.`}
        </>
      }
      error={error}
      type="number"
      {...bounds}
      value={String(value)}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
