import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { OperationView } from "stockcast-client";
import { hasEnded } from "stockcast-client/operations";
import { idempotencyKey } from "../api/client";
import { operation } from "../api/operations";
import { toastError } from "./toasts";

interface Options {
  /** Asks for it; the answer names the operation. */
  start: (key: ReturnType<typeof idempotencyKey>) => Promise<{ id: string }>;
  onStarted?: () => void;
  /** It has succeeded, failed or been cancelled. */
  onEnded: (ended: OperationView) => void;
}

/** Long work that a button starts, followed to its end. */
export function useStartedWork({ start, onStarted, onEnded }: Options) {
  const [id, setId] = useState<string | null>(null);
  const [key, setKey] = useState(idempotencyKey);
  const told = useRef(onEnded);
  told.current = onEnded;
  const starting = useMutation({
    mutationFn: () => start(key),
    onSuccess: (started) => {
      setId(started.id);
      setKey(idempotencyKey());
      onStarted?.();
    },
    onError: toastError,
  });
  const { data } = useQuery({ ...operation(id ?? ""), enabled: id !== null });
  const ended = data && hasEnded(data) ? data : null;
  useEffect(() => {
    if (!ended) return;
    setId(null);
    told.current(ended);
  }, [ended]);
  return { start: () => starting.mutate(), busy: starting.isPending, isRunning: id !== null, work: data ?? null };
}
