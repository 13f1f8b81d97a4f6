import { ApiError } from "./client";

/** The keys of requests that have not been answered yet, by what they ask for. */
const keys = new Map<string, string>();

/**
 * Send a POST that creates: asked for again after no answer came, it has the same key and is carried out once. Once it
 * has been answered, or refused, the same words are a new request.
 */
export async function once<T>(
  intent: unknown,
  send: (headers: { "Idempotency-Key": string }) => Promise<T>,
): Promise<T> {
  const name = JSON.stringify(intent);
  const key = keys.get(name) ?? crypto.randomUUID();
  keys.set(name, key);
  try {
    const answer = await send({ "Idempotency-Key": key });
    keys.delete(name);
    return answer;
  } catch (error) {
    if (refused(error)) keys.delete(name);
    throw error;
  }
}

/** Whether nothing was done and nothing will be: not so while the first attempt may still be at work. */
const refused = (error: unknown): boolean =>
  error instanceof ApiError && !error.passing && error.problem?.code !== "request_in_progress";
