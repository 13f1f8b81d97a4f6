/** Signing in, and staying signed in: a 401 refreshes the tokens once and repeats the request. */
import { createToken, refreshToken, type Problem, type TokenPair } from "./src/index.js";
import { client } from "./src/client.gen.js";

export class SignInFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Sign in; every call of the client is made as this user from then on. */
export async function signIn(baseUrl: string, email: string, password: string): Promise<Session> {
  client.setConfig({ baseUrl });
  const { data, error } = await createToken({ body: { email, password } });
  if (!data) throw new SignInFailed(error);
  const session = new Session(data);
  client.setConfig({ auth: () => session.tokens.access_token, fetch: session.fetch });
  return session;
}

export class Session {
  refreshes = 0;
  private refreshing: Promise<void> | undefined;

  constructor(public tokens: TokenPair) {}

  /** As `fetch`, but for requests whose token has expired. */
  fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const again = request.clone();
    const response = await fetch(request);
    if (response.status !== 401 || !request.headers.has("Authorization")) return response;
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined)); // one for all that wait
    await this.refreshing;
    again.headers.set("Authorization", `Bearer ${this.tokens.access_token}`);
    return fetch(again);
  };

  private async refresh(): Promise<void> {
    const { data, error } = await refreshToken({ body: { refresh_token: this.tokens.refresh_token }, fetch });
    if (!data) throw new SignInFailed(error);
    this.tokens = data;
    this.refreshes += 1;
  }
}
