import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePosition } from '../../services/position-token.ts';
import { Client } from './support/client.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

let node: TestNode;
let ada: SignedIn;
beforeAll(async () => {
  node = await startNode();
  ada = await node.signIn();
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
});

const codeAfter = async (...frames: readonly (object | string)[]): Promise<number> => {
  using client = await Client.open(node);
  for (const frame of frames) client.write(frame);
  return (await client.closed).code;
};

describe('the upgrade', () => {
  const upgrade = async (path: string, headers: Record<string, string>) => {
    const asked = request({
      port: node.port,
      path,
      headers: { Connection: 'Upgrade', Upgrade: 'websocket', ...headers },
    });
    asked.end();
    const [response] = await once(asked, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return {
      status: response.statusCode,
      type: response.headers['content-type'],
      body: JSON.parse(String(Buffer.concat(chunks))),
    };
  };
  const proper = { 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };

  it.each([{}, { 'Sec-WebSocket-Protocol': 'parley.v2' }])('needs the subprotocol: %j', async (protocol) => {
    expect(await upgrade('/v1/realtime', { ...proper, ...protocol })).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: { code: 'request/invalid', status: 400 },
    });
  });

  it('chooses the subprotocol among others', async () => {
    using client = new Client(node.url, {}, ['other', 'parley.v1']);
    await once(client.socket, 'open');
    expect(client.socket.protocol).toBe('parley.v1');
  });

  it('is not known elsewhere, and takes no query', async () => {
    const headers = { ...proper, 'Sec-WebSocket-Protocol': 'parley.v1' };
    expect(await upgrade('/v1/elsewhere', headers)).toMatchObject({ status: 404, body: { code: 'request/not-found' } });
    expect(await upgrade('/v1/realtime?a=b', headers)).toMatchObject({ status: 400 });
  });
});

describe('hello', () => {
  it('is answered by ready, with who it is and where the pushes begin', async () => {
    using client = await Client.ready(node, ada);
    expect(client.frames).toEqual([
      {
        type: 'ready',
        userId: ada.userId,
        deviceId: ada.deviceId,
        position: encodePosition(await node.events.head()),
        heartbeatSeconds: 25,
      },
    ]);
  });

  it('is refused with 4401 for its token', async () => {
    const forged = `${ada.token.slice(0, -4)}AAAA`;
    expect(await codeAfter({ id: 1, type: 'hello', token: forged })).toBe(4401);
    expect(await codeAfter({ id: 1, type: 'hello', token: 'nonsense' })).toBe(4401);
    expect(await codeAfter({ id: 1, type: 'hello' })).toBe(4401);
  });

  it('is refused with 4401 for a session that was revoked', async () => {
    const device = await node.signIn();
    await node.devices.signOut(device.userId, device.deviceId, 'revoked');
    expect(await codeAfter({ id: 1, type: 'hello', token: device.token })).toBe(4401);
  });

  it('must be the first frame', async () => {
    expect(await codeAfter({ id: 1, type: 'heartbeat' })).toBe(4401);
  });

  it.each([{ token: 5 }, { extra: true }, { since: 7 }, { since: 'nonsense' }, { since: encodePosition(10n ** 9n) }])(
    'is refused with 4400 for its shape: %j',
    async (fields) => {
      expect(await codeAfter({ id: 1, type: 'hello', token: ada.token, ...fields })).toBe(4400);
    },
  );

  it('may be followed by requests before ready', async () => {
    using client = await Client.open(node);
    client.write({ id: 1, type: 'hello', token: ada.token });
    client.write({ id: 2, type: 'heartbeat' });
    await client.first('reply');
    expect(client.frames.map(({ type }) => type)).toEqual(['ready', 'reply']);
  });

  it('is no longer known afterwards', async () => {
    using client = await Client.ready(node, ada);
    expect(await client.ask({ type: 'hello', token: ada.token })).toMatchObject({ error: { code: 'request/invalid' } });
  });
});
