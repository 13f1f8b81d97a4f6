import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate, withClient } from "./location";

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string };

/** A link to a screen: a plain click changes the screen, any other click is the browser's. */
export function Link({ to, onClick, ...rest }: Props) {
  const address = withClient(to);
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || modified || rest.target) return;
    event.preventDefault();
    navigate(address);
  };
  return <a href={address} onClick={follow} {...rest} />;
}
