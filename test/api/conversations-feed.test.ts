import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedItem } from '../../schemas/conversation.ts';
import { expectProblem, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ben: Person;
beforeAll(async () => {
  server = await openServer();
  ben = await server.person();
});
afterAll(() => server[Symbol.asyncDispose]());

type Feed = { readonly items: readonly FeedItem[]; readonly next: string | null };
const feed = async (person: Person, query = ''): Promise<Feed> =>
  (await person.get<Feed>(`/conversations${query}`)).body;
const ids = ({ items }: Feed): readonly string[] => items.map(({ conversation }) => conversation.conversationId);

describe('the feed', () => {
  test('shows pinned ones first, then unread ones, then by last activity', async () => {
    const ann = await server.person();
    const [old, read, unread, pinned] = [
      await ann.group([ben]),
      await ann.group([ben]),
      await ann.group([ben]),
      await ann.group([ben]),
    ];
    await ben.say(unread, 'news');
    await ann.say(read, 'mine');
    await ann.patch(`/conversations/${pinned}/me`, { pinned: true });
    expect(ids(await feed(ann))).toEqual([pinned, unread, read, old]);
    expect(ids(await feed(ann, '?unread=true'))).toEqual([unread]);
    await ann.patch(`/conversations/${read}/me`, { archived: true });
    expect(ids(await feed(ann))).toEqual([pinned, unread, old]);
    expect(ids(await feed(ann, '?archived=true'))).toEqual([read]);
    expect(ids(await feed(ann, '?archived=all'))).toEqual([pinned, unread, read, old]);
    expectProblem(await ann.get('/conversations?archived=maybe'), 400, 'request/invalid');
  });

  test('tells of each its unread messages, mentions and last message that can be seen', async () => {
    const ann = await server.person();
    const id = await ann.group([ben]);
    const url = `/conversations/${id}`;
    const item = async (): Promise<FeedItem> => (await feed(ann)).items[0]!;
    await ben.say(id, { text: 'x'.repeat(300), mentions: [ann.userId] });
    const second = await ben.say(id, { text: 'all', mentions: ['everyone'] });
    const third = await ben.say(id, '🌱'.repeat(201));
    expect(await item()).toMatchObject({
      unread: 3,
      mentions: 2,
      lastActivityAt: third.sentAt,
      lastMessage: {
        messageId: third.messageId,
        seq: 3,
        senderId: ben.userId,
        text: '🌱'.repeat(200),
        kind: 'text',
        sentAt: third.sentAt,
        deletedAt: null,
      },
    });
    await ben.patch(`${url}/messages/${second.messageId}`, { mentions: [] });
    expect(await item()).toMatchObject({ unread: 3, mentions: 1 });
    await ann.delete(`${url}/messages/${third.messageId}?for=me`);
    expect(await item()).toMatchObject({ unread: 2, lastMessage: { messageId: second.messageId } });
    await ben.delete(`${url}/messages/${second.messageId}?for=everyone`);
    expect(await item()).toMatchObject({ unread: 1, lastMessage: { text: null, deletedAt: expect.any(String) } });
    await ann.put(`${url}/receipts`, { read: 1 });
    expect(await item()).toMatchObject({ unread: 0, mentions: 0 });
    await ann.delete(`${url}/me/history`);
    expect(await item()).toMatchObject({ unread: 0, lastMessage: null });
  });

  test('keeps the order of its first page, whatever moves meanwhile', async () => {
    const ann = await server.person();
    const groups: string[] = [];
    for (let index = 0; index < 6; index += 1) groups.push(await ann.group([ben]));
    const order = groups.toReversed();
    const first = await feed(ann, '?limit=2');
    expect(ids(first)).toEqual(order.slice(0, 2));
    await ann.say(order[5]!, 'moves up');
    await ann.patch(`/conversations/${order[4]}/me`, { pinned: true });
    await ann.patch(`/conversations/${order[0]}/me`, { archived: true });
    const second = await feed(ann, `?limit=2&cursor=${first.next}`);
    expect(ids(second)).toEqual(order.slice(2, 4));
    await ann.delete(`/conversations/${order[4]}`);
    const third = await feed(ann, `?limit=2&cursor=${second.next}`);
    expect(ids(third)).toEqual([order[5]]);
    expect(third.next).toBeNull();
    expect(third.items[0]?.lastMessage?.text).toBe('moves up');
  });

  test('goes on from the same place on a server that has forgotten the first page', async () => {
    const ann = await server.person();
    const groups: string[] = [];
    for (let index = 0; index < 4; index += 1) groups.push(await ann.group());
    const order = groups.toReversed();
    const { next } = await feed(ann, '?limit=2');
    const [, ...place] = JSON.parse(Buffer.from(next!, 'base64url').toString()) as unknown[];
    const forgotten = Buffer.from(JSON.stringify([crypto.randomUUID(), ...place])).toString('base64url');
    const rest = await feed(ann, `?limit=2&cursor=${forgotten}`);
    expect([ids(rest), rest.next]).toEqual([order.slice(2), null]);
    // The cursor of somebody else leads nowhere but into one's own list.
    expect((await feed(ben, `?limit=2&cursor=${next}`)).items.every(({ conversation }) => conversation.me)).toBe(true);
  });
});
