import type { ButtonHTMLAttributes, ReactNode } from "react";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "primary" | "plain" | "quiet" | "danger";
  /** The work that it started goes on: it cannot be pressed again, and says so. */
  busy?: boolean;
  children: ReactNode;
}

export function Button({ kind = "plain", busy = false, disabled, children, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      className={`button ${kind} ${className}`}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      {...rest}
    >
      {children}
    </button>
  );
}
