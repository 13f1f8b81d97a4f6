/** The one-time token in the part of an address after #, in a whole link, or pasted by itself; null without one. */
export function tokenOf(text: string): string | null {
  const given = text.trim();
  const behind = given.includes("#") ? given.slice(given.indexOf("#") + 1) : "";
  const token = behind ? new URLSearchParams(behind).get("token") : given;
  return token || null;
}
