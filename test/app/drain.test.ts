import { expect, test } from 'vitest';
import { openParley } from './parley.ts';

test('behind a proxy a process that ends says so and answers until the proxy has had time to notice', async () => {
  await using server = await openParley({ TRUSTED_PROXIES: '1', DRAIN_SECONDS: '3600' });
  const { parley } = server;
  const hurry = new AbortController();
  let isDrained = false;
  const drained = parley.drain(hurry.signal).then(() => (isDrained = true));
  expect((await fetch(`${parley.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${parley.url}/openapi.json`)).status).toBe(200);
  expect(isDrained).toBe(false);
  hurry.abort();
  await drained;
});

test.each([
  ['without a proxy', {}],
  ['with no time to do so', { TRUSTED_PROXIES: '1', DRAIN_SECONDS: '0' }],
])('%s a process that has no sockets ends at once', async (_, env) => {
  await using server = await openParley({ DRAIN_SECONDS: '3600', ...env });
  await server.parley.drain(new AbortController().signal);
});
