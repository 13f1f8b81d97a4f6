import { type ReactNode, useState } from "react";
import { Button } from "./Button";
import { TextField } from "./Field";

/** A text to be taken elsewhere: a key, a link. */
export function CopyField({ label, value, hint }: { label: string; value: string; hint?: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    // A page that is not served securely has no clipboard: then the text is selected, to be copied by hand.
    await navigator.clipboard?.writeText(value).then(() => setCopied(true));
  };
  return (
    <div className="copy-field">
      <TextField label={label} hint={hint} readOnly value={value} onFocus={({ target }) => target.select()} />
      <Button onClick={copy}>{copied ? "Copied" : "Copy"}</Button>
    </div>
  );
}
