import { createContext, useContext } from "react";
import type { CallSession } from "./session";

export const SessionContext = createContext<CallSession | null>(null);

/** The call this component is part of. */
export function useSession(): CallSession {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error("useSession is used outside a call");
  }
  return session;
}
