import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer, type Person, type TestServer } from './conversations-server.ts';
import { searchFor, sortedTextsFor, textsFor } from './search-client.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, eve] = await Promise.all([server.person(), server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

const message = (room: string, messageId: string): string => `/conversations/${room}/messages/${messageId}`;

describe('a search finds only what the caller may see', () => {
  test('nothing of conversations of others, and counts nothing of them', async () => {
    const room = await ann.group([ben]);
    await ann.say(room, 'our secret plan');
    for (const params of [
      { q: 'secret' },
      { q: 'secret', in: room },
      { in: room },
      { from: ann.userId, q: 'secret' },
    ]) {
      expect(await searchFor(eve, params)).toEqual({
        items: [],
        next: null,
        facets: { conversations: [], senders: [] },
      });
    }
    expect(await textsFor(ben, 'secret')).toEqual(['our secret plan']);
  });

  test('of a conversation only while he is a member, from the write on that says so', async () => {
    const room = await ann.group([ben]);
    await ann.say(room, 'quarterly figures');
    const found = () => textsFor(ben, { q: 'figures', in: room });
    expect(await found()).toHaveLength(1);
    await ann.delete(`/conversations/${room}/members/${ben.userId}`);
    expect(await found()).toEqual([]);
    await ann.put(`/conversations/${room}/members/${ben.userId}`, {});
    expect(await found()).toHaveLength(1);
    await ben.delete(`/conversations/${room}/members/me`);
    expect(await found()).toEqual([]);
  });

  test('what was said since he joined, where history begins there', async () => {
    const room = await ann.group([], { settings: { history: 'since-joining' } });
    await ann.say(room, 'orchid before');
    await ann.put(`/conversations/${room}/members/${ben.userId}`, {});
    await ann.say(room, 'orchid after');
    const { items, facets } = await searchFor(ben, { q: 'orchid', in: room });
    expect(items.map(({ message: hit, context }) => [hit.text, context.before])).toEqual([['orchid after', null]]);
    expect(facets?.conversations).toEqual([{ conversationId: room, count: 1 }]);
    await ann.patch(`/conversations/${room}`, { settings: { history: 'all' } });
    expect(await textsFor(ben, { q: 'orchid', in: room })).toHaveLength(2);
  });

  test('nothing that was deleted, by anyone or by himself, or that an edit has taken out', async () => {
    const room = await ann.group([ben]);
    const [deleted, hidden, edited] = [
      await ann.say(room, 'walrus one'),
      await ann.say(room, 'walrus two'),
      await ann.say(room, 'walrus three'),
    ];
    expect(await textsFor(ben, { q: 'walrus', in: room })).toHaveLength(3);
    await ann.delete(`${message(room, deleted.messageId)}?for=everyone`);
    expect(await sortedTextsFor(ben, { q: 'walrus', in: room })).toEqual(['walrus three', 'walrus two']);
    await ben.delete(`${message(room, hidden.messageId)}?for=me`);
    expect(await textsFor(ben, { q: 'walrus', in: room })).toEqual(['walrus three']);
    expect(await textsFor(ann, { q: 'walrus', in: room })).toHaveLength(2);
    await ann.patch(message(room, edited.messageId), { text: 'penguin three' });
    expect(await textsFor(ben, { q: 'walrus', in: room })).toEqual([]);
    expect(await textsFor(ben, { q: 'penguin', in: room })).toEqual(['penguin three']);
    await ann.patch(message(room, edited.messageId), { mentions: [ben.userId] });
    expect(await textsFor(ben, { q: 'penguin mentions:me', in: room })).toEqual(['penguin three']);
    const { items } = await searchFor(ann, { q: 'walrus', in: room });
    expect(items[0]?.context.before?.text).toBe(null);
  });

  test('nothing whose time is over', async () => {
    const room = await ann.group([ben]);
    await ann.say(room, { text: 'mayfly', expiresInSeconds: 1 });
    expect(await textsFor(ben, { q: 'mayfly', in: room })).toEqual(['mayfly']);
    await expect
      .poll(() => searchFor(ben, { q: 'mayfly', in: room }), { timeout: 10_000 })
      .toMatchObject({ items: [], facets: { conversations: [] } });
  });

  test('nothing of what he has cleared', async () => {
    const room = await ann.group([ben]);
    await ann.say(room, 'badger one');
    await ben.delete(`/conversations/${room}/me/history`);
    await ann.say(room, 'badger two');
    expect(await textsFor(ben, { q: 'badger', in: room })).toEqual(['badger two']);
    expect(await textsFor(ann, { q: 'badger', in: room })).toHaveLength(2);
  });

  test('open channels he is not in only when he asks for them', async () => {
    const channel = await ann.group([], { kind: 'channel', name: 'Beekeeping' });
    const since = { kind: 'channel', name: 'Secretive', settings: { history: 'since-joining' } };
    const closedBook = await ann.group([], since);
    await ann.say(channel, 'honeycomb here');
    await ann.say(closedBook, 'honeycomb there');
    expect(await textsFor(eve, 'honeycomb')).toEqual([]);
    expect(await textsFor(eve, 'honeycomb in:beekeeping')).toEqual(['honeycomb here']);
    expect(await textsFor(eve, { q: 'honeycomb', in: channel })).toEqual(['honeycomb here']);
    expect(await textsFor(eve, { q: 'honeycomb', in: closedBook })).toEqual([]);
    expect(await textsFor(eve, { q: 'honeycomb', channels: 'open' })).toEqual(['honeycomb here']);
    expect(await textsFor(eve, { q: 'honeycomb -in:beekeeping', channels: 'open' })).toEqual([]);
    await ann.delete(`/conversations/${channel}`);
    expect(await textsFor(eve, { q: 'honeycomb', channels: 'open' })).toEqual([]);
    expect(await textsFor(ann, 'honeycomb')).toHaveLength(2);
  });
});
