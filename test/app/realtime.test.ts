import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { clientOf, expectRefusal } from '../api/accounts-client.ts';
import { openParley, type TestParley } from './parley.ts';

let server: TestParley;
beforeAll(async () => {
  server = await openParley();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A socket that is ready, and the code that it will be closed with. */
const connect = async (token: string): Promise<{ readonly closed: Promise<number> }> => {
  const socket = new WebSocket(`${server.parley.url.replace('http', 'ws')}/v1/realtime`, 'parley.v1');
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, type: 'hello', token }));
  await once(socket, 'message');
  return { closed };
};

test('the address of the realtime endpoint refuses whoever does not upgrade', async () => {
  const client = clientOf(server.parley.url);
  expectRefusal(await client.ask('GET', '/realtime'), 400, 'request/invalid');
  expectRefusal(await client.ask('POST', '/realtime'), 405, 'request/method-not-allowed');
  const document = await (await fetch(`${server.parley.url}/openapi.json`)).text();
  expect(document).not.toContain('/v1/realtime');
});

test('a device that logs in again replaces its socket, and one that logs out has it revoked', async () => {
  const client = clientOf(server.parley.url);
  const joined = await client.join();
  const older = await connect(joined.accessToken);
  const again = await client.login(joined.username, { deviceId: joined.deviceId, name: 'phone' });
  expect(await older.closed).toBe(4409);
  const { accessToken: token } = again.json as { readonly accessToken: string };
  const newer = await connect(token);
  await client.ask('DELETE', '/sessions/current', { token });
  expect(await newer.closed).toBe(4403);
});
