import { type ReactNode, useId, useRef } from "react";

interface Props {
  /** What the button shows, and its accessible name if that is no text. */
  label: ReactNode;
  name?: string;
  className?: string;
  /** Told when it opens: what it shows may be read then. */
  onOpen?: () => void;
  children: ReactNode;
}

const GAP = 6;

/** A button that shows more beside itself; Escape or a click elsewhere closes it (the browser's own popover). */
export function Popover({ label, name, className = "button quiet", onOpen, children }: Props) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const place = (event: { newState: string }) => {
    if (event.newState !== "open" || !button.current || !panel.current) return;
    onOpen?.();
    const anchor = button.current.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = panel.current;
    const left = Math.max(GAP, Math.min(anchor.left, document.documentElement.clientWidth - width - GAP));
    const below = anchor.bottom + GAP;
    const top = below + height > window.innerHeight ? Math.max(GAP, anchor.top - height - GAP) : below;
    panel.current.style.left = `${left}px`;
    panel.current.style.top = `${top}px`;
  };

  return (
    <>
      <button type="button" ref={button} className={className} popoverTarget={id} aria-label={name}>
        {label}
      </button>
      <div ref={panel} id={id} popover="auto" className="popover" onToggle={place}>
        {children}
      </div>
    </>
  );
}
