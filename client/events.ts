import type { Message } from '../schemas/message.ts';
import type { State } from './connection/states.ts';
import type { Entry } from './outbox/entry.ts';
import type { Presence } from './presence.ts';

export interface ConnectionStatus {
  readonly state: State;
  /** Whether everything that has happened is in what this client shows. */
  readonly isCurrent: boolean;
  /** Of the socket, where its closing has led to this state. */
  readonly closeCode: number | null;
}

/** What a client tells. */
export interface ClientEvents {
  readonly connection: ConnectionStatus;
  /** Lines of the feed have changed: all changes of one moment make one event. */
  readonly feed: undefined;
  /** Something of a conversation has changed. */
  readonly conversation: { readonly conversationId: string };
  /** A new message came, once, whoever sent it. Those missed for too long do not come one by one. */
  readonly message: Message;
  readonly typing: { readonly conversationId: string; readonly userIds: readonly string[] };
  readonly presence: Presence;
  /** Something was refused, and waits to be tried again or discarded. */
  readonly failed: Entry;
  /** The session has ended: somebody has to sign in. */
  readonly signedOut: undefined;
  /** Another page has taken the storage: this client does nothing any more, and shows what it knew last. */
  readonly taken: undefined;
  /** Something that should not happen. The client goes on as well as it can. */
  readonly error: unknown;
}
