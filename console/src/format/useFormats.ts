import { useMemo } from "react";
import { useMe } from "../session/session";
import { type Formats, formats } from "./format";

/** Figures in the client's currency and time zone, written as the user's locale writes them. */
export function useFormats(): Formats {
  const { client, locale } = useMe();
  const language = locale ?? client?.locale ?? navigator.language;
  return useMemo(
    () => formats(language, client?.currency ?? null, client?.timezone ?? "UTC"),
    [language, client?.currency, client?.timezone],
  );
}

/** The client's today: its business date, or the day that its time zone has now. */
export function useToday(): string {
  const { client } = useMe();
  return client?.today ?? new Date().toISOString().slice(0, 10);
}
