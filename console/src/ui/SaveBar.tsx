import { Button } from "./Button";
import type { Editing } from "./editing";

interface Props<T> {
  form: Editing<T>;
  /** What the button says. */
  action: string;
  /** How the fields are called, to name those that somebody else has changed. */
  names: Partial<Record<keyof T, string>>;
  /** Paths of errors that stand at fields; others are said here. */
  shown?: readonly string[];
  onCancel?: () => void;
}

/** The end of a form: what is wrong with it as a whole, and its buttons. Inside of the `form`, whose submit saves. */
export function SaveBar<T>({ form, action, names, shown, onCancel }: Props<T>) {
  const { theirs, failure, errors } = form;
  const elsewhere = shown ? Object.entries(errors).filter(([path]) => !shown.includes(path)) : [];
  return (
    <>
      {theirs && (
        <p className="note" role="alert">
          <strong>Somebody else has changed this meanwhile</strong>
          {theirs.length > 0 && ` (${theirs.map((field) => names[field] ?? String(field)).join(", ")})`}. The form shows
          it as it is now, with your changes over it. Look at it once more and save.
        </p>
      )}
      {failure && (
        <p className="note error" role="alert">
          {failure.message}
        </p>
      )}
      {elsewhere.map(([path, detail]) => (
        <p key={path} className="note error" role="alert">
          {detail}
        </p>
      ))}
      <div className="row">
        <Button kind="primary" type="submit" busy={form.busy} disabled={!form.dirty}>
          {action}
        </Button>
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </>
  );
}
