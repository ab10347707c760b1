import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newPrefix } from '../adapters/opensearch/opened.ts';
import { openServer, type Person, type TestServer } from '../api/conversations-server.ts';
import { searchFor, searchUrl, textsFor } from '../api/search-client.ts';
import { describeWith } from '../servers/suite.ts';
import type { RunningServer } from '../servers/running-server.ts';

const open = async (url: string): Promise<{ readonly server: TestServer; readonly ann: Person }> => {
  const server = await openServer({ OPENSEARCH_URL: url });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { server, ann: await server.person() };
};

const searchStatus = ({ parley }: TestServer) => parley.supervisor.status().find(({ name }) => name === 'search')!;

/** How many messages with this word there are, by the facets, which count over all pages. */
const countOf = async (person: Person, word: string): Promise<number> => {
  const { facets } = await searchFor(person, word);
  return (facets?.conversations ?? []).reduce((sum, { count }) => sum + count, 0);
};

const backAgain = async (process: RunningServer, person: Person): Promise<void> => {
  await process.start();
  const found = async (): Promise<number> => (await person.get(searchUrl({ q: 'anything' }))).status;
  await expect.poll(found, { timeout: 20_000 }).toBe(200);
};

describeWith(['opensearch'], 'A server whose search is in OpenSearch', ({ opensearch }) => {
  test('finds what was said, edited and deleted as soon as it is told, and keeps no index of its own', async () => {
    const { server, ann } = await open(newPrefix(opensearch.url));
    const ben = await server.person();
    const room = await ann.group([ben]);
    await ann.say(room, 'the quick brown fox');
    const other = await ann.say(room, '明日は東京都庁へ行く');
    expect(await textsFor(ben, '"quick brown"')).toEqual(['the quick brown fox']);
    expect(await textsFor(ben, '東京')).toEqual(['明日は東京都庁へ行く']);
    await ann.delete(`/conversations/${room}/messages/${other.messageId}?for=everyone`);
    expect(await textsFor(ben, '東京')).toEqual([]);
    await ann.delete(`/conversations/${room}/members/${ben.userId}`);
    expect(await textsFor(ben, 'quick')).toEqual([]);
    expect(existsSync(path.join(server.parley.config.dataDir, 'search.db'))).toBe(false);
  });

  test('refuses hostile questions or answers them, and never fails', async () => {
    const { ann } = await open(newPrefix(opensearch.url));
    const room = await ann.group();
    await ann.say(room, 'hello world');
    const questions = [
      '{"match_all":{}}',
      'hello" } } , "query": { "match_all": {} }',
      'words:hello OR *:*',
      '/.*/',
      '*',
      '"',
      'hello~2 ^10 [a TO z]',
      'from:ana in: "',
      '\u0000\uD800 hello',
      '-'.repeat(1_000),
      'hello '.repeat(1_000),
    ];
    for (const q of questions) {
      const { status } = await ann.get(searchUrl({ q }));
      expect([q.slice(0, 50), [200, 400, 422].includes(status)]).toEqual([q.slice(0, 50), true]);
    }
    expect(await textsFor(ann, 'hello')).toEqual(['hello world']);
  });

  test(
    'loses nothing when it is killed and comes back, and does all the rest meanwhile',
    { timeout: 90_000 },
    async (context) => {
      const process = opensearch.process(context);
      const { server, ann } = await open(newPrefix(opensearch.url));
      const room = await ann.group();
      await ann.say(room, 'anything');
      let sent = 0;
      const ending = new AbortController();
      const talking = (async () => {
        while (!ending.signal.aborted) {
          await ann.say(room, `parrot ${sent}`);
          sent += 1;
        }
      })();
      const talkOn = async (): Promise<void> => {
        const before = sent;
        await expect.poll(() => sent, { timeout: 20_000, interval: 10 }).toBeGreaterThan(before + 20);
      };
      await talkOn();
      for (const end of [() => process.kill9(), () => process.stop()]) {
        await end();
        await talkOn();
        const started = performance.now();
        const answer = await fetch(`${server.parley.url}/readyz`);
        expect(answer.status).toBe(200);
        const refused = await ann.get<{ readonly retryAfterSeconds: number }>(searchUrl({ q: 'parrot' }));
        expect(refused.status).toBe(503);
        expect(refused.body.retryAfterSeconds).toBeGreaterThan(0);
        expect(performance.now() - started).toBeLessThan(15_000);
        expect(searchStatus(server)).toMatchObject({
          state: 'running',
          trouble: { error: 'DocumentStoreUnavailable' },
        });
        await backAgain(process, ann);
        await talkOn();
      }
      ending.abort();
      await talking;
      await expect.poll(() => countOf(ann, 'parrot'), { timeout: 20_000 }).toBe(sent);
      expect(searchStatus(server)).toMatchObject({ state: 'running', trouble: null });
    },
  );

  test('starts without it, and makes the index when it is there', { timeout: 60_000 }, async (context) => {
    const process = opensearch.process(context);
    const url = newPrefix(opensearch.url);
    await process.stop();
    const { server, ann } = await open(url);
    const room = await ann.group();
    await ann.say(room, 'anything');
    expect((await ann.get(`/conversations/${room}/messages`)).status).toBe(200);
    expect((await ann.get(searchUrl({ q: 'anything' }))).status).toBe(503);
    expect((await fetch(`${server.parley.url}/readyz`)).status).toBe(200);
    await backAgain(process, ann);
    expect(await textsFor(ann, 'anything')).toEqual(['anything']);
  });
});
