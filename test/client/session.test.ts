import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused, SignedOut, Unanswered } from '../../client/errors.ts';
import { thisPlatform, type Platform } from '../../client/platform.ts';
import { Session } from '../../client/session/session.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import type { ClientStorage } from '../../client/storage/storage.ts';
import type { Tokens } from '../../schemas/user.ts';
import { openParley, type TestParley } from '../app/parley.ts';
import { demandNoErrors, newcomer, openClient, signInAgain, startGroup } from './support/people.ts';
import { eventually } from './support/eventually.ts';

let server: TestParley;
beforeAll(async () => {
  server = await openParley();
});
afterAll(() => server[Symbol.asyncDispose]());

type Fetch = Platform['fetch'];

/** A session of a new user, and a hand on what it fetches. */
const signedIn = async (storage: ClientStorage = new MemoryStorage()) => {
  const origin = server.parley.url;
  const username = `s${crypto.randomUUID().slice(0, 12)}`;
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    return await (await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  await post('/v1/users', { username, password: 'correct horse' });
  const login = { username, password: 'correct horse', device: { name: 'test' } };
  const tokens = (await post('/v1/sessions', login)) as Tokens;
  const hand = { passed: 0, fetched: [] as string[], through: ((url, init) => fetch(url, init)) as Fetch };
  const platform: Platform = {
    ...thisPlatform,
    now: () => Date.now() + hand.passed,
    fetch: (url, init) => {
      hand.fetched.push(new URL(url).pathname);
      return hand.through(url, init);
    },
  };
  let signedOut = 0;
  const make = async (): Promise<Session> => {
    const session = new Session({ platform, origin, storage, onSignedOut: () => (signedOut += 1) });
    await session.load();
    return session;
  };
  const session = await make();
  await session.adopt(tokens);
  return { session, hand, storage, make, username, signedOut: () => signedOut };
};

const refreshes = (fetched: readonly string[]): number =>
  fetched.filter((path) => path === '/v1/sessions/refresh').length;
const answer = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json({ type: '', title: '', status, code, requestId: '' }, { status, headers });

describe('a session', () => {
  it('S01 stores tokens before it uses them', async () => {
    const { session, hand, make } = await signedIn();
    hand.passed = 3_600_000;
    const token = await session.token();
    expect((await make()).current?.accessToken).toBe(token);
  });

  it('S02 renews a token once, however many ask', async () => {
    const { session, hand } = await signedIn();
    const { refreshToken } = session.current!;
    hand.passed = 3_600_000;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => session.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(session.current!.refreshToken).not.toBe(refreshToken);
    expect(refreshes(hand.fetched)).toBe(1);
  });

  it('S03 takes over what another page on the same storage has renewed', async () => {
    const { session, hand, make } = await signedIn();
    const pages = [session, await make(), await make()];
    hand.passed = 3_600_000;
    const tokens = await Promise.all(pages.map((page) => page.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes(hand.fetched)).toBe(1);
  });

  it('S04 gets the same successor again when the answer was lost', async () => {
    const { session, hand, make } = await signedIn();
    hand.passed = 3_600_000;
    hand.through = async (url, init) => {
      await (await fetch(url, init)).arrayBuffer();
      throw new TypeError('The answer was lost');
    };
    await expect(session.token()).rejects.toThrow(Unanswered);
    hand.through = (url, init) => fetch(url, init);
    const again = await make();
    await again.token();
    await again.call({ method: 'GET', path: '/v1/me' });
    expect(refreshes(hand.fetched)).toBe(2);
  });

  it('S05 repeats a request that was refused for its token, once', async () => {
    const { session, hand } = await signedIn();
    let isFirst = true;
    hand.through = (url, init) => {
      const isRefused = isFirst && url.endsWith('/v1/me');
      if (isRefused) isFirst = false;
      return isRefused ? Promise.resolve(answer(401, 'auth/expired')) : fetch(url, init);
    };
    expect((await session.call({ method: 'GET', path: '/v1/me' })).status).toBe(200);
    expect(hand.fetched).toEqual(['/v1/me', '/v1/sessions/refresh', '/v1/me']);
  });

  it.each([429, 503])('S06 is not ended by %i, and tells how long to wait', async (status) => {
    const { session, hand, signedOut } = await signedIn();
    hand.passed = 3_600_000;
    hand.through = () => Promise.resolve(answer(status, 'rate/limited', { 'retry-after': '7' }));
    const error: unknown = await session.token().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
    hand.through = (url, init) => fetch(url, init);
    expect(await session.token()).toEqual(expect.any(String));
    expect(signedOut()).toBe(0);
  });

  it('S07 ends when its refresh token is refused, and says so', async () => {
    const { session, hand, make, signedOut } = await signedIn();
    await session.call({ method: 'DELETE', path: '/v1/sessions/current' });
    hand.passed = 3_600_000;
    await expect(session.token()).rejects.toThrow(SignedOut);
    expect(signedOut()).toBe(1);
    expect((await make()).current).toBeUndefined();
  });

  it('S07 leaves the outbox to the same user, and nothing to another', async () => {
    const { url } = server.parley;
    const storage = new MemoryStorage();
    const ana = await newcomer(url, { storage });
    await using ben = await newcomer(url);
    const group = await startGroup(ana, [ben]);
    await eventually(() => group.snapshot).not.toBeNull();
    const { username } = ana.user!;
    ana.disconnect();
    await group.send('later');
    const out = new Promise((resolve) => void ana.on('signedOut', () => resolve(true)));
    await ben.call({ method: 'GET', path: '/v1/me' });
    await ana.call({ method: 'DELETE', path: '/v1/sessions/current' });
    await expect(ana.call({ method: 'GET', path: '/v1/me' })).rejects.toThrow(SignedOut);
    expect(await out).toBe(true);
    expect(ana.user).toBeNull();
    await ana[Symbol.asyncDispose]();

    const again = await openClient(url, { storage });
    await signInAgain(again, username);
    await eventually(() => ben.feed[0]?.lastMessage?.text).toBe('later');
    await again.conversation(group.conversationId).send('last');
    await again[Symbol.asyncDispose]();

    const eve = await openClient(url, { storage });
    await eve.signOut();
    await signInAgain(eve, ben.user!.username);
    expect([...(await storage.read('')).keys()].toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      'device',
      'owner',
      'session',
    ]);
    await eve[Symbol.asyncDispose]();
    demandNoErrors();
  });

  it('S08 trusts a new token for a minute, whatever the clock says', async () => {
    const { session, hand } = await signedIn();
    hand.passed = 10 * 3_600_000;
    await session.token();
    hand.passed += 59_000;
    await session.token();
    expect(refreshes(hand.fetched)).toBe(1);
    hand.passed += 2_000;
    await session.token();
    expect(refreshes(hand.fetched)).toBe(2);
  });
});
