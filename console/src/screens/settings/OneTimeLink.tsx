import type { OneTimeTokenView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { CopyField } from "../../ui/CopyField";
import { welcomeLink } from "./roles";

/** The link with which a user chooses a password. It is shown this once. */
export function OneTimeLink({ email, token }: { email: string; token: OneTimeTokenView }) {
  const { dateTime } = useFormats();
  return (
    <>
      <p>
        Send this link to <strong>{email}</strong>, by a way that only they read. It works once, until{" "}
        {dateTime(token.expires_at)}, and is not shown again.
      </p>
      <CopyField label="Link to choose a password" value={welcomeLink(token.token, window.location.origin)} />
    </>
  );
}
