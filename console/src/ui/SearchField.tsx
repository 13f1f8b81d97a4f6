import { type Ref, useEffect, useRef, useState } from "react";
import { TextField } from "./Field";

interface Props {
  label: string;
  /** What is searched for now, as the address says. */
  value: string;
  onSearch: (text: string) => void;
  placeholder?: string;
  ref?: Ref<HTMLInputElement>;
}

/** Until the typing pauses: each request asks for what one means, not for every letter on the way there. */
const PAUSE_MS = 250;

/** A search that follows what is typed. */
export function SearchField({ label, value, onSearch, placeholder, ref }: Props) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  // The address changes elsewhere too: the browser's Back, a reset, a saved view.
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      search.current(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextField
      label={label}
      type="search"
      ref={ref}
      value={text}
      placeholder={placeholder}
      onChange={({ target }) => setText(target.value)}
    />
  );
}
