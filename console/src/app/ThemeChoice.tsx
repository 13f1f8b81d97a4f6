import { useState } from "react";
import { SelectField } from "../ui/Field";

const NAME = "stockcast.theme";

/** Light, dark, or as the machine has it. */
export function applyTheme(): void {
  const theme = localStorage.getItem(NAME);
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(() => localStorage.getItem(NAME) ?? "");
  const choose = (chosen: string) => {
    if (chosen) localStorage.setItem(NAME, chosen);
    else localStorage.removeItem(NAME);
    applyTheme();
    setTheme(chosen);
  };
  return (
    <SelectField label="Appearance" value={theme} onChange={({ target }) => choose(target.value)}>
      <option value="">As the machine</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </SelectField>
  );
}
