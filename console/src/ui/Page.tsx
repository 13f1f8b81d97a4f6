import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  title: string;
  /** What stands beside the heading: a date, a count. */
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A screen: its heading gets the focus when it is opened, so that a screen reader says where one is. */
export function Page({ title, note, actions, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Stockcast`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {note && <p className="page-note">{note}</p>}
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of a screen under a heading of its own. */
export function Section({ title, note, actions, children, className = "" }: SectionProps) {
  return (
    <section className={`card ${className}`}>
      <header className="card-head">
        <h2>{title}</h2>
        {note && <p>{note}</p>}
        {actions && <div className="card-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
