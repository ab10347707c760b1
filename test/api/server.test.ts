import { connect } from 'node:net';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyLimit, createServer } from '../../api/server.ts';
import { DomainError } from '../../domain/errors.ts';
import { unlimited } from '../../services/rate-limits.ts';
import { caller, things } from './things.ts';

const logged: string[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });

const thing = '/v1/things/00000000-0000-4000-8000-00000000000a';
let origin: string;
let server: Awaited<ReturnType<typeof createServer>>;

beforeAll(async () => {
  server = await createServer({
    logger,
    limiter: unlimited,
    authenticator: {
      verify: async (token) => {
        if (token === 'good') return caller;
        throw new DomainError(token === 'old' ? 'auth/expired' : 'auth/required');
      },
    },
    routes: [things],
  });
  origin = await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

interface Asked {
  readonly method?: string;
  readonly token?: string | null;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

const ask = async (address: string, { method = 'GET', token = 'good', body, headers }: Asked = {}) => {
  const answer = await fetch(`${origin}${address}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const content = await answer.text();
  const json = content === '' ? undefined : (JSON.parse(content) as Record<string, unknown>);
  return { status: answer.status, headers: answer.headers, json };
};

const expectProblem = (answer: Awaited<ReturnType<typeof ask>>, status: number, code: string) => {
  expect(answer.json).toMatchObject({ status, code, type: `urn:parley:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.json?.['requestId']).toBe(answer.headers.get('x-request-id'));
};

/** What HTTP clients of good manners cannot send. */
const askRaw = (request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.end(request));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });

describe('what a request must look like', () => {
  test('a good one is answered with its position and its own id', async () => {
    const answer = await ask(thing, { method: 'PUT', body: '{"name":"x"}', headers: { 'x-request-id': 'mine-1' } });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({ name: 'x' });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    expect(answer.headers.get('parley-position')).toMatch(/^[\w-]+$/);
  });

  test('an id that is not fit for the log is replaced', async () => {
    const answer = await ask(thing, { method: 'DELETE', headers: { 'x-request-id': 'a b\tc' } });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ['malformed JSON', '{"name":'],
    ['no JSON at all', 'name=x'],
    ['a lone surrogate', String.raw`{"name":"\ud800"}`],
    ['U+0000', String.raw`{"name":"a\u0000b"}`],
    ['a lone surrogate as a key', String.raw`{"name":"x","\udc00":1}`],
    ['a wrong type', '{"name":7}'],
    ['an unknown field', '{"name":"x","more":1}'],
    ['a prototype', '{"name":"x","__proto__":{"a":1}}'],
    ['too long a string', '{"name":"12345678901"}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['nothing', ''],
    ['deep nesting', `{"name":"x","tags":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('%s is request/invalid', async (_, body) => {
    const answer = await ask(thing, { method: 'PUT', body });
    expectProblem(answer, 400, 'request/invalid');
    expect(answer.json?.['errors']).toEqual(
      expect.arrayContaining([{ path: expect.any(String), message: expect.any(String) }]),
    );
  });

  test('bytes that are not UTF-8 are request/invalid', async () => {
    const body = new Uint8Array([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]);
    expectProblem(await ask(thing, { method: 'PUT', body }), 400, 'request/invalid');
  });

  test('a problem names what is wrong, and never repeats a value', async () => {
    const { json } = await ask(thing, {
      method: 'PUT',
      body: '{"name":"secret words","tags":["secret"],"extra":"secret"}',
    });
    expect(json?.['errors']).toEqual([
      { path: 'body.name', message: 'must have at most 10 characters' },
      { path: 'body.tags.0', message: expect.any(String) },
      { path: 'body.extra', message: 'is not a known field' },
    ]);
    expect(JSON.stringify(json)).not.toContain('secret');
  });

  test('unknown query parameters and malformed path parameters are request/invalid', async () => {
    expectProblem(await ask(`${thing}?x=1`, { method: 'DELETE' }), 400, 'request/invalid');
    expectProblem(await ask('/v1/things/UPPER', { method: 'DELETE' }), 400, 'request/invalid');
    expectProblem(await ask('/v1/things/%FF', { method: 'DELETE' }), 400, 'request/invalid');
  });

  test('a body where none is expected is request/invalid, an empty one is fine', async () => {
    expectProblem(await ask(thing, { method: 'DELETE', body: '{"a":1}' }), 400, 'request/invalid');
    expect((await ask(thing, { method: 'DELETE', body: '{}' })).status).toBe(204);
    expect((await ask(thing, { method: 'DELETE', body: '' })).status).toBe(204);
  });

  test('what is longer than 256 KiB is request/too-large', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    expectProblem(await ask(thing, { method: 'PUT', body }), 413, 'request/too-large');
    const padded = `{"name":"x"${' '.repeat(bodyLimit - 12)}}`;
    expect((await ask(thing, { method: 'PUT', body: padded })).status).toBe(201);
  });

  test('what is no JSON by its type is request/unsupported-media-type', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense']) {
      const answer = await ask(thing, { method: 'PUT', body: '{"name":"x"}', headers: { 'content-type': type } });
      expectProblem(answer, 415, 'request/unsupported-media-type');
    }
  });

  test('a Parley-After that no write has given is request/invalid', async () => {
    const position = (await ask(thing, { method: 'DELETE' })).headers.get('parley-position') ?? '';
    const after = (token: string) => ask(thing, { method: 'DELETE', headers: { 'parley-after': token } });
    expect((await after(position)).status).toBe(204);
    for (const token of ['', 'x', '8', `${position}=`, `${position}A`, Buffer.from('p08').toString('base64url')]) {
      expectProblem(await after(token), 400, 'request/invalid');
    }
  });
});

describe('the order of checks', () => {
  test('the token comes before the shape, the type and the size of the request', async () => {
    const refused = { method: 'PUT', token: 'bad' };
    expectProblem(await ask(thing, { ...refused, body: '{' }), 401, 'auth/required');
    expectProblem(
      await ask(thing, { ...refused, body: 'x', headers: { 'content-type': 'text/plain' } }),
      401,
      'auth/required',
    );
    expectProblem(await ask('/v1/things/UPPER?x=1', refused), 401, 'auth/required');
  });

  test.each([
    ['none', {}],
    ['another scheme', { authorization: 'Basic Z29vZDpnb29k' }],
    ['no token', { authorization: 'Bearer' }],
    ['two tokens', { authorization: 'Bearer good good' }],
    ['a forged one', { authorization: 'Bearer x.y.z' }],
  ])('%s is auth/required', async (_, headers) => {
    const answer = await ask(thing, { method: 'DELETE', token: null, headers });
    expectProblem(answer, 401, 'auth/required');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('an old token is auth/expired', async () => {
    expectProblem(await ask(thing, { method: 'DELETE', token: 'old' }), 401, 'auth/expired');
  });
});

describe('addresses and methods', () => {
  test('an unknown address is request/not-found, whatever is sent to it', async () => {
    expectProblem(await ask('/v1/nothing'), 404, 'request/not-found');
    expectProblem(await ask('/nothing', { method: 'POST', body: '{', token: null }), 404, 'request/not-found');
    expectProblem(await ask(`/v1/things/${'x'.repeat(2000)}`), 404, 'request/not-found');
  });

  test.each(['POST', 'PATCH'])(
    '%s on an address that does not know it is request/method-not-allowed',
    async (method) => {
      const answer = await ask(thing, { method, body: '{' });
      expectProblem(answer, 405, 'request/method-not-allowed');
      expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PUT');
    },
  );

  test('TRACE is refused in the same way', async () => {
    const answer = await askRaw(`TRACE ${thing} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('405 Method Not Allowed');
    expect(answer).toContain('allow: DELETE, GET, HEAD, OPTIONS, PUT');
    expect(answer).toContain('request/method-not-allowed');
  });

  test('OPTIONS tells the methods', async () => {
    const answer = await ask(thing, { method: 'OPTIONS', token: null });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PUT');
  });

  test('what is no HTTP is refused as a problem', async () => {
    const answer = await askRaw('NONSENSE\r\n\r\n');
    expect(answer).toContain('400 Bad Request');
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('request/invalid');
  });
});

describe('failures', () => {
  test('an unforeseen error is internal, without its inner text, and is logged with its stack', async () => {
    logged.length = 0;
    const answer = await ask(thing);
    expectProblem(answer, 500, 'internal');
    expect(JSON.stringify(answer.json)).not.toContain('inner text');
    await expect.poll(() => logged.length).toBe(2);
    expect(logged.join('')).toContain('the inner text of the failure');
  });

  test('a store that is gone is server/unavailable, with Retry-After', async () => {
    const answer = await ask(thing, {
      method: 'DELETE',
      headers: { 'parley-after': Buffer.from('p9').toString('base64url') },
    });
    expectProblem(answer, 503, 'server/unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('what clients do wrong leaves no stack trace, no token and no address in the log', async () => {
    logged.length = 0;
    await ask(thing, { method: 'PUT', body: '{"name":"secret words"}' });
    await ask('/v1/things/secret?secret=1', { token: 'secret' });
    await expect.poll(() => logged.length).toBe(2);
    expect(logged.join('')).not.toMatch(/secret|stack|"err"/);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ method: 'PUT', route: '/v1/things/:id', status: 400 });
  });
});

describe('the document', () => {
  test('is OpenAPI 3.1 with every response that the server adds', async () => {
    const { json, status } = await ask('/openapi.json', { token: null });
    expect(status).toBe(200);
    expect(json).toMatchObject({ openapi: '3.1.0', security: [{ token: [] }] });
    const paths = json?.['paths'] ?? {};
    const put = (paths as Record<string, Record<string, { responses: object }>>)['/v1/things/{id}']?.['put'];
    expect(Object.keys(put?.responses ?? {})).toEqual([
      '200',
      '201',
      '400',
      '401',
      '404',
      '413',
      '415',
      '429',
      '500',
      '503',
    ]);
    expect(put?.responses).toMatchObject({
      400: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    });
    expect(Object.keys(paths)).toEqual(['/v1/things/{id}']);
  });

  test('has a page that loads nothing from elsewhere', async () => {
    const page = await fetch(`${origin}/docs/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await page.text()).not.toMatch(/(?:src|href)="https?:/);
  });
});
