import { type ComponentProps, type ReactNode, useId } from "react";

interface Labelled {
  label: string;
  /** What is wrong with what was entered, as the API says it. */
  error?: string;
  hint?: ReactNode;
  /** The label is for screen readers alone, where the place says it to those who see. */
  hiddenLabel?: boolean;
}

function Frame({ id, label, error, hint, hiddenLabel, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className={`field ${error ? "wrong" : ""}`}>
      <label htmlFor={id} className={hiddenLabel ? "visually-hidden" : undefined}>
        {label}
      </label>
      {children}
      {hint && (
        <small id={`${id}-hint`} className="hint">
          {hint}
        </small>
      )}
      {error && (
        <small id={`${id}-error`} className="error" role="alert">
          {error}
        </small>
      )}
    </div>
  );
}

const described = (id: string, { error, hint }: Labelled): string | undefined =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

export function TextField({ label, error, hint, hiddenLabel, ...rest }: Labelled & ComponentProps<"input">) {
  const made = useId();
  const id = rest.id ?? made;
  const labelled = { label, error, hint, hiddenLabel };
  return (
    <Frame id={id} {...labelled}>
      <input id={id} aria-invalid={error ? true : undefined} aria-describedby={described(id, labelled)} {...rest} />
    </Frame>
  );
}

export function SelectField({
  label,
  error,
  hint,
  hiddenLabel,
  children,
  ...rest
}: Labelled & ComponentProps<"select">) {
  const made = useId();
  const id = rest.id ?? made;
  const labelled = { label, error, hint, hiddenLabel };
  return (
    <Frame id={id} {...labelled}>
      <select id={id} aria-invalid={error ? true : undefined} aria-describedby={described(id, labelled)} {...rest}>
        {children}
      </select>
    </Frame>
  );
}

export function TextAreaField({ label, error, hint, hiddenLabel, ...rest }: Labelled & ComponentProps<"textarea">) {
  const made = useId();
  const id = rest.id ?? made;
  const labelled = { label, error, hint, hiddenLabel };
  return (
    <Frame id={id} {...labelled}>
      <textarea
        id={id}
        rows={3}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, labelled)}
        {...rest}
      />
    </Frame>
  );
}

export function CheckField({ label, ...rest }: { label: string } & ComponentProps<"input">) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}
