import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { getOperation, type ImportKind, type MappingView, type OperationView } from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { call } from "../../../api/client";
import { startImport } from "../../../api/imports";
import { formOf, type Reading } from "./reading";

/** A file that was chosen: the same file chosen again may have changed. */
export interface Chosen {
  id: number;
  file: File;
}

const PAUSE_MS = 500;
const FIRST_POLL_MS = 250;
const POLL_MS = 1000;

/** What would become of the file, checked anew a moment after what is said of it changes. */
export function useTrial(kind: ImportKind, chosen: Chosen | null, reading: Reading, saved: MappingView | null) {
  const [now, setNow] = useState<OperationView | null>(null);
  const settled = usePause(reading);
  const query = useQuery({
    queryKey: ["trials", kind, chosen?.id, settled, saved?.updated_at ?? null],
    queryFn: async ({ signal }) => {
      if (!chosen) throw new Error("there is no file");
      setNow(null);
      let operation = await startImport(formOf(kind, chosen.file, settled, true, saved));
      for (let wait = FIRST_POLL_MS; !hasEnded(operation); wait = POLL_MS) {
        setNow(operation);
        await pause(wait, signal);
        operation = await call(getOperation({ path: { operation_id: operation.id }, signal }));
      }
      return operation;
    },
    enabled: chosen !== null,
    placeholderData: (before, query) => (query?.queryKey[2] === chosen?.id ? keepPreviousData(before) : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const current = settled === reading && !query.isPlaceholderData && !query.isFetching;
  return { query, now, current };
}

function usePause<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
