import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { Button } from "./Button";

interface Props<T> {
  query: UseQueryResult<T, Error>;
  children: (data: T) => ReactNode;
  /** The height that the answer will take, so that nothing moves when it comes. */
  height?: string;
}

/** What a query has: its answer, the room that the answer will take, or what went wrong and what to do. */
export function QueryView<T>({ query, children, height = "12rem" }: Props<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <ErrorNote error={query.error} onRetry={() => query.refetch()} stale />}
        <div className={query.isPlaceholderData ? "stack stale" : "stack"}>{children(query.data)}</div>
      </>
    );
  }
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => query.refetch()} />;
  return (
    <div className="skeleton" style={{ minHeight: height }} role="status">
      <span className="visually-hidden">Loading</span>
    </div>
  );
}

interface ErrorProps {
  error: Error;
  onRetry?: () => void;
  /** Older figures are still shown below. */
  stale?: boolean;
}

/** What went wrong, and what to do about it; what passes by itself is tried again by itself. */
export function ErrorNote({ error, onRetry, stale = false }: ErrorProps) {
  const passing = error instanceof ApiError && error.passing;
  const wait = (error instanceof ApiError && error.retryAfterS) || 15;
  const left = useCountdown(passing && onRetry ? wait : null, onRetry);
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <div className="note error" role="alert">
      <p>
        <strong>{passing ? "The figures cannot be read right now." : heading(problem?.status)}</strong>{" "}
        {passing
          ? stale
            ? "What you see was read before. Nothing that you saved is lost."
            : "Nothing that you saved is lost."
          : error.message}
      </p>
      <p className="note-actions">
        {onRetry && <Button onClick={onRetry}>{left ? `Try again (by itself in ${left} s)` : "Try again"}</Button>}
        {problem?.trace_id && <small>For support: {problem.trace_id}</small>}
      </p>
    </div>
  );
}

function heading(status: number | undefined): string {
  if (status === 403) return "Your role does not allow this.";
  if (status === 404) return "It is not here (any more).";
  return "This did not work.";
}

function useCountdown(seconds: number | null, done?: () => void): number | null {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    if (left === null) return;
    if (left <= 0) {
      done?.();
      setLeft(seconds);
      return;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, done, seconds]);
  return left;
}

/** Nothing to show: what that means, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="note empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children && <div>{children}</div>}
    </div>
  );
}
