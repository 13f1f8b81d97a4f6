/** Calls of the API: what they throw, how often they are tried, how long their answers are kept. */
import { QueryClient } from "@tanstack/react-query";
import type { Problem } from "stockcast-client";
import { fieldErrors as byField } from "stockcast-client/problems";
import { SignInFailed } from "stockcast-client/session";

export const API_ROOT = "/api/v1";

/** A call that was refused (`problem` says why), or that reached nobody (`problem` is missing). */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly problem?: Problem,
    readonly retryAfterS?: number,
  ) {
    super(message);
  }

  get status(): number | undefined {
    return this.problem?.status;
  }

  /** Whether the same call may succeed a little later. */
  get passing(): boolean {
    return !this.problem || [429, 502, 503, 504].includes(this.problem.status);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response?: Response;
}

/** What a function of the client answers with, or ApiError. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await answered(answer)).data;
}

/** The same beside the response, for its headers: the ETag of what is edited. */
export async function answered<T>(answer: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof SignInFailed) throw error;
    throw new ApiError("The server cannot be reached.");
  }
  const { data, error, response } = settled;
  if (error instanceof SignInFailed) throw error;
  if (error === undefined && response?.ok) return { data: data as T, response };
  if (isProblem(error)) {
    throw new ApiError(error.detail, error, Number(response?.headers.get("Retry-After")) || undefined);
  }
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new ApiError("The server cannot be reached.");
}

/** What was read, and the version that it had: sent as If-Match, so that nobody else's change is lost. */
export interface Versioned<T> {
  value: T;
  etag: string | null;
}

/** What a function of the client answers with, and its version. */
export async function versioned<T>(answer: Promise<Answer<T>>): Promise<Versioned<T>> {
  const { data, response } = await answered(answer);
  return { value: data, etag: response.headers.get("ETag") };
}

export const ifMatch = (etag: string | null): { "If-Match"?: string } => (etag ? { "If-Match": etag } : {});

/** What is wrong with each field of the body, by its path: "name", "products/0/discount". */
export function fieldErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError && error.problem ? byField(error.problem) : {};
}

function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "detail" in error;
}

/** Twice more for what may pass, after the time that the server asks for. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.passing,
      retryDelay: (failures, error) =>
        Math.min(((error instanceof ApiError && error.retryAfterS) || 2 ** failures) * 1000, 10_000),
    },
    mutations: { retry: false },
  },
});

/** A key for a POST: the same until it has succeeded, so that a second click or a retry does nothing twice. */
export const idempotencyKey = (): { "Idempotency-Key": string } => ({ "Idempotency-Key": crypto.randomUUID() });
