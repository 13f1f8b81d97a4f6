import { type FormEvent, useEffect, useState } from "react";
import { SignInFailed } from "stockcast-client/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Link } from "../url/Link";
import { useSession } from "./session";

/** Email and password; what is wrong is said as the API says it. */
export function SignIn({ notice }: { notice?: string }) {
  const { signIn } = useSession();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  useEffect(() => {
    document.title = "Sign in · Stockcast";
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(undefined);
    try {
      await signIn(String(form.get("email")), String(form.get("password")));
    } catch (failure) {
      const refused = failure instanceof SignInFailed && failure.problem?.detail;
      setError(refused || "The server cannot be reached. Try again in a moment.");
      setBusy(false);
    }
  };

  return (
    <main className="entrance">
      <form className="card sign-in" onSubmit={submit}>
        <p className="brand">Stockcast</p>
        <h1>Sign in</h1>
        {notice && !error && <p className="note">{notice}</p>}
        <TextField label="Email" name="email" type="email" autoComplete="username" required autoFocus />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        {error && (
          <p className="note error" role="alert">
            {error}
          </p>
        )}
        <Button kind="primary" type="submit" busy={busy}>
          Sign in
        </Button>
        <Link to="/welcome">I have an invitation</Link>
      </form>
    </main>
  );
}
