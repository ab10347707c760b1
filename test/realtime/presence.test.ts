import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, codeOf, type Of } from './support/client.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

/** As short as what is told apart here allows. */
const onlineAfterMs = 300;
const settings = { onlineAfterMs, sweepMs: 20, beatMs: 100, lookAgainMs: 60_000 };

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ settings });
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

const told = (client: Client, userId: string): readonly Of<'presence'>[] =>
  client.frames.filter((frame) => frame.type === 'presence').filter((frame) => frame.userId === userId);
const states = (client: Client, userId: string): readonly string[] => told(client, userId).map(({ state }) => state);
const watching = async (viewer: SignedIn, ...userIds: readonly string[]): Promise<Client> => {
  const client = await Client.ready(node, viewer);
  expect(await client.ask({ type: 'watch', userIds: [...userIds] })).toMatchObject({ result: null });
  return client;
};
const two = async (): Promise<[SignedIn, SignedIn]> => [await node.signIn(), await node.signIn()];
const change = async (who: SignedIn, lastSeen: 'everyone' | 'contacts' | 'nobody'): Promise<void> => {
  const command = { type: 'ChangeProfile', data: { privacy: { lastSeen } } } as const;
  await node.bus.user(who.userId, { commandId: v7(), actorId: who.userId, command });
};
const between = async (
  by: SignedIn,
  other: SignedIn,
  type: 'PutContact' | 'RemoveContact' | 'BlockUser' | 'UnblockUser',
): Promise<void> => {
  const command = { type, data: { other: other.userId } };
  await node.bus.contact(by.userId, other.userId, { commandId: v7(), actorId: by.userId, command });
};
const close = async (client: Client, code = 1000): Promise<void> => {
  client.socket.close(code);
  await client.closed;
};

describe('whoever watches a user', () => {
  it('is told how he is before the reply, and of each change once', async () => {
    const [ada, ben] = await two();
    using watcher = await watching(ada, ben.userId);
    expect(states(watcher, ben.userId)).toEqual(['offline']);
    const started = performance.now();
    using watched = await Client.ready(node, ben);
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['offline', 'online']);
    expect(performance.now() - started).toBeGreaterThan(onlineAfterMs - 50);
    await watched.ask({ type: 'away', away: true });
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['offline', 'online', 'away']);
    await watched.ask({ type: 'away', away: false });
    await watched.ask({ type: 'away', away: false });
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['offline', 'online', 'away', 'online']);
    await close(watched);
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['offline', 'online', 'away', 'online', 'offline']);
    const { lastSeenAt } = told(watcher, ben.userId).at(-1)!;
    expect(Math.abs(Date.parse(lastSeenAt!) - Date.now())).toBeLessThan(5_000);
    expect(
      told(watcher, ben.userId)
        .slice(1, -1)
        .every((frame) => frame.lastSeenAt === undefined),
    ).toBe(true);
  });

  it('is told of his best device', async () => {
    const [ada, ben] = await two();
    using phone = await Client.ready(node, ben);
    using laptop = await Client.ready(node, await node.signIn(ben.userId));
    using watcher = await watching(ada, ben.userId);
    await phone.ask({ type: 'away', away: true });
    await close(phone);
    await laptop.ask({ type: 'away', away: true });
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['online', 'away']);
  });

  it('is not told of one who comes and goes within moments', async () => {
    const [ada, ben] = await two();
    const cid = await node.signIn();
    using watcher = await watching(ada, ben.userId, cid.userId);
    const passing = await Client.ready(node, ben);
    await close(passing);
    using _staying = await Client.ready(node, cid);
    await expect.poll(() => states(watcher, cid.userId)).toEqual(['offline', 'online']);
    expect(states(watcher, ben.userId).filter((state) => state !== 'offline')).toEqual([]);
  });

  it('hears nothing more after unwatching, and of himself what others hear', async () => {
    const [ada, ben] = await two();
    using watcher = await watching(ada, ben.userId, ada.userId);
    expect(states(watcher, ada.userId)).toEqual(['online']);
    await watcher.ask({ type: 'unwatch', userIds: [ben.userId] });
    using watched = await Client.ready(node, ben);
    using second = await watching(await node.signIn(ada.userId), ben.userId);
    await watched.ask({ type: 'away', away: true });
    await expect.poll(() => states(second, ben.userId).at(-1)).toBe('away');
    expect(states(watcher, ben.userId)).toEqual(['offline']);
    await watcher.ask({ type: 'unwatch' });
    await watcher.ask({ type: 'away', away: true });
    expect(states(watcher, ada.userId)).toEqual(['online']);
  });

  it('may watch 500 on one socket, and is refused as a whole where it would be more', async () => {
    const [ada, ben] = await two();
    using client = await watching(ada, ...Array.from({ length: 499 }, () => v7()));
    const more = await client.ask({ type: 'watch', userIds: [ben.userId, v7()] });
    expect(codeOf(more)).toBe('request/invalid');
    expect(told(client, ben.userId)).toEqual([]);
    expect(await client.ask({ type: 'watch', userIds: [ben.userId, ben.userId] })).toMatchObject({ result: null });
    expect(codeOf(await client.ask({ type: 'watch', userIds: [v7()] }))).toBe('request/invalid');
    await client.ask({ type: 'unwatch', userIds: [ben.userId] });
    expect(await client.ask({ type: 'watch', userIds: [ben.userId] })).toMatchObject({ result: null });
  });
});

describe('a device', () => {
  it('whose connection just breaks off is still there, and one that is signed out is gone at once', async () => {
    const [ben, cid] = await two();
    const broken = await Client.ready(node, ben);
    using signedOut = await Client.ready(node, cid);
    using watcher = await watching(await node.signIn(), ben.userId, cid.userId);
    broken.socket.terminate();
    await broken.closed;
    await expect.poll(() => node.gateway.metrics.closes.get(1006)).toBeGreaterThan(0);
    await node.devices.signOut(cid.userId, cid.deviceId, 'revoked');
    await signedOut.closed;
    await expect.poll(() => states(watcher, cid.userId)).toEqual(['online', 'offline']);
    using late = await watching(await node.signIn(), ben.userId);
    expect(states(late, ben.userId)).toEqual(['online']);
    expect(states(watcher, ben.userId)).toEqual(['online']);
  });

  it('tells its session when it was last seen, for the time when presence has forgotten it', async () => {
    const ben = await node.signIn();
    const before = (await node.credentials.session(ben.sessionId))!.lastSeenAt;
    const client = await Client.ready(node, ben);
    await close(client);
    await expect.poll(async () => (await node.credentials.session(ben.sessionId))!.lastSeenAt > before).toBe(true);
  });
});

describe('who may not know how a user is sees him offline, without a time', () => {
  const hidden = { state: 'offline', type: 'presence' } as const;

  it('where the user shows it to nobody, or to contacts only, from one moment to the next', async () => {
    const [ada, ben] = await two();
    using watched = await Client.ready(node, ben);
    using watcher = await watching(ada, ben.userId);
    await change(ben, 'nobody');
    await expect.poll(() => told(watcher, ben.userId).at(-1)).toEqual({ ...hidden, userId: ben.userId });
    await change(ben, 'contacts');
    await between(ada, ben, 'PutContact');
    await between(ben, ada, 'PutContact');
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['online', 'offline', 'online']);
    await between(ben, ada, 'RemoveContact');
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['online', 'offline', 'online', 'offline']);
    await change(ben, 'everyone');
    await expect.poll(() => states(watcher, ben.userId).at(-1)).toBe('online');
    await close(watched);
    await expect.poll(() => told(watcher, ben.userId).at(-1)).toMatchObject({ lastSeenAt: expect.any(String) });
    await change(ben, 'nobody');
    await expect.poll(() => told(watcher, ben.userId).at(-1)).toEqual({ ...hidden, userId: ben.userId });
  });

  it.each(['the watcher', 'the watched one'])('where %s has blocked the other, until it is lifted', async (who) => {
    const [ada, ben] = await two();
    const [by, other] = who === 'the watcher' ? [ada, ben] : [ben, ada];
    using _watched = await Client.ready(node, ben);
    using watcher = await watching(ada, ben.userId);
    await between(by, other, 'BlockUser');
    await expect.poll(() => told(watcher, ben.userId).at(-1)).toEqual({ ...hidden, userId: ben.userId });
    using late = await watching(await node.signIn(ada.userId), ben.userId);
    expect(told(late, ben.userId)).toEqual([{ ...hidden, userId: ben.userId }]);
    await between(by, other, 'UnblockUser');
    await expect.poll(() => states(watcher, ben.userId)).toEqual(['online', 'offline', 'online']);
  });

  it('where there is no such user, until he registers', async () => {
    const [ada] = await two();
    const userId = v7();
    using watcher = await watching(ada, userId);
    expect(told(watcher, userId)).toEqual([{ ...hidden, userId }]);
    const username = `u${userId.replaceAll('-', '').slice(4)}`;
    const command = { type: 'RegisterUser', data: { userId, username, displayName: username } } as const;
    await node.bus.user(userId, { commandId: v7(), actorId: userId, command });
    using _there = await Client.ready(node, await node.signIn(userId));
    await expect.poll(() => states(watcher, userId)).toEqual(['offline', 'online']);
  });
});
