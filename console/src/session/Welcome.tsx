import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { fieldErrors } from "../api/client";
import { choosePassword } from "../api/users";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Link } from "../url/Link";
import { navigate } from "../url/location";
import { tokenOf } from "./oneTimeToken";
import { useSession } from "./session";

/** Who was invited, or has a link for another password, chooses one here, and signs in with it. */
export function Welcome() {
  const [given] = useState(() => tokenOf(window.location.hash));
  useEffect(() => {
    document.title = "Choose a password · Stockcast";
    // The token works once: it stays in no history.
    if (window.location.hash) window.history.replaceState(null, "", window.location.pathname);
  }, []);
  const { mutate, isPending, error, isSuccess } = useMutation({
    mutationFn: ({ token, password }: { token: string; password: string }) => choosePassword(token, password),
  });
  const { state, signOut } = useSession();
  const enter = async () => {
    // Whoever was signed in here is not the one who has chosen the password.
    if (state.status === "signed in") await signOut();
    navigate("/", { replace: true });
  };
  const errors = fieldErrors(error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    mutate({ token: given ?? tokenOf(String(form.get("token"))) ?? "", password: String(form.get("password")) });
  };

  if (isSuccess) {
    return (
      <main className="entrance">
        <div className="card sign-in">
          <p className="brand">Stockcast</p>
          <h1>Your password is set</h1>
          <p>Sign in with your email address and this password.</p>
          <Button kind="primary" autoFocus onClick={enter}>
            Sign in
          </Button>
        </div>
      </main>
    );
  }
  return (
    <main className="entrance">
      <form className="card sign-in" onSubmit={submit}>
        <p className="brand">Stockcast</p>
        <h1>Choose a password</h1>
        {!given && (
          <TextField
            label="Invitation"
            name="token"
            required
            maxLength={2000}
            autoComplete="off"
            autoFocus
            hint="The link or the text that an administrator handed you."
            error={errors.token}
          />
        )}
        <TextField
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={1000}
          autoFocus={Boolean(given)}
          hint="12 characters or more. Several words that have nothing to do with each other make a good one."
          error={errors.new_password}
        />
        {error && Object.keys(errors).length === 0 && (
          <p className="note error" role="alert">
            {error.message}
          </p>
        )}
        <Button kind="primary" type="submit" busy={isPending}>
          Set the password
        </Button>
        <Link to="/">I have a password already</Link>
      </form>
    </main>
  );
}
