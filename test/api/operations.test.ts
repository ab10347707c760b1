import { expect, test } from 'vitest';
import { openParley } from '../app/parley.ts';

test.each([
  ['where clients come', {}],
  ['on a port of their own', { OPS_PORT: '0' }],
])('what machines ask for every few seconds leaves no line in the log, %s', async (_, env) => {
  await using server = await openParley(env);
  const { url, opsUrl } = server.parley;
  for (const name of ['healthz', 'readyz', 'metrics']) expect((await fetch(`${opsUrl}/${name}`)).status).toBe(200);
  await fetch(`${url}/openapi.json`);
  await expect.poll(() => server.logged.join('')).toContain('/openapi.json');
  expect(server.logged.filter((line) => /healthz|readyz|metrics/.test(line))).toEqual([]);
});
