import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

interface Props {
  title: string;
  /** What will be gone or different. */
  children: ReactNode;
  /** What the button that does it says. */
  action: string;
  act: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back; why it was refused is said in place. */
export function Confirm({ title, children, action, act, onDone, onClose }: Props) {
  const { mutate, isPending, error } = useMutation({ mutationFn: act, onSuccess: onDone });
  return (
    <Dialog title={title} open onClose={onClose}>
      <div className="form">
        <div>{children}</div>
        {error && (
          <p className="note error" role="alert">
            {error.message}
          </p>
        )}
        <div className="row">
          <Button kind="danger" busy={isPending} onClick={() => mutate()}>
            {action}
          </Button>
          <Button onClick={onClose}>{error ? "Close" : "Cancel"}</Button>
        </div>
      </div>
    </Dialog>
  );
}
