import { once } from 'node:events';
import { expect, it } from 'vitest';
import { InProcessPresence } from '../../adapters/in-process/presence.ts';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { Client } from './support/client.ts';
import { group, people, ready } from './support/group.ts';
import { startNode } from './support/node.ts';

const startTwo = async () => {
  const stack = new AsyncDisposableStack();
  const pubSub = stack.use(new InProcessPubSub());
  const presence = stack.use(new InProcessPresence());
  const node = stack.use(await startNode({ pubSub, presence }));
  const other = stack.use(await node.another({ pubSub, presence, settings: {} }));
  return { node, other, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const never = new AbortController().signal;

/** Of the last frame that was pushed, or of `ready`: what a client comes back with. */
const positionOf = ({ frames }: Client): string => {
  const found = frames.findLast((frame) => ['event', 'me', 'ready'].includes(frame.type));
  if (found === undefined || !('position' in found) || found.position === undefined)
    throw new Error('Nothing was pushed');
  return found.position;
};

it('hundreds of sockets are closed with 1001 one after the other, and come back elsewhere with nothing lost or twice', async () => {
  await using nodes = await startTwo();
  const { node, other } = nodes;
  const members = await people(node, 300);
  const [ada] = members;
  const conversationId = await group(node, ada!, members.slice(1));
  const clients = await ready(node, ...members);
  const startedAt = performance.now();
  const sending = new AbortController();
  const sent: string[] = [];
  const send = async (): Promise<void> => {
    using writer = await Client.ready(other, await node.signIn(ada!.userId));
    while (!sending.signal.aborted) {
      const reply = await writer.send(conversationId, `message ${sent.length}`);
      if (!('result' in reply) || reply.result === null) throw new Error('A send was refused');
      sent.push(reply.result.messageId);
      await once(AbortSignal.timeout(20), 'abort');
    }
  };
  const back = clients.map(async (client, index) => {
    const { code } = await client.closed;
    const at = performance.now() - startedAt;
    return { code, at, again: await Client.ready(other, members[index]!, positionOf(client)) };
  });
  const writing = send();
  await node.gateway.drain({ overMs: 1_500, signal: never });
  const returned = await Promise.all(back);
  sending.abort();
  await writing;

  expect(new Set(returned.map(({ code }) => code))).toEqual(new Set([1001]));
  const times = returned.map(({ at }) => at).toSorted((a, b) => a - b);
  expect(times[75]).toBeLessThan(times[225]! - 300);
  expect(times.at(-1)).toBeGreaterThan(1_400);
  expect(sent.length).toBeGreaterThan(1);
  for (const [index, { again }] of returned.entries()) {
    const before = clients[index]!;
    const got = (): readonly string[] =>
      [...before.events(conversationId), ...again.events(conversationId)].flatMap(({ event }) =>
        event.type === 'messageSent' ? [event.message.messageId] : [],
      );
    await expect.poll(() => got().length).toBeGreaterThanOrEqual(sent.length);
    expect(got()).toEqual(sent);
    again[Symbol.dispose]();
  }
});

it('a draining node lets nobody in, serves who is not closed yet, and closes the rest at once when told to hurry', async () => {
  await using nodes = await startTwo();
  const { node } = nodes;
  const [ada, bob] = await people(node, 2);
  const conversationId = await group(node, ada!, [bob!]);
  const [first, second] = await ready(node, ada!, bob!);
  const hurry = new AbortController();
  const drained = node.gateway.drain({ overMs: 600_000, signal: hurry.signal });
  const refused = new Client(node.url);
  expect((await once(refused.socket, 'unexpected-response'))[1]).toMatchObject({ statusCode: 503 });
  expect(await first!.send(conversationId, 'still here')).toMatchObject({ result: { text: 'still here' } });
  await second!.event('messageSent');
  hurry.abort();
  await drained;
  for (const client of [first!, second!]) expect((await client.closed).code).toBe(1001);
  expect(node.gateway.metrics.socketsOpen).toBe(0);
});
