import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Me } from '../../schemas/user.ts';
import { newId, openServer, type Person, type TestServer } from './conversations-server.ts';
import { markedIn, searchFor, sortedTextsFor, textsFor } from './search-client.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben] = await Promise.all([server.person(), server.person()]);
});
afterAll(() => server[Symbol.asyncDispose]());

const usernameOf = async (person: Person): Promise<string> => (await person.get<Me>('/me')).body.username;

describe('messages', () => {
  test('are found by words, phrases, the beginning of the last word, and not by what is excluded', async () => {
    const room = await ann.group([ben]);
    await ann.say(room, 'The quick brown fox');
    await ann.say(room, 'The brown quick foxes');
    await ann.say(room, 'Something else');
    expect(await sortedTextsFor(ben, 'quick brown')).toEqual(['The brown quick foxes', 'The quick brown fox']);
    expect(await textsFor(ben, '"quick brown"')).toEqual(['The quick brown fox']);
    expect(await textsFor(ben, 'quick fo')).toHaveLength(2);
    expect(await textsFor(ben, 'quick fo ')).toEqual([]);
    expect(await textsFor(ben, 'quick -foxes')).toEqual(['The quick brown fox']);
    expect(await textsFor(ben, 'qui* -"quick brown"')).toEqual(['The brown quick foxes']);
    expect(await textsFor(ben, 'uick')).toEqual([]);
  });

  test('are found in every writing, exactly written ones first, with what was found marked', async () => {
    const room = await ann.group();
    for (const text of [
      'Ein Café am Platz',
      'Ein Cafe am Platz',
      '明日は東京都庁へ行く',
      '내일 학교에서 만나요',
      'พรุ่งนี้ไปโรงเรียน',
      'العَرَبِيَّة جميلة',
      'שָׁלוֹם לכם',
      'Great 👍🏽 work',
      'call foo.barBaz() in C++',
      'plain C here',
      'Straße',
    ])
      await ann.say(room, text);
    const marked = async (q: string) => markedIn(await searchFor(ann, { q, in: room }));
    expect(await textsFor(ann, { q: 'café ', in: room })).toEqual(['Ein Café am Platz', 'Ein Cafe am Platz']);
    expect(await textsFor(ann, { q: 'CAFE ', in: room })).toEqual(['Ein Cafe am Platz', 'Ein Café am Platz']);
    expect(await marked('東京都')).toEqual([['東京都']]);
    expect(await marked('京')).toEqual([['京']]);
    expect(await marked('学校')).toEqual([]);
    expect(await marked('학교')).toEqual([['학교']]);
    expect(await marked('โรงเรียน')).toEqual([['โรงเรียน']]);
    expect(await marked('العربية')).toEqual([['العَرَبِيَّة']]);
    expect(await marked('שלום')).toEqual([['שָׁלוֹם']]);
    expect(await marked('👍')).toEqual([['👍🏽']]);
    expect(await marked('foo.barBaz')).toEqual([['foo.barBaz']]);
    expect(await marked('baz ')).toEqual([['Baz']]);
    expect(await marked('c++')).toEqual([['C++']]);
    expect(await marked('c ')).toEqual([['C'], ['C']]);
    expect(await marked('STRASSE')).toEqual([['Straße']]);
  });

  test('are found by who sent them, where, when, to whom and what they have', async () => {
    const room = await ann.group([ben], { name: 'Garden Çay' });
    const other = await ann.group([ben], { name: 'Kitchen' });
    const direct = await ann.direct(ben);
    const first = await ann.say(room, { text: 'tea at https://tea.example', mentions: [ben.userId] });
    await ben.say(room, { text: 'tea for everyone', mentions: ['everyone'] });
    await ben.say(other, { text: 'tea in a thread', thread: (await ann.say(other, 'tea root')).messageId });
    await ben.say(direct, 'tea for two');
    await ben.put(`/conversations/${room}/messages/${first.messageId}/reactions/${encodeURIComponent('🍵')}`);
    await ben.put(`/conversations/${room}/messages/${first.messageId}/pin`);
    const [annName, benName] = [await usernameOf(ann), await usernameOf(ben)];
    const found = (q: string) => sortedTextsFor(ann, `tea ${q} `);
    const all = ['tea at https://tea.example', 'tea for everyone', 'tea for two', 'tea in a thread', 'tea root'];
    expect(await found('')).toEqual(all);
    expect(await found(`from:${annName}`)).toEqual([all[0], all[4]]);
    expect(await found('from:me')).toEqual([all[0], all[4]]);
    expect(await found('-from:me')).toEqual([all[1], all[2], all[3]]);
    expect(await found(`from:@${benName} from:me`)).toEqual(all);
    expect(await found('from:nobody.of.this.name')).toEqual([]);
    expect(await found('in:"garden cay"')).toEqual([all[0], all[1]]);
    expect(await found('in:#Kitchen')).toEqual([all[3], all[4]]);
    expect(await found(`in:${room} in:kitchen`)).toEqual([all[0], all[1], all[3], all[4]]);
    expect(await found(`-in:kitchen -in:${room}`)).toEqual([all[2]]);
    expect(await found(`in:@${benName}`)).toEqual([all[2]]);
    expect(await found(`mentions:${benName}`)).toEqual([all[0]]);
    expect(await found('mentions:me')).toEqual([all[1]]);
    expect(await found('has:link')).toEqual([all[0]]);
    expect(await found('-has:link is:thread')).toEqual([all[3], all[4]]);
    expect(await found('has:reaction is:pinned')).toEqual([all[0]]);
    expect(await found('has:attachment')).toEqual([]);
    const today = first.sentAt.slice(0, 10);
    expect(await found(`before:${today}`)).toEqual([]);
    expect(await found(`after:${today}`)).toEqual([]);
    expect(await found(`after:2018-02 before:2999`)).toEqual(all);
    expect(await found(`before:${first.sentAt}`)).toEqual([]);
    expect(await textsFor(ann, { q: 'tea', from: 'me', in: [room, other], sort: 'newest' })).toEqual([all[4], all[0]]);
    expect(await textsFor(ann, { is: 'pinned', in: room })).toEqual([all[0]]);
    await ben.delete(`/conversations/${room}/messages/${first.messageId}/reactions/${encodeURIComponent('🍵')}`);
    await ben.delete(`/conversations/${room}/messages/${first.messageId}/pin`);
    expect(await found('has:reaction')).toEqual([]);
    expect(await found('is:pinned')).toEqual([]);
  });

  test('come with what stands before and after, and with counts by conversation and sender', async () => {
    const [room, other] = [await ann.group([ben]), await ann.group()];
    const before = await ben.say(room, 'one before');
    const hit = await ann.say(room, 'a needle');
    const after = await ben.say(room, 'one after');
    await ben.say(room, 'another needle');
    await ann.say(other, 'needle');
    const { items, facets } = await searchFor(ann, { q: 'needle', sort: 'newest' });
    expect(items.map(({ context }) => [context.before?.text ?? null, context.after?.text ?? null])).toEqual([
      [null, null],
      ['one after', null],
      ['one before', 'one after'],
    ]);
    const item = items.at(-1)!;
    expect(item.message).toMatchObject({ messageId: hit.messageId, conversationId: room, state: 'seen' });
    expect([item.context.before?.messageId, item.context.after?.messageId]).toEqual([
      before.messageId,
      after.messageId,
    ]);
    expect(facets).toEqual({
      conversations: [
        { conversationId: room, count: 2 },
        { conversationId: other, count: 1 },
      ],
      senders: [
        { userId: ann.userId, count: 2 },
        { userId: ben.userId, count: 1 },
      ],
    });
  });

  test('are found all the while when the index is made anew', async () => {
    const room = await ann.group();
    const word = `w${newId().slice(-8)}`;
    await ann.say(room, `${word} before`);
    const build = () => server.parley.supervisor.status().find(({ name }) => name === 'search')?.build;
    const before = build();
    const rebuilding = server.parley.supervisor.rebuild('search');
    for (let i = 0; i < 10; i += 1) expect(await textsFor(ann, word)).toEqual([`${word} before`]);
    await rebuilding;
    expect(build()).not.toBe(before);
    await ann.say(room, `${word} after`);
    expect(await sortedTextsFor(ann, word)).toEqual([`${word} after`, `${word} before`]);
  });

  test.each(['newest', 'relevance'])('by %s come in pages, each once', async (sort) => {
    const room = await ann.group();
    const word = `w${newId().slice(-8)}`;
    for (let i = 0; i < 7; i += 1) await ann.say(room, `${word} ${i}`);
    const texts: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const params: Record<string, string> = { q: word, sort, limit: '3', ...(cursor !== '' && { cursor }) };
      const page = await searchFor(ann, params);
      expect(page.facets === null).toBe(cursor !== '');
      texts.push(...page.items.map(({ message }) => message.text ?? ''));
      cursor = page.next;
    }
    const all = [6, 5, 4, 3, 2, 1, 0].map((i) => `${word} ${i}`);
    expect(sort === 'newest' ? texts : texts.toSorted().toReversed()).toEqual(all);
  });
});
