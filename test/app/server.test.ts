import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FolderInUse } from '../../adapters/sqlite/folder-lock.ts';
import { startParley } from '../../app/compose.ts';
import { loadConfig } from '../../app/config.ts';
import { clientOf, expectRefusal, passwordOf } from '../api/accounts-client.ts';
import { temporaryFolder } from '../../app/demo/server-process.ts';
import { openParley, type TestParley } from './parley.ts';

let server: TestParley;
beforeAll(async () => {
  server = await openParley();
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (address: string) => fetch(`${server.parley.url}${address}`);

test('health, readiness and metrics need no token', async () => {
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', reasons: [] });
  const client = clientOf(server.parley.url);
  const joined = await client.join();
  await vi.waitFor(async () => {
    const text = await (await get('/metrics')).text();
    expect(text).toMatch(
      /^parley_http_request_duration_seconds_count\{method="POST",route="\/v1\/users",status="201"\} 1$/m,
    );
    expect(text).toMatch(/^parley_events_appended_total 2$/m);
    expect(text).toMatch(/^parley_projection_lag_events\{projection="timeline"\} 0$/m);
    expect(text).toMatch(/^parley_projection_parked\{projection="feed"\} 0$/m);
    expect(text).toMatch(/^parley_realtime_sockets_open 0$/m);
    expect(text).toMatch(/^parley_realtime_frames_sent_total 0$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    expect(text).not.toContain(joined.user.userId);
  });
});

test('with a port of their own they are nowhere else', async () => {
  await using apart = await openParley({ OPS_PORT: '0' });
  const { url, opsUrl } = apart.parley;
  expect(opsUrl).not.toBe(url);
  for (const address of ['/healthz', '/readyz', '/metrics']) {
    expect((await fetch(`${opsUrl}${address}`)).status).toBe(200);
    expect((await fetch(`${url}${address}`)).status).toBe(404);
  }
  expect((await fetch(`${opsUrl}/v1/me`)).status).toBe(404);
});

test('every operation has an id of its own, a summary, a tag and its responses, all of known types', async () => {
  const document = (await (await get('/openapi.json')).json()) as OpenAPIV3_1.Document;
  const operations = Object.entries(document.paths ?? {}).flatMap(([address, item]) =>
    Object.entries(item as Record<string, OpenAPIV3_1.OperationObject>).map(([method, operation]) => ({
      name: `${method} ${address}`,
      operation,
    })),
  );
  expect(operations.length).toBeGreaterThan(45);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const open = new Set(['register', 'login', 'refresh']);
  for (const { name, operation } of operations) {
    const responses = Object.entries(operation.responses ?? {}) as [string, OpenAPIV3_1.ResponseObject][];
    const { operationId, summary, tags, security } = operation;
    expect({ name, operationId, summary, tags, security, statuses: responses.map(([status]) => status) }).toEqual({
      name,
      operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
      summary: expect.stringMatching(/./),
      tags: [expect.any(String)],
      security: open.has(operationId ?? '') ? [] : undefined,
      statuses: expect.arrayContaining(['400', '429', '500', '503']),
    });
    for (const [status, { content }] of responses) {
      const types = status === '204' ? [] : [status < '300' ? 'application/json' : 'application/problem+json'];
      expect({ name, status, types: Object.keys(content ?? {}) }).toEqual({ name, status, types });
    }
  }
  const linked = operations.flatMap(({ operation }) =>
    Object.values(operation.responses ?? {}).flatMap((response) =>
      Object.values((response as OpenAPIV3_1.ResponseObject).links ?? {}),
    ),
  ) as OpenAPIV3_1.LinkObject[];
  expect(linked.length).toBeGreaterThan(30);
  for (const { operationId } of linked) expect(ids).toContain(operationId);
});

test('every reference in the document leads somewhere', async () => {
  const text = await (await get('/openapi.json')).text();
  const { components } = JSON.parse(text) as OpenAPIV3_1.Document;
  const names = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ''));
  expect(names).toEqual(new Set(Object.keys(components?.schemas ?? {})));
});

test('the data folder is for its owner only', async () => {
  expect((await stat(server.folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(server.folder, 'secrets.db'))).mode & 0o777).toBe(0o600);
});

test('two servers cannot run on one folder; the next one can once the first has ended', async () => {
  await using folder = await temporaryFolder();
  const config = loadConfig({ PORT: '0', DATA_DIR: folder.folder, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' });
  const username = 'ada';
  {
    await using first = await startParley(config);
    await expect(startParley(config)).rejects.toThrow(FolderInUse);
    expect((await clientOf(first.url).register(username)).status).toBe(201);
  }
  await using second = await startParley(config);
  const client = clientOf(second.url);
  expectRefusal(await client.register(username), 409, 'user/name-taken');
  expect((await client.login(username)).status).toBe(201);
});

test('tokens outlive the server', async () => {
  await using folder = await temporaryFolder();
  const config = loadConfig({ PORT: '0', DATA_DIR: folder.folder, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' });
  const first = await startParley(config);
  const joined = await clientOf(first.url).join();
  await first[Symbol.asyncDispose]();
  await using second = await startParley(config);
  const client = clientOf(second.url);
  expect((await client.ask('GET', '/me', { token: joined.accessToken })).json).toMatchObject({
    username: joined.username,
  });
  const refreshed = await client.ask('POST', '/sessions/refresh', { body: { refreshToken: joined.refreshToken } });
  expect(refreshed.status).toBe(201);
});

test('neither passwords nor tokens are in the log, nor passwords in any file', async () => {
  const client = clientOf(server.parley.url);
  const joined = await client.join('secretive');
  await client.login(joined.username, { name: 'x' }, 'a wrong password');
  await client.ask('POST', '/sessions/refresh', { body: { refreshToken: joined.refreshToken } });
  await vi.waitFor(() => expect(server.logged.filter((line) => line.includes('/v1/sessions/refresh'))).not.toEqual([]));
  const log = server.logged.join('');
  for (const secret of [passwordOf(joined.username), 'a wrong password', joined.accessToken, joined.refreshToken]) {
    expect(log).not.toContain(secret);
  }
  expect(log).not.toMatch(/"stack"|"err"/);
  for (const file of ['events.db', 'events.db-wal', 'secrets.db', 'secrets.db-wal', 'read-models.db-wal']) {
    const bytes = await readFile(path.join(server.folder, file));
    const found = [passwordOf(joined.username), joined.refreshToken].filter((secret) => bytes.includes(secret));
    expect({ file, found }).toEqual({ file, found: [] });
  }
});
