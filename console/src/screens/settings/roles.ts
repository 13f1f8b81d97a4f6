import type { Role } from "stockcast-client";

/** What people may be; SERVICE is for machines, by their keys. */
export const ROLES_OF_PEOPLE: Partial<Record<Role, string>> = {
  VIEWER: "VIEWER: reads everything",
  PROCUREMENT: "PROCUREMENT: orders, and keeps products, suppliers and locations",
  MARKETING: "MARKETING: plans campaigns",
  CEO: "CEO: changes settings",
  ADMIN: "ADMIN: everything, users and imports too",
};

/** The address at which a one-time token becomes a password; after #, so that no server's log has it. */
export const welcomeLink = (token: string, origin: string): string =>
  `${origin}/welcome#token=${encodeURIComponent(token)}`;
