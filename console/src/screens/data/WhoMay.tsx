/** What a role that does not import is told. */
export const WhoMay = ({ what }: { what: string }) => (
  <p className="note">
    {what} is up to the administrators of your company. What was read, and what is odd about it, you see under Runs and
    Validation.
  </p>
);
