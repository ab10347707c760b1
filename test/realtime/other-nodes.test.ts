import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { InProcessPresence } from '../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { PubSubUnavailable, type PubSub } from '../../ports/pub-sub.ts';
import type { RealtimeSettings } from '../../realtime/settings.ts';
import { tellEnded } from '../../services/ended-sessions.ts';
import { Client } from './support/client.ts';
import { startNode } from './support/node.ts';

const away = async (): Promise<never> => {
  throw new PubSubUnavailable('away');
};
const silence: PubSub = { publish: away, subscribe: away, [Symbol.asyncDispose]: async () => undefined };

/** Two nodes on the same stores, which hear of each other by the log and the pub/sub they are given. */
const startTwo = async (pubSub: PubSub, settings: Partial<RealtimeSettings> = {}) => {
  const stack = new AsyncDisposableStack();
  const presence = stack.use(new InProcessPresence());
  const node = stack.use(await startNode({ pubSub, presence }));
  const other = stack.use(await node.another({ pubSub, presence, settings }));
  return { node, other, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const isOpen = async (client: Client): Promise<boolean> => (await client.ask({ type: 'heartbeat' })).type === 'reply';

it('a device that is revoked on one node is closed with 4403 on the other, by what the log says', async () => {
  await using nodes = await startTwo(silence);
  const ada = await nodes.node.signIn();
  using revoked = await Client.ready(nodes.other, ada);
  using untouched = await Client.ready(nodes.other, await nodes.node.signIn(ada.userId));
  await nodes.node.devices.signOut(ada.userId, ada.deviceId, 'revoked');
  expect((await revoked.closed).code).toBe(4403);
  expect(await isOpen(untouched)).toBe(true);
});

it('every device of an account that is erased on one node is closed with 4403 on the other', async () => {
  await using nodes = await startTwo(silence);
  const ada = await nodes.node.signIn();
  using first = await Client.ready(nodes.other, ada);
  using second = await Client.ready(nodes.other, await nodes.node.signIn(ada.userId));
  const command = { type: 'EraseUser', data: {} } as const;
  await nodes.node.bus.user(ada.userId, { commandId: randomUUID(), actorId: ada.userId, command });
  for (const client of [first, second]) expect((await client.closed).code).toBe(4403);
});

it('a device that has signed in again since is left alone when its sign-out comes late', async () => {
  await using nodes = await startTwo(silence);
  const ada = await nodes.node.signIn();
  using client = await Client.ready(nodes.other, ada);
  const removed = { type: 'RemoveDevice', data: { deviceId: ada.deviceId, reason: 'signed-out' } } as const;
  const { position } = await nodes.node.bus.user(ada.userId, {
    commandId: randomUUID(),
    actorId: ada.userId,
    command: removed,
  });
  await expect.poll(() => nodes.other.gateway.status().position >= position).toBe(true);
  expect(await isOpen(client)).toBe(true);
});

it('the older of two connections of a device is closed with 4409, on whichever node it is', async () => {
  await using pubSub = new InProcessPubSub();
  await using nodes = await startTwo(pubSub);
  const ada = await nodes.node.signIn();
  using first = await Client.ready(nodes.node, ada);
  using second = await Client.ready(nodes.other, ada);
  expect((await first.closed).code).toBe(4409);
  using third = await Client.ready(nodes.node, ada);
  expect((await second.closed).code).toBe(4409);
  expect(await isOpen(third)).toBe(true);
});

it('a session that another one of its device replaces is closed with 4409 on the other node', async () => {
  await using pubSub = new InProcessPubSub();
  await using nodes = await startTwo(pubSub);
  const ada = await nodes.node.signIn();
  using client = await Client.ready(nodes.other, ada);
  tellEnded(pubSub)(ada, 'replaced');
  expect((await client.closed).code).toBe(4409);
});

it('a session that ended without anyone being told is found after a while', async () => {
  await using nodes = await startTwo(silence, { sessionSweepMs: 50 });
  const [ada, ben] = [await nodes.node.signIn(), await nodes.node.signIn()];
  using gone = await Client.ready(nodes.other, ada);
  using there = await Client.ready(nodes.other, ben);
  using replaced = await Client.ready(nodes.other, await nodes.node.signIn(ben.userId));
  await nodes.node.credentials.endSession(ada.sessionId);
  expect((await gone.closed).code).toBe(4403);
  const session = (await nodes.node.credentials.sessionsOf(ben.userId)).find(
    ({ deviceId }) => deviceId !== ben.deviceId,
  );
  await nodes.node.credentials.startSession({ ...session!, sessionId: randomUUID() });
  expect((await replaced.closed).code).toBe(4409);
  expect(await isOpen(there)).toBe(true);
});
