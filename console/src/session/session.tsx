/** Who is signed in, and for which client. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Ability, getMe, type OwnView, type Role, type TokenPair } from "stockcast-client";
import { resume, type Session, SignInFailed, signIn } from "stockcast-client/session";
import { client as api } from "../../../clients/typescript/src/client.gen";
import { API_ROOT, ApiError, call, queries } from "../api/client";
import { useSearch } from "../url/location";
import { browserStore, onOtherTab } from "./store";

export type Me = OwnView;

type State =
  | { status: "starting" }
  | { status: "signed out"; notice?: string }
  | { status: "unreachable"; error: Error }
  | { status: "signed in"; session: Session; me: Me };

interface SessionValue {
  state: State;
  signIn(email: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  retry(): void;
  /** Ask again who one is, after one has changed it. */
  reread(): Promise<void>;
  /** Go on with these tokens, which came in place of those that a new password has ended. */
  take(tokens: TokenPair): void;
}

const SessionContext = createContext<SessionValue | null>(null);

export function useSession(): SessionValue {
  const value = useContext(SessionContext);
  if (!value) throw new Error("useSession is called outside of SessionProvider");
  return value;
}

/** The user who is signed in; only below the sign-in screen. */
export function useMe(): Me {
  const { state } = useSession();
  if (state.status !== "signed in") throw new Error("nobody is signed in");
  return state.me;
}

/** Whether the user may do this: what the screens offer. The API decides for itself. */
export const useMay = (ability: Ability): boolean => useMe().abilities.includes(ability);
export const useRole = (): Role => useMe().role;

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ status: "starting" });
  const [search] = useSearch();
  const clientId = search.get("client_id");
  const signedIn = useRef(false);
  signedIn.current = state.status === "signed in";

  const enter = useCallback(async (session: Session | undefined) => {
    if (!session) return setState({ status: "signed out" });
    setState({ status: "signed in", session, me: await call(getMe()) });
  }, []);

  const start = useCallback(() => {
    takeTokenFromAddress();
    resume(API_ROOT, browserStore)
      .then(enter)
      .catch((error: unknown) => setState(ended(error)));
  }, [enter]);

  useEffect(start, [start]);
  useEffect(
    () =>
      onOtherTab((signedIn) => {
        queries.clear();
        if (signedIn) start();
        else setState({ status: "signed out" });
      }),
    [start],
  );
  // A session may end at any request: its user was disabled, or another tab used a token that had ended.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const error = query.state.error;
        if (error instanceof SignInFailed) setState((now) => (now.status === "signed in" ? ended(error) : now));
      }),
    [],
  );
  // Another client's data must not be taken for this one's.
  useEffect(() => {
    const add = async (request: Request): Promise<Request> => {
      // Signing in is of no client.
      if (!clientId || !request.headers.has("Authorization")) return request;
      const url = new URL(request.url);
      if (!url.searchParams.has("client_id")) url.searchParams.set("client_id", clientId);
      // Read here: a request made of another one would stream its body, which browsers send by HTTP/2 alone.
      const body = request.body ? await request.blob() : undefined;
      const { method, headers, signal } = request;
      return new Request(url, { method, headers, signal, body });
    };
    const id = api.interceptors.request.use(add);
    queries.clear();
    if (clientId && signedIn.current) {
      call(getMe()).then(
        (me) => setState((now) => (now.status === "signed in" ? { ...now, me } : now)),
        (error: unknown) => setState(ended(error)),
      );
    }
    return () => api.interceptors.request.eject(id);
  }, [clientId]);

  const value = useMemo<SessionValue>(
    () => ({
      state,
      signIn: async (email, password) => enter(await signIn(API_ROOT, email, password, browserStore)),
      signOut: async () => {
        if (state.status === "signed in") await state.session.signOut();
        queries.clear();
        setState({ status: "signed out" });
      },
      retry: () => {
        setState({ status: "starting" });
        start();
      },
      reread: async () => {
        const me = await call(getMe());
        setState((now) => (now.status === "signed in" ? { ...now, me } : now));
      },
      take: (tokens) => {
        if (state.status !== "signed in") return;
        browserStore.save(tokens.refresh_token);
        state.session.tokens = tokens;
      },
    }),
    [state, enter, start],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

function ended(error: unknown): State {
  if (error instanceof SignInFailed && error.problem?.status === 401) {
    return { status: "signed out", notice: "Your session has ended. Sign in again." };
  }
  return { status: "unreachable", error: error instanceof Error ? error : new ApiError(String(error)) };
}

/** `#refresh_token=...`: how the local stack's link signs in; never from an address on the network. */
function takeTokenFromAddress(): void {
  const given = new URLSearchParams(window.location.hash.slice(1)).get("refresh_token");
  if (!given) return;
  if (["127.0.0.1", "localhost", "[::1]"].includes(window.location.hostname)) browserStore.save(given);
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
}
