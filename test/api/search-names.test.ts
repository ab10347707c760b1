import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from '../../schemas/common.ts';
import type { Conversation } from '../../schemas/conversation.ts';
import type { User } from '../../schemas/user.ts';
import { expectProblem, openServer, type Person, type TestServer } from './conversations-server.ts';

let server: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, ben, eve] = await Promise.all([server.person(), server.person(), server.person()]);
  await ann.patch('/me', { displayName: 'Ánn-Sophie Müller' });
  await ben.patch('/me', { displayName: 'Benjamin Christopherson' });
  await eve.patch('/me', { displayName: '山田 花子' });
});
afterAll(() => server[Symbol.asyncDispose]());

const users = async (q: string): Promise<readonly string[]> => {
  const answer = await ann.get<Page<User>>(`/search/users?q=${encodeURIComponent(q)}`);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.items.map(({ displayName }) => displayName);
};
const named = async (person: Person, what: 'conversations' | 'channels', q: string) => {
  const answer = await person.get<Page<Conversation>>(`/search/${what}?q=${encodeURIComponent(q)}`);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.items.map(({ name }) => name);
};

describe('users', () => {
  test.each([
    ['ann', 'Ánn-Sophie Müller'],
    ['sophie mu', 'Ánn-Sophie Müller'],
    ['MÜLLER', 'Ánn-Sophie Müller'],
    ['muler', 'Ánn-Sophie Müller'],
    ['mulller', 'Ánn-Sophie Müller'],
    ['sohpie', 'Ánn-Sophie Müller'],
    ['sofhie', 'Ánn-Sophie Müller'],
    ['chirs', 'Benjamin Christopherson'],
    ['bejnamin christ', 'Benjamin Christopherson'],
    ['christophreson', 'Benjamin Christopherson'],
    ['山田', '山田 花子'],
    ['花', '山田 花子'],
  ])('are found by %s', async (q, name) => {
    expect(await users(q)).toEqual([name]);
  });

  test('are not found by what is no beginning of a word or has more than one mistake', async () => {
    expect(await users('ller')).toEqual([]);
    expect(await users('mxxler')).toEqual([]);
    expect(await users('anm')).toEqual([]);
  });

  test('are found by the name they have now, and no more once they are gone', async () => {
    const kim = await server.person();
    await kim.patch('/me', { displayName: 'Zanzibar' });
    expect(await users('zanzibar')).toEqual(['Zanzibar']);
    await kim.patch('/me', { displayName: 'Quixote' });
    expect(await users('zanzibar')).toEqual([]);
    expect(await users('quixote')).toEqual(['Quixote']);
    expect((await kim.delete('/me')).status).toBe(204);
    expect(await users('quixote')).toEqual([]);
  });

  test('come in pages', async () => {
    for (const name of ['Pagina C', 'Pagina A', 'Paginb B'])
      await (await server.person()).patch('/me', { displayName: name });
    const first = await ann.get<Page<User>>('/search/users?q=pagina&limit=2');
    expect(first.body.items.map(({ displayName }) => displayName)).toEqual(['Pagina A', 'Pagina C']);
    const rest = await ann.get<Page<User>>(`/search/users?q=pagina&limit=2&cursor=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ displayName: 'Paginb B' }], next: null });
  });

  test.each(['', '!!!', '   '])('cannot be searched for with %j', async (q) => {
    const answer = await ann.get(`/search/users?q=${encodeURIComponent(q)}`);
    expectProblem(answer, 400, q === '' ? 'request/invalid' : 'search/empty');
  });
});

describe('conversations', () => {
  test('are found by their members, by their names or the name of the other', async () => {
    const group = await ann.group([ben], { name: 'Vegetable Garden' });
    await ann.direct(ben);
    expect(await named(ben, 'conversations', 'gardne')).toEqual(['Vegetable Garden']);
    expect(await named(eve, 'conversations', 'garden')).toEqual([]);
    expect(await named(ann, 'conversations', 'benjamin')).toEqual([null]);
    expect(await named(ben, 'conversations', 'sophie')).toEqual([null]);
    await ann.patch(`/conversations/${group}`, { name: 'Rose Garden' });
    expect(await named(ben, 'conversations', 'vegetable')).toEqual([]);
    expect(await named(ben, 'conversations', 'rose')).toEqual(['Rose Garden']);
    await ann.delete(`/conversations/${group}/members/${ben.userId}`);
    expect(await named(ben, 'conversations', 'rose')).toEqual([]);
  });
});

describe('channels', () => {
  test('are found by everyone while they are open', async () => {
    const channel = await ann.group([], { kind: 'channel', name: 'Télescopes' });
    await ann.group([], { name: 'Telescopes of ours' });
    expect(await named(eve, 'channels', 'telesc')).toEqual(['Télescopes']);
    expect(await named(eve, 'channels', 'tleescopes')).toEqual(['Télescopes']);
    await ann.delete(`/conversations/${channel}`);
    expect(await named(eve, 'channels', 'telesc')).toEqual([]);
  });
});
