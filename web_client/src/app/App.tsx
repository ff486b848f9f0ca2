import { useState } from "react";
import { CallPage } from "../call/CallPage";
import type { LeaveReason } from "../call/reason";
import type { CallSession } from "../call/session";
import { LeavePage } from "../left/LeavePage";
import { StartPage } from "../start/StartPage";
import type { Invitation, Ticket } from "../start/ticket";

interface Props {
  readonly invitation: Invitation;
}

/** Where a person is: before the door, in the room, or out again. */
type Screen =
  | { readonly kind: "start"; readonly invitation: Invitation }
  | { readonly kind: "call"; readonly session: CallSession; readonly ticket: Ticket }
  | { readonly kind: "left"; readonly reason: LeaveReason; readonly ticket: Ticket };

export function App({ invitation }: Props) {
  const [screen, setScreen] = useState<Screen>({ kind: "start", invitation });
  switch (screen.kind) {
    case "start":
      return (
        <StartPage
          invitation={screen.invitation}
          onEnter={(session, ticket) => setScreen({ kind: "call", session, ticket })}
        />
      );
    case "call":
      return (
        <CallPage
          session={screen.session}
          onOver={(reason) => setScreen({ kind: "left", reason, ticket: screen.ticket })}
        />
      );
    case "left":
      return (
        <LeavePage
          reason={screen.reason}
          ticket={screen.ticket}
          onEnter={(session) => setScreen({ kind: "call", session, ticket: screen.ticket })}
          onHome={() => setScreen({ kind: "start", invitation: { kind: "none" } })}
        />
      );
  }
}
