import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { closeServer } from '../../app/close-server.ts';
import { Rest } from '../../app/demo/client/rest.ts';

test('a server ends with its last answer, although the client keeps its connection', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => asked.resolve(response)).listen(0, '127.0.0.1');
  server.keepAliveTimeout = 60_000;
  await once(server, 'listening');
  using rest = new Rest(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const asking = rest.call({ method: 'GET', path: '/' });
  const response = await asked.promise;
  const closing = closeServer({
    server,
    close: () => new Promise((resolve) => server.close(resolve)),
  });
  response.end('late');
  expect((await asking).text).toBe('late');
  const started = performance.now();
  await closing;
  expect(performance.now() - started).toBeLessThan(5_000);
});
