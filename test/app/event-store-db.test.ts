import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startParley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { beforeLog } from '../../ports/event-store.ts';
import { contactStream, conversationStream, scheduledStream, streamPrefixes, userStream } from '../../domain/ids.ts';
import { clientOf } from '../api/accounts-client.ts';
import { startEventStoreDb, type EventStoreDb } from '../servers/event-store-db.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { openParley } from './parley.ts';

let server: EventStoreDb;
beforeAll(async () => {
  server = await startEventStoreDb();
});
afterAll(() => server[Symbol.asyncDispose]());

const chatOf = async (origin: string) => {
  const client = clientOf(origin);
  const [ann, ben] = [await client.join('ann'), await client.join('ben')];
  const as = (person: { readonly accessToken: string }) => ({ token: person.accessToken });
  const direct = await client.ask('PUT', `/direct/${ben.user.userId}`, as(ann));
  const conversationId = direct.json['conversationId'] as string;
  const say = async (text: string) =>
    client.ask('PUT', `/conversations/${conversationId}/messages/${randomUUID()}`, { ...as(ann), body: { text } });
  return { client, ann, ben, as, conversationId, say };
};

test('the log may be kept in EventStoreDB, the rest in the folder: people talk, sync, and go on after a restart', async () => {
  await using opened = await openParley({ EVENTSTOREDB_URL: server.url });
  const { client, ben, as, conversationId, say } = await chatOf(opened.parley.url);
  expect((await say('hello')).status).toBe(201);
  const sent = await say('ben');
  const after = sent.headers.get('parley-position') ?? '';
  const history = `/conversations/${conversationId}/messages`;
  const before = await client.ask('GET', history, { ...as(ben), after });
  expect(before.json).toMatchObject({ items: [{ text: 'hello' }, { text: 'ben' }] });
  const sync = await client.ask('GET', '/sync', as(ben));
  expect(sync.json).toMatchObject({ conversations: [{ unread: 2, lastMessage: { text: 'ben' } }] });
  expect(existsSync(path.join(opened.folder, 'events.db'))).toBe(false);

  await opened.parley[Symbol.asyncDispose]();
  const config = loadConfig({ PORT: '0', DATA_DIR: opened.folder, RATE_LIMITS: 'off', EVENTSTOREDB_URL: server.url });
  await using again = await startParley({ ...config, logLevel: 'silent' });
  const returned = clientOf(again.url);
  expect((await returned.ask('GET', history, { ...as(ben), after })).json).toEqual(before.json);

  await using store = new EventStoreDbEventStore({ url: server.url });
  const log = await store.readLog(beforeLog, 1_000);
  expect(log.filter(({ type }) => type === 'MessageSent')).toHaveLength(2);
});

test('the log shows the streams of every kind', () => {
  const streams = [
    conversationStream(randomUUID()),
    userStream(randomUUID()),
    contactStream('a', 'b'),
    scheduledStream('a'),
  ];
  const prefixes = streams.map((stream) => streamPrefixes.find((prefix) => stream.startsWith(prefix)));
  expect(prefixes).toEqual(streamPrefixes);
});

test('while EventStoreDB is away, sends are refused as unavailable and not kept waiting; they go on afterwards', async () => {
  await using opened = await openParley({ EVENTSTOREDB_URL: server.url });
  const { say } = await chatOf(opened.parley.url);
  expect((await say('before')).status).toBe(201);
  await server.kill9();
  const started = performance.now();
  const refused = await say('meanwhile');
  expect(performance.now() - started).toBeLessThan(8_000);
  expect(refused).toMatchObject({ status: 503, json: { code: 'server/unavailable' } });
  expect(refused.headers.get('retry-after')).not.toBeNull();
  await expect.poll(async () => (await fetch(`${opened.parley.url}/readyz`)).status, { timeout: 15_000 }).toBe(503);
  await server.start();
  await expect.poll(async () => (await say('after')).status, { timeout: 15_000 }).toBe(201);
  await expect.poll(async () => (await fetch(`${opened.parley.url}/readyz`)).status, { timeout: 15_000 }).toBe(200);
});

test('a folder with an event log of its own is not joined with another log', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.folder, 'events.db'), '');
  const config = loadConfig({ PORT: '0', DATA_DIR: folder.folder, EVENTSTOREDB_URL: server.url });
  await expect(startParley({ ...config, logLevel: 'silent' })).rejects.toThrow('holds an event log of its own');
});
