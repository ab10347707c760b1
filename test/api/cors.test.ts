import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createWaitingServer } from '../../api/waiting-server.ts';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf } from './accounts-client.ts';

const site = 'https://chat.example';
const app = 'capacitor://localhost';
const stranger = 'https://evil.example';
const corsHeaders = (answer: Response): readonly string[] =>
  [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));

let server: TestParley;
beforeAll(async () => {
  server = await openParley({ CORS_ORIGINS: `${site}, ${app}`, RATE_LIMITS: 'on' });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, method: string, headers: Readonly<Record<string, string>>) =>
  fetch(`${server.parley.url}${path}`, { method, headers });

const preflight = (origin: string, path = '/v1/me', method = 'PATCH') =>
  ask(path, 'OPTIONS', {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,content-type,parley-after',
  });

describe('a page of another origin that is named', () => {
  test.each([site, app])('may ask first, without a token, from %s', async (origin) => {
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type, Parley-After, X-Request-Id',
      'access-control-max-age': '7200',
      vary: 'Origin',
    });
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test('reads an answer, and the headers that a client needs of it', async () => {
    const { accessToken } = await clientOf(server.parley.url).join();
    const answer = await fetch(`${server.parley.url}/v1/me`, {
      method: 'PATCH',
      headers: { origin: site, authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: '{"statusText":"here"}',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(site);
    const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(', ');
    for (const name of ['parley-position', 'ratelimit', 'ratelimit-policy', 'x-request-id']) {
      expect(answer.headers.has(name)).toBe(true);
      expect(exposed).toContain(name);
    }
    expect(exposed).toContain('retry-after');
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test.each([
    ['no token', '/v1/me', 401],
    ['no such address', '/v1/nothing', 404],
    ['a malformed path', '/v1/users/x?y=%', 401],
  ])('reads refusals too: %s', async (_, path, status) => {
    const answer = await ask(path, 'GET', { origin: site });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(site);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('reads when to come back, where there were too many requests', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => ask('/v1/sessions', 'POST', { origin: site, 'x-forwarded-for': '1.2.3.4' })),
    );
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused?.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(refused?.headers.get('access-control-allow-origin')).toBe(site);
  });

  test('has no way to what is for operators, nor to the documentation', async () => {
    for (const path of ['/metrics', '/healthz', '/docs/', '/openapi.json']) {
      const answer = await ask(path, 'GET', { origin: site });
      expect({ path, status: answer.status, cors: corsHeaders(answer) }).toEqual({ path, status: 200, cors: [] });
      expect(corsHeaders(await preflight(site, path, 'GET'))).toEqual([]);
    }
  });
});

test.each([stranger, `${site}.evil.example`, 'http://chat.example', `${site}:8443`, 'null', 'HTTPS://CHAT.EXAMPLE'])(
  'to a page of %s it is as if there were no other origin',
  async (origin) => {
    for (const answer of [await preflight(origin), await ask('/v1/me', 'GET', { origin })]) {
      expect(corsHeaders(answer)).toEqual([]);
    }
  },
);

test('OPTIONS that is no preflight tells the methods, as ever, and 404 stays a problem', async () => {
  const answer = await ask('/v1/me', 'OPTIONS', { origin: site });
  expect(answer.status).toBe(204);
  expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PATCH');
  const nothing = await ask('/v1/nothing', 'OPTIONS', {});
  expect(nothing.status).toBe(404);
  expect(await nothing.json()).toMatchObject({ code: 'request/not-found' });
});

test('without the setting there is no other origin at all', async () => {
  await using plain = await openParley();
  const headers = { origin: site, 'access-control-request-method': 'GET' };
  const asked = await fetch(`${plain.parley.url}/v1/me`, { method: 'OPTIONS', headers });
  expect(asked.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PATCH');
  const answers = [asked, await fetch(`${plain.parley.url}/v1/me`, { headers })];
  for (const answer of answers) {
    expect(corsHeaders(answer)).toEqual([]);
    expect(answer.headers.has('vary')).toBe(false);
  }
});

test('a server that still waits for others says so to pages of other origins as well', async () => {
  const logger = pino({ level: 'silent' });
  const waiting = await createWaitingServer({ logger, reasons: () => [], hasOperations: true, corsOrigins: [site] });
  await using _closing = { [Symbol.asyncDispose]: () => waiting.close() };
  const url = await waiting.listen({ port: 0, host: '127.0.0.1' });
  const headers = { origin: site, 'access-control-request-method': 'PUT' };
  const asked = await fetch(`${url}/v1/me`, { method: 'OPTIONS', headers });
  expect({ status: asked.status, allowed: asked.headers.get('access-control-allow-origin') }).toEqual({
    status: 204,
    allowed: site,
  });
  const refused = await fetch(`${url}/v1/me`, { headers: { origin: site } });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('access-control-allow-origin')).toBe(site);
});

test('a socket is not asked where it comes from: without a token it gets nothing anyway', async () => {
  const url = `${server.parley.url.replace('http', 'ws')}/v1/realtime`;
  const socket = new WebSocket(url, 'parley.v1', { origin: stranger });
  const closed = new Promise<number>((resolve) => void socket.on('close', resolve));
  socket.on('open', () => socket.send('{"id":1,"type":"hello","token":"none"}'));
  expect(await closed).toBe(4401);
});
