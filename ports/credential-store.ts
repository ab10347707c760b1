import type { AnyBotRecord, BotRecords } from './bot-records.ts';

/** What proves that someone is a user. Never part of the event log. */
export interface PasswordCredential {
  readonly userId: string;
  readonly username: string;
  /** In PHC string format, argon2id. */
  readonly passwordHash: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
}

/** One log-in of one device. Its refresh tokens are numbered; the numbers are kept here, the tokens nowhere. */
export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** Number of the newest refresh token. */
  readonly generation: number;
  /** When the newest refresh token was issued. */
  readonly rotatedAt: string;
}

/** One thing that a credential store keeps, as a copy of it needs it. */
export type CredentialRecord =
  | { readonly kind: 'credential'; readonly credential: PasswordCredential }
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'secret'; readonly name: string; readonly value: Uint8Array }
  | { readonly kind: 'bot'; readonly record: AnyBotRecord };

/** The store cannot be reached or failed; the outcome of a change is unknown. */
export class CredentialStoreUnavailable extends Error {
  override readonly name = 'CredentialStoreUnavailable';
}

export interface CredentialStore extends AsyncDisposable {
  readonly bots: BotRecords;

  /** Takes the username; false when it is taken. */
  addCredential(credential: PasswordCredential): Promise<boolean>;
  credentialByUsername(username: string): Promise<PasswordCredential | undefined>;
  /** Removes the credential and all sessions of the user. */
  removeUser(userId: string): Promise<void>;

  /** Puts the session in place of any other of the same device. */
  startSession(session: Session): Promise<void>;
  session(sessionId: string): Promise<Session | undefined>;
  sessionsOf(userId: string): Promise<readonly Session[]>;
  /** Moves the session to the next generation if it is still at `from`; false when it is not or is gone. */
  rotate(sessionId: string, from: number, at: string): Promise<boolean>;
  /** Never moves back. */
  touch(sessionId: string, at: string): Promise<void>;
  /** The same for many at once; those that are gone are passed over. */
  touchAll(sessionIds: readonly string[], at: string): Promise<void>;
  /** When a session of each user was last seen; users without a session are left out. */
  lastSeenOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  endSession(sessionId: string): Promise<void>;
  endSessionsOfDevice(userId: string, deviceId: string): Promise<void>;

  /** A secret of the server, made at first use and the same ever after, on every node. */
  secret(name: string, bytes: number): Promise<Uint8Array>;

  /**
   * Everything there is, page by page: credentials by user id, then sessions and secrets by their ids, then what
   * belongs to bots by kind and id, each in the order of their bytes. To be read while nobody writes.
   */
  records(): AsyncIterable<readonly CredentialRecord[]>;
  /** Puts in what is not there yet, as it is; whatever is in its place already stays. Repeating is safe. */
  restore(records: readonly CredentialRecord[]): Promise<void>;
}
