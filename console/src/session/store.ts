/** Where the refresh token lies: in the browser's storage, shared by all tabs, of which one at a time may use it. */
import type { TokenStore } from "stockcast-client/session";

const NAME = "stockcast.refresh_token";

export const browserStore: TokenStore = {
  load: () => localStorage.getItem(NAME),
  save: (token) => (token === null ? localStorage.removeItem(NAME) : localStorage.setItem(NAME, token)),
  // Without locks (a page that is not served securely) two tabs may refresh at once: the server answers both for ten seconds.
  exclusively: async (work) => (navigator.locks ? await navigator.locks.request(NAME, work) : work()),
};

/** Told when another tab signs out or in. */
export function onOtherTab(told: (signedIn: boolean) => void): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key === NAME && (event.newValue === null) !== (event.oldValue === null)) told(event.newValue !== null);
  };
  window.addEventListener("storage", listen);
  return () => window.removeEventListener("storage", listen);
}
