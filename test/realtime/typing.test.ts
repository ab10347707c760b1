import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, codeOf, type Of } from './support/client.ts';
import { group, people, ready } from './support/group.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

const typingMs = 400;
const typingRepeatMs = 100;

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ settings: { typingMs, typingRepeatMs } });
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

const told = (client: Client): readonly Of<'typing'>[] => client.frames.filter((frame) => frame.type === 'typing');
const actives = (client: Client): readonly boolean[] => told(client).map(({ active }) => active);

const open = async (): Promise<{ readonly id: string; readonly people: SignedIn[]; readonly clients: Client[] }> => {
  const [ada, ben, cid] = (await people(node, 3)) as [SignedIn, SignedIn, SignedIn];
  const id = await group(node, ada, [ben]);
  const clients = await ready(node, ada, ben, cid, await node.signIn(ada.userId));
  return { id, people: [ada, ben, cid], clients };
};
const closeAll = (clients: readonly Client[]): void => {
  for (const client of clients) client[Symbol.dispose]();
};

describe('typing', () => {
  it('is told to the other members who listen, and ends by itself', async () => {
    const {
      id,
      people: [ada],
      clients,
    } = await open();
    const [own, other, outsider, ownOther] = clients as [Client, Client, Client, Client];
    expect(await own.ask({ type: 'typing', conversationId: id, active: true })).toMatchObject({ result: null });
    const frame = { type: 'typing', conversationId: id, userId: ada!.userId };
    await expect
      .poll(() => told(other))
      .toEqual([
        { ...frame, active: true },
        { ...frame, active: false },
      ]);
    for (const client of [own, outsider, ownOther]) expect(told(client)).toEqual([]);
    closeAll(clients);
  });

  it('goes on while it is said again, and is told once', async () => {
    const { id, clients } = await open();
    const [own, other] = clients as [Client, Client];
    const started = performance.now();
    await expect
      .poll(
        async () => {
          await own.ask({ type: 'typing', conversationId: id, active: true });
          return performance.now() - started;
        },
        { interval: 30 },
      )
      .toBeGreaterThan(typingMs * 2);
    expect(actives(other)).toEqual([true]);
    await expect.poll(() => actives(other)).toEqual([true, false]);
    closeAll(clients);
  });

  it.each([
    [
      'it is given up',
      async (own: Client, id: string) => own.ask({ type: 'typing', conversationId: id, active: false }),
    ],
    ['the message is sent', async (own: Client, id: string) => own.send(id, 'done')],
    ['the device disconnects', async (own: Client) => own[Symbol.dispose]()],
  ])('ends when %s', async (_name, end) => {
    await using slow = await startNode();
    const [ada, ben] = (await people(slow, 2)) as [SignedIn, SignedIn];
    const id = await group(slow, ada, [ben]);
    const [own, other] = (await ready(slow, ada, ben)) as [Client, Client];
    await own.ask({ type: 'typing', conversationId: id, active: true });
    await expect.poll(() => actives(other)).toEqual([true]);
    await end(own, id);
    await expect.poll(() => actives(other)).toEqual([true, false]);
    closeAll([own, other]);
  });

  it('of one who goes on typing on another device goes on', async () => {
    const { id, clients } = await open();
    const [own, other, , ownOther] = clients as [Client, Client, Client, Client];
    await own.ask({ type: 'typing', conversationId: id, active: true });
    await ownOther.ask({ type: 'typing', conversationId: id, active: true });
    await own.ask({ type: 'typing', conversationId: id, active: false });
    await other.ask({ type: 'heartbeat' });
    expect(actives(other)).toEqual([true]);
    await expect.poll(() => actives(other)).toEqual([true, false]);
    closeAll(clients);
  });

  it('is refused where a send would be', async () => {
    const {
      id,
      people: [ada, ben, cid],
      clients,
    } = await open();
    const [own, other, outsider] = clients as [Client, Client, Client];
    const type = async (client: Client, conversationId: string) =>
      codeOf(await client.ask({ type: 'typing', conversationId, active: true }));
    expect(await type(outsider, id)).toBe('conversation/not-found');
    expect(await type(own, v7())).toBe('conversation/not-found');
    const { conversations, members } = node.messaging;
    await members.put(ada!, id, cid!.userId, 'reader');
    await expect.poll(() => type(outsider, id)).toBe('auth/forbidden');
    await conversations.change(ada!, id, { settings: { whoMaySend: 'admins' } });
    await expect.poll(() => type(other, id)).toBe('auth/forbidden');
    const direct = (await conversations.direct(ada!, ben!.userId)).result.conversationId;
    await expect.poll(() => type(own, direct)).toBeUndefined();
    const command = { type: 'BlockUser', data: { other: ada!.userId } } as const;
    await node.bus.contact(ben!.userId, ada!.userId, { commandId: v7(), actorId: ben!.userId, command });
    await expect.poll(() => type(own, direct)).toBe('contact/blocked');
    await conversations.close(ada!, id);
    await expect.poll(() => type(own, id)).toBe('conversation/closed');
    closeAll(clients);
  });

  it('is limited in how often one user begins', async () => {
    await using limited = await startNode({ limited: true });
    const ada = await limited.signIn();
    const ids = await Promise.all(Array.from({ length: 25 }, () => group(limited, ada, [])));
    using client = await Client.ready(limited, ada);
    await limited.models.waitFor(['feed'], await limited.events.head());
    const replies = await Promise.all(
      ids.map((conversationId) => client.ask({ type: 'typing', conversationId, active: true })),
    );
    expect(replies.map(codeOf).filter((code) => code === 'rate/limited')).toHaveLength(5);
  });
});
