import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Binary, type Collection } from 'mongodb';
import {
  CredentialStoreUnavailable,
  type CredentialRecord,
  type CredentialStore,
  type PasswordCredential,
  type Session,
} from '../../ports/credential-store.ts';
import { Attempts, isDuplicate } from './attempts.ts';
import { MongoBotRecords, type StoredBotRecord } from './bot-records.ts';
import type { MongoConnection } from './connection.ts';
import { addRecords, readRecords, type CredentialCollections, type StoredSecret } from './credential-records.ts';

/** How often to look for a secret that another node is just making. */
const mostLooks = 100;
const sameOnce = { isRepeatable: false } as const;
const bare = { projection: { _id: 0 } } as const;

const untilUnique = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    // Two who make the same document at once: for the later one it is there now.
    if (!isDuplicate(error)) throw error;
    return await work();
  }
};

/** Credentials, sessions and secrets in a MongoDB database of their own. Every change is a majority's when it resolves. */
export class MongoCredentialStore implements CredentialStore {
  readonly bots: MongoBotRecords;
  readonly #credentials: Collection<PasswordCredential>;
  readonly #sessions: Collection<Session>;
  readonly #secrets: Collection<StoredSecret>;
  readonly #collections: CredentialCollections;
  readonly #attempts: Attempts;
  #prepared: Promise<void> | undefined;

  constructor({ secrets: db, watch }: MongoConnection) {
    this.#attempts = new Attempts(
      watch,
      (cause) => new CredentialStoreUnavailable('The credentials could not be read or written', { cause }),
    );
    this.#credentials = db.collection('credentials');
    this.#sessions = db.collection('sessions');
    this.#secrets = db.collection('secrets');
    const bots = db.collection<StoredBotRecord>('bots');
    this.#collections = { credentials: this.#credentials, sessions: this.#sessions, secrets: this.#secrets, bots };
    this.bots = new MongoBotRecords(bots, (work) => this.#run(work));
  }

  addCredential(credential: PasswordCredential): Promise<boolean> {
    return this.#run(async () => {
      try {
        await this.#credentials.insertOne({ ...credential });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    }, sameOnce);
  }

  credentialByUsername(username: string): Promise<PasswordCredential | undefined> {
    return this.#run(async () => {
      const found = await this.#credentials.findOne({ username }, bare);
      return found ?? undefined;
    });
  }

  /** The credential first: whoever logs in between the two would keep a session. */
  removeUser(userId: string): Promise<void> {
    return this.#run(async () => {
      await this.#credentials.deleteMany({ userId });
      await this.#sessions.deleteMany({ userId });
    });
  }

  startSession(session: Session): Promise<void> {
    const { userId, deviceId } = session;
    return this.#run(async () => {
      await untilUnique(() => this.#sessions.replaceOne({ userId, deviceId }, { ...session }, { upsert: true }));
    });
  }

  session(sessionId: string): Promise<Session | undefined> {
    return this.#run(async () => {
      const found = await this.#sessions.findOne({ sessionId }, bare);
      return found ?? undefined;
    });
  }

  sessionsOf(userId: string): Promise<readonly Session[]> {
    return this.#run(() => this.#sessions.find({ userId }, bare).sort({ userId: 1, deviceId: 1 }).toArray());
  }

  rotate(sessionId: string, from: number, at: string): Promise<boolean> {
    return this.#run(async () => {
      const update = { $inc: { generation: 1 }, $set: { rotatedAt: at } };
      const { matchedCount } = await this.#sessions.updateOne({ sessionId, generation: from }, update);
      return matchedCount === 1;
    }, sameOnce);
  }

  async touch(sessionId: string, at: string): Promise<void> {
    const isBefore = { sessionId, lastSeenAt: { $lt: at } };
    await this.#run(() => this.#sessions.updateOne(isBefore, { $set: { lastSeenAt: at } }));
  }

  async touchAll(sessionIds: readonly string[], at: string): Promise<void> {
    if (sessionIds.length === 0) return;
    const areBefore = { sessionId: { $in: [...sessionIds] }, lastSeenAt: { $lt: at } };
    await this.#run(() => this.#sessions.updateMany(areBefore, { $set: { lastSeenAt: at } }));
  }

  lastSeenOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#run(async () => {
      const seen = new Map<string, string>();
      if (userIds.length === 0) return seen;
      const projection = { _id: 0, userId: 1, lastSeenAt: 1 } as const;
      for await (const { userId, lastSeenAt } of this.#sessions.find(
        { userId: { $in: [...userIds] } },
        { projection },
      )) {
        if (lastSeenAt > (seen.get(userId) ?? '')) seen.set(userId, lastSeenAt);
      }
      return seen;
    });
  }

  async endSession(sessionId: string): Promise<void> {
    await this.#run(() => this.#sessions.deleteMany({ sessionId }));
  }

  async endSessionsOfDevice(userId: string, deviceId: string): Promise<void> {
    await this.#run(() => this.#sessions.deleteMany({ userId, deviceId }));
  }

  /** Reads only what a majority has: a secret that a node takes up must never turn out to be another. */
  secret(name: string, bytes: number): Promise<Uint8Array> {
    return this.#run(async () => {
      const value = new Binary(randomBytes(bytes));
      for (let attempt = 0; ; attempt += 1) {
        const found = await this.#secrets.findOne({ _id: name }, { readConcern: 'majority' });
        if (found) return Uint8Array.from(found.value.value());
        try {
          await this.#secrets.insertOne({ _id: name, value });
        } catch (error) {
          if (!isDuplicate(error) || attempt === mostLooks) throw error;
          await pause(10);
        }
      }
    });
  }

  records(): AsyncIterable<readonly CredentialRecord[]> {
    return readRecords(this.#collections, (work) => this.#run(work));
  }

  restore(records: readonly CredentialRecord[]): Promise<void> {
    return this.#run(() => addRecords(this.#collections, records));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#attempts.close();
  }

  #run<T>(work: () => Promise<T>, options?: { readonly isRepeatable: boolean }): Promise<T> {
    return this.#attempts.run(async () => {
      this.#prepared ??= this.#prepare();
      await this.#prepared.catch((error: unknown) => {
        this.#prepared = undefined;
        throw error;
      });
      return await work();
    }, options);
  }

  /** Nobody may add a username or a device's session before it is sure to be the only one. */
  async #prepare(): Promise<void> {
    await this.#credentials.createIndexes([
      { key: { userId: 1 }, name: 'byUser', unique: true },
      { key: { username: 1 }, name: 'byUsername', unique: true },
    ]);
    await this.#sessions.createIndexes([
      { key: { sessionId: 1 }, name: 'byId', unique: true },
      { key: { userId: 1, deviceId: 1 }, name: 'byDevice', unique: true },
    ]);
    await this.#collections.bots.createIndexes([{ key: { kind: 1, parentId: 1 }, name: 'byParent' }]);
  }
}
