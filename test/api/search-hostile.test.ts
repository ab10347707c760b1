import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, openServer, type Person, type TestServer } from './conversations-server.ts';
import { searchFor, searchUrl } from './search-client.ts';

let server: TestServer;
let ann: Person;
let eve: Person;
beforeAll(async () => {
  server = await openServer();
  [ann, eve] = await Promise.all([server.person(), server.person()]);
  const room = await ann.group();
  for (const text of ['alpha beta', 'words match near and or not', '" OR 1=1 --', '{"query":{"match_all":{}}}'])
    await ann.say(room, text);
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a hostile query', () => {
  test.each([
    ['nothing', ''],
    ['white space', ' \t\n\u3000'],
    ['marks only', '!!! --- ... ""'],
    ['an empty phrase', '""'],
    ['a lone minus', '-'],
    ['wildcards only', '* ? ** %'],
    ['a pattern only', '/.*/ \\'],
  ])('of %s is told to be empty', async (_, q) => {
    expectProblem(await ann.get(searchUrl({ q })), 400, 'search/empty');
  });

  test.each([
    'from:',
    'in:""',
    'has:everything',
    'is:',
    'before:soon',
    'after:2018-02-31',
    '-before:2018',
    'before:2018-13',
  ])('with %s is told which operator is wrong', async (q) => {
    const answer = await ann.get(searchUrl({ q }));
    expectProblem(answer, 400, 'search/invalid-operator');
    expect(answer.body).toMatchObject({ operator: /[a-z]+/.exec(q)![0] });
  });

  test('that is too long or asks too much is refused', async () => {
    expectProblem(await ann.get(searchUrl({ q: 'x'.repeat(10_000) })), 400, 'request/invalid');
    expectProblem(await ann.get(searchUrl({ q: 'a b '.repeat(100) })), 400, 'search/too-complex');
    expectProblem(await ann.get(searchUrl({ q: '東'.repeat(200) })), 400, 'search/too-complex');
    expectProblem(await ann.get(searchUrl({ q: 'from:a '.repeat(21) })), 400, 'search/too-complex');
    expectProblem(
      await ann.get(searchUrl({ q: 'a', from: Array.from({ length: 21 }, () => 'b') })),
      400,
      'request/invalid',
    );
    expectProblem(await ann.get(searchUrl({ q: 'a', limit: '51' })), 400, 'request/invalid');
    expectProblem(await ann.get(searchUrl({ q: 'a', has: 'x' })), 400, 'request/invalid');
    expectProblem(await ann.get(searchUrl({ q: 'a', size: '1' })), 400, 'request/invalid');
    expectProblem(await ann.get(searchUrl({ q: 'a', cursor: 'x' })), 400, 'request/invalid');
  });

  test.each([
    'alpha" OR words : "beta',
    'NEAR(alpha beta, 100)',
    'alpha AND',
    'NOT alpha',
    '{words extras} : alpha',
    'alpha^2 + (beta',
    "'; drop table search; --",
    "' union select * from sqlite_schema --",
    '{"query": {"match_all": {}}}',
    '_exists_:words',
    'words:*',
    '"unbalanced',
    '“unbalanced',
    '\u202Ealpha',
    'labels:hidden',
    `in:${'a'.repeat(199)}`,
    'from:"\' or 1=1"',
  ])('like %s is safe', async (q) => {
    const { items } = await searchFor(eve, { q, channels: 'open' });
    expect(items).toEqual([]);
    const mine = await searchFor(ann, { q });
    expect(mine.items.length).toBeLessThanOrEqual(2);
  });

  test('of whatever kind gets an answer or a clear refusal', async () => {
    const fragment = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom(
        '"',
        '-',
        'from:',
        'in:',
        'has:link',
        'before:2018',
        '*',
        'alpha',
        ' ',
        '\\',
        '{',
        ')',
        'OR',
        'é',
        '東京',
        '👍🏽',
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fragment, { maxLength: 12 }),
        fc.constantFrom('newest', 'relevance'),
        async (parts, sort) => {
          const answer = await ann.get<{ code?: string }>(searchUrl({ q: parts.join(''), sort }));
          const isRefused = answer.status === 400 && /^(?:search|request)\//.test(answer.body.code ?? '');
          expect([answer.status === 200 || isRefused, answer.body]).toEqual([true, answer.body]);
          if (answer.status === 200)
            expect(JSON.stringify(await searchFor(eve, { q: parts.join(''), sort }))).toContain('"items":[]');
        },
      ),
      { numRuns: 150 },
    );
  });
});
