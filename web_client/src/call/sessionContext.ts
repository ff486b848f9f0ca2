import { createContext, useContext } from "react";
import type { CallSession } from "./session";

/** What a view may know of a call. */
export type Session = Pick<
  CallSession,
  "roomName" | "state" | "subscribe" | "wish" | "track" | "switchDevice"
>;

export const SessionContext = createContext<Session | null>(null);

/** The call this component is part of. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error("useSession is used outside a call");
  }
  return session;
}
