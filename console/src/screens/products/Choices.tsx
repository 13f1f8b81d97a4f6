import { useState } from "react";
import { CheckField, TextField } from "../../ui/Field";

export interface Option {
  value: string;
  text: string;
  note?: string;
}

interface Props {
  label: string;
  /** Missing while they are read. */
  options: readonly Option[] | undefined;
  chosen: readonly string[];
  onChoose: (values: readonly string[]) => void;
}

/** From how many options on one looks for them by typing. */
const MANY = 15;

/** Any of some values. */
export function Choices({ label, options, chosen, onChoose }: Props) {
  const [wanted, setWanted] = useState("");
  if (!options) return <p className="soft">Loading…</p>;
  const shown = options.filter(({ text }) => text.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <fieldset className="choices">
      <legend>{label}</legend>
      {options.length > MANY && (
        <TextField
          label={`Find in ${label.toLowerCase()}`}
          value={wanted}
          onChange={({ target }) => setWanted(target.value)}
        />
      )}
      <div className="choices-list">
        {shown.map(({ value, text, note }) => (
          <div key={value} className="choice">
            <CheckField
              label={text}
              checked={chosen.includes(value)}
              onChange={({ target }) =>
                onChoose(target.checked ? [...chosen, value] : chosen.filter((other) => other !== value))
              }
            />
            {note && <span className="soft numeric">{note}</span>}
          </div>
        ))}
        {shown.length === 0 && <p className="soft">None.</p>}
      </div>
    </fieldset>
  );
}
