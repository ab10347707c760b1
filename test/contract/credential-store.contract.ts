import { describe, expect } from 'vitest';
import type { TokenRecord } from '../../ports/bot-records.ts';
import type { CredentialRecord, CredentialStore, PasswordCredential, Session } from '../../ports/credential-store.ts';
import { collect, testOn, testReopening, type Open } from './opened.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const credential = (userId: string, username: string): PasswordCredential => ({
  userId,
  username,
  passwordHash: `$argon2id$v=19$m=65536,t=3,p=4$${userId}`,
  createdAt: at(0),
});

const session = (sessionId: string, userId: string, deviceId: string): Session => ({
  sessionId,
  userId,
  deviceId,
  createdAt: at(1),
  lastSeenAt: at(2),
  generation: 0,
  rotatedAt: at(3),
});

const token = (id: string, parentId: string): TokenRecord => ({
  kind: 'token',
  id,
  parentId,
  name: `token ${id}`,
  scopes: ['read'],
  hash: 'hash',
  createdAt: at(1),
  expiresAt: null,
});
const bot = (id: string, parentId: string) => ({ kind: 'bot', id, parentId, createdAt: at(1) }) as const;

const idsOf = (sessions: readonly Session[]): string[] => sessions.map(({ sessionId }) => sessionId).toSorted();

/** What every credential store does. `open` gives an empty store each time. */
export const credentialStoreContract = (adapterName: string, open: Open<CredentialStore>): void => {
  const on = testOn(open);

  describe(`credential store: ${adapterName}`, () => {
    on('gives a username to one user', async (store) => {
      expect(await store.addCredential(credential('u1', 'ann'))).toBe(true);
      expect(await store.addCredential(credential('u2', 'ann'))).toBe(false);
      expect(await store.addCredential(credential('u3', 'anna'))).toBe(true);
      expect(await store.credentialByUsername('ann')).toEqual(credential('u1', 'ann'));
      expect(await store.credentialByUsername('anna')).toEqual(credential('u3', 'anna'));
      expect(await store.credentialByUsername('an')).toBeUndefined();
    });

    on('gives a username to one of fifty who race for it', async (store) => {
      const users = Array.from({ length: 50 }, (_, i) => credential(`u${i}`, 'ann'));
      const outcomes = await Promise.all(users.map((user) => store.addCredential(user)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.credentialByUsername('ann')).toEqual(users[outcomes.indexOf(true)]);
    });

    on('keeps one session for each device of a user', async (store) => {
      await store.startSession(session('s1', 'u1', 'd1'));
      await store.startSession(session('s2', 'u1', 'd2'));
      await store.startSession(session('s3', 'u2', 'd1'));
      await store.startSession(session('s4', 'u1', 'd1'));
      expect(await store.session('s1')).toBeUndefined();
      expect(await store.session('s4')).toEqual(session('s4', 'u1', 'd1'));
      expect(await store.session('s3')).toEqual(session('s3', 'u2', 'd1'));
      expect(idsOf(await store.sessionsOf('u1'))).toEqual(['s2', 's4']);
      expect(await store.sessionsOf('u2')).toEqual([session('s3', 'u2', 'd1')]);
      expect(await store.sessionsOf('u3')).toEqual([]);
    });

    on('moves a session to the next generation from where it stands only', async (store) => {
      await store.startSession(session('s1', 'u1', 'd1'));
      expect(await store.rotate('s1', 0, at(10))).toBe(true);
      expect(await store.session('s1')).toEqual({ ...session('s1', 'u1', 'd1'), generation: 1, rotatedAt: at(10) });
      expect(await store.rotate('s1', 0, at(11))).toBe(false);
      expect(await store.rotate('s1', 2, at(11))).toBe(false);
      expect(await store.rotate('s9', 0, at(11))).toBe(false);
      expect(await store.session('s1')).toEqual({ ...session('s1', 'u1', 'd1'), generation: 1, rotatedAt: at(10) });
      expect(await store.rotate('s1', 1, at(12))).toBe(true);
    });

    on('lets one of fifty racing rotations win', async (store) => {
      await store.startSession(session('s1', 'u1', 'd1'));
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, i) => store.rotate('s1', 0, at(10 + i))));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.session('s1')).toMatchObject({ generation: 1, rotatedAt: at(10 + outcomes.indexOf(true)) });
    });

    on('moves the time a session was last seen forwards only', async (store) => {
      await store.startSession(session('s1', 'u1', 'd1'));
      await store.touch('s1', at(20));
      await store.touch('s1', at(19));
      await store.touch('s9', at(30));
      expect(await store.session('s1')).toEqual({ ...session('s1', 'u1', 'd1'), lastSeenAt: at(20) });
      expect(await store.session('s9')).toBeUndefined();
    });

    on('moves the time of many sessions, and tells the latest of each user', async (store) => {
      for (const device of ['d1', 'd2', 'd3']) await store.startSession(session(`u1-${device}`, 'u1', device));
      await store.startSession(session('u2-d1', 'u2', 'd1'));
      await store.touch('u2-d1', at(30));
      await store.touchAll(['u1-d1', 'u1-d3', 'u2-d1', 'none'], at(20));
      await store.touchAll([], at(40));
      expect((await store.sessionsOf('u1')).map(({ lastSeenAt }) => lastSeenAt)).toEqual([at(20), at(2), at(20)]);
      const seen = await store.lastSeenOf(['u2', 'u1', 'u9']);
      expect(Object.fromEntries(seen)).toEqual({ u1: at(20), u2: at(30) });
      expect((await store.lastSeenOf([])).size).toBe(0);
    });

    on('ends one session, or those of a device, or all of a user with the credential', async (store) => {
      await store.addCredential(credential('u1', 'ann'));
      await store.addCredential(credential('u2', 'ben'));
      for (const device of ['d1', 'd2', 'd3']) await store.startSession(session(`u1-${device}`, 'u1', device));
      for (const device of ['d1', 'd2']) await store.startSession(session(`u2-${device}`, 'u2', device));
      await store.endSession('u1-d1');
      await store.endSession('none');
      expect(idsOf(await store.sessionsOf('u1'))).toEqual(['u1-d2', 'u1-d3']);
      await store.endSessionsOfDevice('u1', 'd2');
      expect(idsOf(await store.sessionsOf('u1'))).toEqual(['u1-d3']);
      expect(await store.rotate('u1-d2', 0, at(10))).toBe(false);
      await store.removeUser('u1');
      await store.removeUser('none');
      expect(await store.sessionsOf('u1')).toEqual([]);
      expect(await store.credentialByUsername('ann')).toBeUndefined();
      expect(await store.credentialByUsername('ben')).toEqual(credential('u2', 'ben'));
      expect(idsOf(await store.sessionsOf('u2'))).toEqual(['u2-d1', 'u2-d2']);
      expect(await store.addCredential(credential('u3', 'ann'))).toBe(true);
    });

    on('keeps what belongs to bots, and forgets it with them', async ({ bots }) => {
      for (const record of [bot('b1', 'u1'), bot('b2', 'u1'), bot('b3', 'b1'), token('t2', 'b1'), token('t1', 'b1')]) {
        await bots.put(record);
      }
      await bots.put({ kind: 'health', id: 't1', parentId: 'b1', failingSince: at(2), disabledAt: null });
      await bots.put({ ...token('t3', 'b2'), scopes: ['read', 'messages:write'] });
      await bots.put({ ...token('t1', 'b1'), name: 'other' });
      expect(await bots.get('token', 't1')).toEqual({ ...token('t1', 'b1'), name: 'other' });
      expect(await bots.get('bot', 't1')).toBeUndefined();
      expect((await bots.of('token', 'b1')).map(({ id }) => id)).toEqual(['t1', 't2']);
      expect((await bots.of('bot', 'u1')).map(({ id }) => id)).toEqual(['b1', 'b2']);
      expect((await bots.all('token')).map(({ id }) => id)).toEqual(['t1', 't2', 't3']);
      await bots.remove('token', 't2');
      await bots.remove('token', 'none');
      expect((await bots.of('token', 'b1')).map(({ id }) => id)).toEqual(['t1']);
      await bots.removeBot('b1');
      expect(await bots.get('health', 't1')).toBeUndefined();
      expect(await bots.of('token', 'b1')).toEqual([]);
      expect((await bots.all('bot')).map(({ id }) => id)).toEqual(['b2', 'b3']);
    });

    on('makes a secret once, of the length asked for', async (store) => {
      const secrets = await Promise.all(Array.from({ length: 10 }, () => store.secret('tokens', 32)));
      expect(secrets[0]).toHaveLength(32);
      expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
      const other = await store.secret('invites', 64);
      expect(other).toHaveLength(64);
      expect(Buffer.from(other).subarray(0, 32).equals(Buffer.from(secrets[0]!))).toBe(false);
      expect(new Set(other).size).toBeGreaterThan(16);
    });

    const userIdOf = (number: number): string => `u${String(number).padStart(5, '0')}`;
    const filled = (users: number): readonly CredentialRecord[] => [
      ...Array.from({ length: users }, (_, i): CredentialRecord => {
        return { kind: 'credential', credential: credential(userIdOf(i), `name-${users - i}`) };
      }),
      ...Array.from({ length: users }, (_, i): CredentialRecord => {
        return { kind: 'session', session: { ...session(`s-${userIdOf(i)}`, userIdOf(i), 'd1'), generation: i } };
      }),
      { kind: 'secret', name: 'invites', value: Uint8Array.of(255, 0, 1) },
      { kind: 'secret', name: 'tokens', value: new Uint8Array(64).fill(7) },
      { kind: 'bot', record: { kind: 'bot', id: 'b1', parentId: 'u1', createdAt: at(1) } },
      { kind: 'bot', record: token('t1', 'b1') },
    ];

    on('gives all records in order, and takes them in as they were, as often as it is done', async (store) => {
      expect(await collect(store.records())).toEqual([]);
      const records = filled(1_200);
      for (const part of [records.slice(500), records, records.slice(0, 3)]) await store.restore(part);
      expect((await collect(store.records())).flat()).toEqual(records);
      expect(await store.credentialByUsername('name-1')).toEqual(credential('u01199', 'name-1'));
      expect(await store.session('s-u00042')).toMatchObject({ generation: 42 });
      expect(await store.rotate('s-u00042', 42, at(9))).toBe(true);
      expect(await store.secret('tokens', 64)).toEqual(new Uint8Array(64).fill(7));
      await store.restore([]);
    });

    on('leaves what is in the place of a record that is put in', async (store) => {
      await store.addCredential(credential('u1', 'ann'));
      await store.startSession(session('s1', 'u1', 'd1'));
      const secret = await store.secret('tokens', 32);
      await store.restore([
        { kind: 'credential', credential: credential('u1', 'other') },
        { kind: 'credential', credential: credential('u2', 'ann') },
        { kind: 'credential', credential: credential('u3', 'cem') },
        { kind: 'session', session: session('s1', 'u2', 'd9') },
        { kind: 'session', session: session('s2', 'u1', 'd1') },
        { kind: 'secret', name: 'tokens', value: Uint8Array.of(1) },
      ]);
      const records = (await collect(store.records())).flat();
      expect(records.map(({ kind }) => kind)).toEqual(['credential', 'credential', 'session', 'secret']);
      expect(await store.credentialByUsername('ann')).toEqual(credential('u1', 'ann'));
      expect(await store.credentialByUsername('cem')).toEqual(credential('u3', 'cem'));
      expect(await store.session('s1')).toEqual(session('s1', 'u1', 'd1'));
      expect(await store.secret('tokens', 32)).toEqual(secret);
    });

    testReopening(open)('keeps everything when opened again, and shares secrets', async (store, reopen) => {
      await store.addCredential(credential('u1', 'ann'));
      await store.startSession(session('s1', 'u1', 'd1'));
      const [mine, shared] = await Promise.all([
        store.secret('tokens', 32),
        reopen().then(async (other) => {
          const secret = await other.secret('tokens', 32);
          await other[Symbol.asyncDispose]();
          return secret;
        }),
      ]);
      expect(Buffer.from(shared).equals(Buffer.from(mine))).toBe(true);
      await store[Symbol.asyncDispose]();
      await using again = await reopen();
      expect(await again.credentialByUsername('ann')).toEqual(credential('u1', 'ann'));
      expect(await again.session('s1')).toEqual(session('s1', 'u1', 'd1'));
      expect(Buffer.from(await again.secret('tokens', 32)).equals(Buffer.from(mine))).toBe(true);
    });
  });
};
