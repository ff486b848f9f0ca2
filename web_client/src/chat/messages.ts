/** The conversation beside the call, as a value. */

export type Delivery = "sending" | "sent" | "failed";

export interface Message {
  readonly id: string;
  /** Identity of the sender, and the name they had when they wrote. */
  readonly from: string;
  readonly name: string;
  readonly text: string;
  readonly sentAtMs: number;
  readonly isOwn: boolean;
  readonly delivery: Delivery;
}

export interface Conversation {
  readonly messages: readonly Message[];
  readonly unread: number;
}

/** Longest text a person can send, in UTF-16 units: what fits in one readable note. */
export const MAX_TEXT = 2_000;
/** Messages kept on this screen; the oldest goes first. */
export const MAX_MESSAGES = 500;

export const SILENCE: Conversation = { messages: [], unread: 0 };

/** What would really be sent of `draft`; empty if nothing would. */
export function cleaned(draft: string): string {
  return draft.trim().slice(0, MAX_TEXT);
}

/** Adds a message once: an id seen before changes nothing. `read` says whether somebody looks on. */
export function received(conversation: Conversation, message: Message, read: boolean): Conversation {
  if (conversation.messages.some((known) => known.id === message.id)) {
    return conversation;
  }
  return {
    messages: [...conversation.messages, message].slice(-MAX_MESSAGES),
    unread: read || message.isOwn ? conversation.unread : conversation.unread + 1,
  };
}

export function delivered(conversation: Conversation, id: string, delivery: Delivery): Conversation {
  const messages = conversation.messages.map((message) =>
    message.id === id ? { ...message, delivery } : message,
  );
  return { ...conversation, messages };
}

export function read(conversation: Conversation): Conversation {
  return conversation.unread === 0 ? conversation : { ...conversation, unread: 0 };
}
