import type { BotScope } from '../domain/bot-scopes.ts';
import type { DeviceId, UserId } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';

/** A signed-in device of a user. */
export interface Caller {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly sessionId: string;
  /** What a bot's token allows; undefined for a person, who may do everything. */
  readonly scopes?: readonly BotScope[] | undefined;
}

/** What a write answers: what stands there now, whether this call made it, and from which position reads see it. */
export interface Written<Result> {
  readonly result: Result;
  readonly created: boolean;
  readonly position: Position;
}

/** Why a session has ended: its device was signed out, or has signed in again. */
export type Ending = 'revoked' | 'replaced';

/** Proves who calls. */
export interface Authenticator {
  /** Throws `auth/required` (also for a revoked session) or `auth/expired`. */
  verify(accessToken: string): Promise<Caller>;
  /** Undefined while the session stands; else why it does not. Throws `CredentialStoreUnavailable`. */
  endingOf(session: Caller): Promise<Ending | undefined>;
  /** Calls the listener when a session ends in this process; the open sockets of its device are closed then. */
  onRevoked(listener: (session: Caller, ending: Ending) => void): Disposable;
}
