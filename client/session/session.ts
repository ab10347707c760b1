import type { Tokens, User } from '../../schemas/user.ts';
import { Refused, SignedOut } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { send, type Call, type Success } from '../rest.ts';
import { writeOne, type ClientStorage } from '../storage/storage.ts';
import { exclusively } from './lock.ts';

export interface StoredSession {
  readonly user: User;
  readonly deviceId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** By this device's clock. */
  readonly renewAt: number;
}

export interface SessionOptions {
  readonly platform: Platform;
  readonly origin: string;
  readonly storage: ClientStorage;
  /** The server has ended the session. */
  readonly onSignedOut: () => void;
}

const key = 'session';
/** So long before its end a token is renewed. */
const earlyMs = 30_000;
/** A clock that is wrong must not have every token renewed at once: a new one is used for so long at least. */
const leastUseMs = 60_000;

/** Who is signed in here. Tokens are stored before they are used, and renewed one at a time, whoever asks. */
export class Session {
  readonly #options: SessionOptions;
  #current: StoredSession | undefined;
  #renewing: Promise<string> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get current(): StoredSession | undefined {
    return this.#current;
  }

  async load(): Promise<void> {
    this.#current = await this.#stored();
  }

  async adopt({ user, deviceId, accessToken, accessExpiresAt, refreshToken }: Tokens): Promise<void> {
    const now = this.#options.platform.now();
    const renewAt = Math.max(Date.parse(accessExpiresAt) - earlyMs, now + leastUseMs);
    const session = { user, deviceId, accessToken, refreshToken, renewAt };
    await writeOne(this.#options.storage, key, session);
    this.#current = session;
  }

  async forget(): Promise<void> {
    this.#current = undefined;
    await writeOne(this.#options.storage, key, undefined);
  }

  /** An access token that should be valid. Throws `SignedOut`, or what kept it from being renewed now. */
  async token(): Promise<string> {
    const session = this.#current;
    if (session === undefined) throw new SignedOut();
    return this.#options.platform.now() < session.renewAt
      ? session.accessToken
      : await this.renewed(session.accessToken);
  }

  /** An access token other than this one, which was refused. */
  async renewed(refused: string): Promise<string> {
    const session = this.#current;
    if (session === undefined) throw new SignedOut();
    if (session.accessToken !== refused) return session.accessToken;
    this.#renewing ??= exclusively(`parley-session-${session.deviceId}`, () => this.#renew(session)).finally(() => {
      this.#renewing = undefined;
    });
    return await this.#renewing;
  }

  /** A request as this user; one whose access token had expired is repeated with a new one. */
  async call(call: Call): Promise<Success> {
    const { platform, origin } = this.#options;
    const token = await this.token();
    try {
      return await send(platform, origin, call, token);
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.status !== 401) throw error;
      return await send(platform, origin, call, await this.renewed(token));
    }
  }

  /**
   * Another page on the same storage may have been faster: then its tokens are taken over. A token whose answer was
   * lost is presented again; within 60 s the server gives the same successor once more.
   */
  async #renew(session: StoredSession): Promise<string> {
    const { platform, origin } = this.#options;
    const stored = await this.#stored();
    if (stored !== undefined && stored.refreshToken !== session.refreshToken) {
      this.#current = stored;
      return stored.accessToken;
    }
    try {
      const body = { refreshToken: session.refreshToken };
      const answer = await send(platform, origin, { method: 'POST', path: '/v1/sessions/refresh', body });
      await this.adopt(answer.body as Tokens);
      return (answer.body as Tokens).accessToken;
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.status !== 401) throw error;
      await this.forget();
      this.#options.onSignedOut();
      throw new SignedOut();
    }
  }

  async #stored(): Promise<StoredSession | undefined> {
    return (await this.#options.storage.read(key)).get(key) as StoredSession | undefined;
  }
}
