/** Signing in, and staying signed in: a 401 refreshes the tokens once and repeats the request. */
import { createToken, logout, refreshToken, type Problem, type TokenPair } from "./src/index.js";
import { client } from "./src/client.gen.js";

export class SignInFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Where a session's refresh token lies between page loads, and who may use it: it works once. */
export interface TokenStore {
  load(): string | null;
  save(refreshToken: string | null): void;
  /** Run the work while nobody else who shares the store, another tab say, runs theirs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** Keeps the token as long as the page is open. */
export class MemoryStore implements TokenStore {
  private token: string | null = null;
  load = (): string | null => this.token;
  save = (refreshToken: string | null): void => void (this.token = refreshToken);
  exclusively = <T>(work: () => Promise<T>): Promise<T> => work();
}

/** Sign in; every call of the client is made as this user from then on. */
export async function signIn(
  baseUrl: string,
  email: string,
  password: string,
  store: TokenStore = new MemoryStore(),
): Promise<Session> {
  client.setConfig({ baseUrl });
  const { data, error } = await createToken({ body: { email, password } });
  if (!data) throw new SignInFailed(error);
  store.save(data.refresh_token);
  return new Session(data, store);
}

/** The session whose refresh token the store holds; undefined without one, SignInFailed when it has ended. */
export async function resume(baseUrl: string, store: TokenStore): Promise<Session | undefined> {
  client.setConfig({ baseUrl });
  const tokens = await refreshed(store);
  return tokens && new Session(tokens, store);
}

export class Session {
  refreshes = 0;
  private refreshing: Promise<void> | undefined;

  constructor(
    public tokens: TokenPair,
    private readonly store: TokenStore,
  ) {
    client.setConfig({ auth: () => this.tokens.access_token, fetch: this.fetch });
  }

  /** As `fetch`, but for requests whose token has expired. */
  fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const again = request.clone();
    const response = await fetch(request);
    if (response.status !== 401 || !request.headers.has("Authorization")) return response;
    await this.refresh();
    again.headers.set("Authorization", `Bearer ${this.tokens.access_token}`);
    return fetch(again);
  };

  /** New tokens, one request for all that wait. */
  refresh = (): Promise<void> => {
    this.refreshing ??= this.renew().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  };

  /** End the session, here and on the server. */
  async signOut(): Promise<void> {
    const token = this.store.load();
    this.store.save(null);
    client.setConfig({ auth: undefined, fetch: undefined });
    if (token) await logout({ body: { refresh_token: token } });
  }

  private async renew(): Promise<void> {
    const tokens = await refreshed(this.store);
    if (!tokens) throw new SignInFailed(SIGNED_OUT);
    this.tokens = tokens;
    this.refreshes += 1;
  }
}

const SIGNED_OUT: Problem = {
  type: "about:blank",
  title: "Unauthorized",
  status: 401,
  code: "session_ended",
  detail: "The session has ended: sign in again.",
  errors: [],
  trace_id: "",
};

function refreshed(store: TokenStore): Promise<TokenPair | undefined> {
  return store.exclusively(async () => {
    const token = store.load();
    if (!token) return undefined;
    const { data, error, response } = await refreshToken({ body: { refresh_token: token }, fetch });
    if (!data) {
      if (response?.status === 401) store.save(null);
      throw new SignInFailed(error);
    }
    store.save(data.refresh_token);
    return data;
  });
}
