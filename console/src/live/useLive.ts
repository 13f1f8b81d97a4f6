/** Screens follow what happens elsewhere: one tab of a browser listens, and tells the others. */
import { useEffect, useState } from "react";
import type { Session } from "stockcast-client/session";
import { API_ROOT, queries } from "../api/client";
import { concerns } from "./concerns";
import { eventsOf, type ServerEvent } from "./stream";

/** `polling`: the stream does not get through, so that what is shown is asked for again each minute. */
export type Liveness = "connecting" | "live" | "polling";

const POLL_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Answers after which a stream is no use: the function is not deployed, or a proxy does not let it through. */
const HOPELESS = [404, 405, 406, 501];

export function useLive(session: Session | null, userId: string, clientId: string | null): Liveness {
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  useEffect(() => {
    if (!session) return;
    const name = `stockcast.live.${clientId}.${userId}`;
    const tabs = new BroadcastChannel(name);
    const leaving = new AbortController();
    const tell = (message: Liveness | ServerEvent) => {
      follow(message, setLiveness);
      tabs.postMessage(message);
    };
    tabs.onmessage = ({ data }: MessageEvent<Liveness | ServerEvent>) => follow(data, setLiveness);
    // The tab that has the lock listens; when it is closed, the next one does.
    const listening = () => listen(session, clientId, tell, leaving.signal);
    if (navigator.locks) navigator.locks.request(name, { signal: leaving.signal }, listening).catch(() => undefined);
    else listening();
    return () => {
      leaving.abort();
      tabs.close();
    };
  }, [session, userId, clientId]);

  useEffect(() => {
    if (liveness !== "polling") return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") queries.invalidateQueries();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [liveness]);
  return liveness;
}

function follow(message: Liveness | ServerEvent, setLiveness: (liveness: Liveness) => void): void {
  setLiveness(typeof message === "string" ? message : "live");
  if (typeof message === "string") return;
  const keys = concerns(message);
  if (keys === "all") queries.invalidateQueries();
  else for (const queryKey of keys ?? []) queries.invalidateQueries({ queryKey });
}

/** Listen until the tab leaves: connected again whenever the stream ends, with the last event that came. */
async function listen(
  session: Session,
  clientId: string | null,
  tell: (message: Liveness | ServerEvent) => void,
  leaving: AbortSignal,
): Promise<void> {
  let last: string | null = null;
  let wait = FIRST_WAIT_MS;
  while (!leaving.aborted) {
    try {
      const query = clientId ? `?client_id=${encodeURIComponent(clientId)}` : "";
      const response = await session.fetch(`${API_ROOT}/events${query}`, {
        headers: {
          Accept: "text/event-stream",
          Authorization: `Bearer ${session.tokens.access_token}`,
          ...(last !== null && { "Last-Event-ID": last }),
        },
        cache: "no-store",
        signal: leaving,
      });
      if (HOPELESS.includes(response.status)) {
        tell("polling");
        return;
      }
      if (!response.ok || !response.body) throw new Error(`the stream was answered ${response.status}`);
      for await (const event of eventsOf(response.body)) {
        wait = FIRST_WAIT_MS;
        last = event.id ?? last;
        if (event.event === "bye") {
          if ((JSON.parse(event.data) as { reason?: string }).reason === "token_expires") await session.refresh();
        } else tell(event);
      }
    } catch {
      if (leaving.aborted) return;
      tell("polling");
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    await pause(wait, leaving);
  }
}

const pause = (ms: number, leaving: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    leaving.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
