import path from 'node:path';
import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { v4, v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteCredentialStore } from '../../adapters/sqlite/credential-store.ts';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import { Rest, type Call } from '../../app/demo/client/rest.ts';
import { ServerProcess, temporaryFolder } from '../../app/demo/server-process.ts';
import { dataFiles } from '../../app/data-files.ts';
import { RawSocket } from '../support/raw-socket.ts';

type Part = Omit<Call, 'path' | 'method'> & Partial<Pick<Call, 'path' | 'method'>>;

describe('Bad input', () => {
  const scope = new AsyncDisposableStack();
  let server: ServerProcess;
  let rest: Rest;
  let ada: ChatClient;
  let bela: ChatClient;
  let room: string;
  let roomOfBela: string;

  beforeAll(async () => {
    const { folder } = scope.use(await temporaryFolder());
    server = scope.use(await ServerProcess.start(folder));
    rest = scope.use(new Rest(server.origin));
    [ada, bela] = ['ada', 'bela'].map(
      (username) => new ChatClient(rest, { username, password: `secret of ${username}` }),
    ) as [ChatClient, ChatClient];
    for (const client of [ada, bela]) {
      await client.register();
      await client.login();
    }
    room = (await ada.start({ kind: 'group', name: 'Room' })).conversationId;
    roomOfBela = (await bela.start({ kind: 'group', name: 'Another room' })).conversationId;
  }, 60_000);

  afterAll(() => scope.disposeAsync());

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  /** Status, code and content type of the answer to a send into one's own room, changed as the case wants it. */
  const answer = async (part: Part): Promise<unknown> => {
    const { status, body, headers } = await rest.call({
      method: 'PUT',
      path: `/v1/conversations/${room}/messages/${v7()}`,
      ...part,
      headers: { ...bearer(ada.accessToken), ...part.headers },
    });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    return [status, (body as { code: string }).code];
  };

  it.each<[what: string, part: Part, status: number, code: string]>([
    ['malformed JSON', { rawBody: '{"text": "hi"' }, 400, 'request/invalid'],
    ['JSON that is no object', { rawBody: '"hi"' }, 400, 'request/invalid'],
    ['bytes that are no UTF-8', { rawBody: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) }, 400, 'request/invalid'],
    ['no body', {}, 400, 'request/invalid'],
    ['a number for a text', { body: { text: 7 } }, 400, 'request/invalid'],
    ['a text for a list', { body: { text: 'hi', mentions: 'everyone' } }, 400, 'request/invalid'],
    ['an unknown field', { body: { text: 'hi', colour: 'red' } }, 400, 'request/invalid'],
    ['a key of the prototype', { rawBody: '{"text":"hi","__proto__":{"a":1}}' }, 400, 'request/invalid'],
    ['an unknown query parameter', { path: '/v1/conversations?colour=red', method: 'GET' }, 400, 'request/invalid'],
    ['a limit beyond the most', { path: '/v1/conversations?limit=201', method: 'GET' }, 400, 'request/invalid'],
    ['a cursor that is none of ours', { path: '/v1/conversations?cursor=abc', method: 'GET' }, 400, 'request/invalid'],
    ['a body of 1 MB', { body: { text: 'x'.repeat(1024 * 1024) } }, 413, 'request/too-large'],
    ['a text beyond its limit', { body: { text: 'x'.repeat(17 * 1024) } }, 422, 'message/too-long'],
    ['U+0000 in a text', { body: { text: 'a\0b' } }, 400, 'request/invalid'],
    ['a lone surrogate in a text', { rawBody: String.raw`{"text":"a\ud800b"}` }, 400, 'request/invalid'],
    [
      'a lone surrogate in a custom key',
      { rawBody: String.raw`{"text":"a","custom":{"\udc00":1}}` },
      400,
      'request/invalid',
    ],
    [
      'another content type',
      { rawBody: 'text=hi', headers: { 'content-type': 'text/plain' } },
      415,
      'request/unsupported-media-type',
    ],
    ['an upper-case id', { path: `/v1/conversations/${v4().toUpperCase()}`, method: 'GET' }, 400, 'request/invalid'],
    ['an id that is none', { path: '/v1/conversations/1', method: 'GET' }, 400, 'request/invalid'],
    ['a malformed escape in the address', { path: '/v1/conversations/%zz', method: 'GET' }, 400, 'request/invalid'],
    [
      'a conversation that does not exist',
      { path: `/v1/conversations/${v4()}/messages/${v7()}`, body: { text: 'hi' } },
      404,
      'conversation/not-found',
    ],
    ['an address that does not exist', { path: '/v1/nothing', method: 'GET' }, 404, 'request/not-found'],
    [
      'a method that is not known there',
      { path: '/v1/sync', method: 'POST', body: {} },
      405,
      'request/method-not-allowed',
    ],
    [
      'a position that is none of ours',
      { path: '/v1/conversations', method: 'GET', headers: { 'parley-after': '17' } },
      400,
      'request/invalid',
    ],
    ['no token', { headers: { authorization: '' }, body: { text: 'hi' } }, 401, 'auth/required'],
    [
      'a token of another kind',
      { headers: { authorization: 'Basic YTpi' }, body: { text: 'hi' } },
      401,
      'auth/required',
    ],
    ['a token that is none', { headers: bearer('abc.def.ghi'), rawBody: '{' }, 401, 'auth/required'],
  ])('%s', async (_what, part, status, code) => {
    expect(await answer(part)).toEqual([status, code]);
  });

  it.each<[what: string, call: (id: string) => Part]>([
    ['reading', (id) => ({ method: 'GET', path: `/v1/conversations/${id}` })],
    ['reading its history', (id) => ({ method: 'GET', path: `/v1/conversations/${id}/messages` })],
    ['reading its changes', (id) => ({ method: 'GET', path: `/v1/conversations/${id}/changes` })],
    ['sending', (id) => ({ path: `/v1/conversations/${id}/messages/${v7()}`, body: { text: 'hi' } })],
    ['joining', (id) => ({ path: `/v1/conversations/${id}/members/me`, body: {} })],
    ['receipts', (id) => ({ path: `/v1/conversations/${id}/receipts`, body: { read: 1 } })],
    ['closing', (id) => ({ method: 'DELETE', path: `/v1/conversations/${id}` })],
  ])('%s in a conversation of others: it does not exist', async (_what, call) => {
    expect(await answer(call(roomOfBela))).toEqual([404, 'conversation/not-found']);
  });

  it('refuses expired tokens, and forged ones as if there were none', async () => {
    await using credentials = new SqliteCredentialStore(path.join(server.folder, dataFiles.credentials));
    const secret = await credentials.secret('access-tokens', 32);
    const claims = decodeJwt(ada.accessToken);
    const past = Math.floor(Date.now() / 1000) - 3600;
    const sign = (payload: object, key: Uint8Array): Promise<string> =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(key);
    const expired = await sign({ ...claims, iat: past - 900, exp: past }, secret);
    const otherKey = await sign(claims, new Uint8Array(32).fill(7));
    const [head, , tag] = ada.accessToken.split('.');
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: bela.userId })).toString('base64url');
    const forged = [otherKey, new UnsecuredJWT(claims).encode(), `${head}.${changed}.${tag}`];
    expect(await answer({ headers: bearer(expired), body: { text: 'hi' } })).toEqual([401, 'auth/expired']);
    for (const token of forged) {
      expect(await answer({ headers: bearer(token), body: { text: 'hi' } })).toEqual([401, 'auth/required']);
      await using socket = await RawSocket.open(server.origin);
      socket.send({ id: 1, type: 'hello', token });
      expect(await socket.closed).toBe(4401);
    }
  });

  it.each<[what: string, frame: string | Buffer, code: number]>([
    ['a frame that is no JSON', '{', 4400],
    ['a frame without an id', '{"type":"heartbeat"}', 4400],
    ['a frame that is a list', '[]', 4400],
    ['an id that is too long', JSON.stringify({ id: 'x'.repeat(65), type: 'heartbeat' }), 4400],
    ['a binary frame', Buffer.from([1, 2, 3]), 4400],
  ])('by socket, %s', async (_what, frame, code) => {
    await using socket = await RawSocket.ready(server.origin, ada.accessToken);
    socket.socket.send(frame);
    expect(await socket.closed).toBe(code);
  });

  it('by socket, a frame of 65 KiB is too large, whether its header says so or not', async () => {
    await using socket = await RawSocket.ready(server.origin, ada.accessToken);
    socket.send({ id: 1, type: 'send', conversationId: room, messageId: v7(), text: 'x'.repeat(65 * 1024) });
    expect([1009, 4413]).toContain(await socket.closed);
  });

  it.each<[what: string, fields: object, code: string]>([
    ['an unknown type', { type: 'shout' }, 'request/invalid'],
    ['an unknown field', { type: 'heartbeat', loud: true }, 'request/invalid'],
    ['a mistyped field', { type: 'send', conversationId: v4(), messageId: 7, text: 'hi' }, 'request/invalid'],
    ['U+0000', { type: 'send', conversationId: v4(), messageId: v7(), text: '\0' }, 'request/invalid'],
    [
      'a conversation that does not exist',
      { type: 'send', conversationId: v4(), messageId: v7(), text: 'hi' },
      'conversation/not-found',
    ],
  ])('by socket, a request with %s gets a reply, and the socket stays', async (_what, fields, code) => {
    await using socket = await RawSocket.ready(server.origin, ada.accessToken);
    socket.send({ id: 'bad', ...fields });
    expect(await socket.frame(({ id }) => id === 'bad')).toMatchObject({ type: 'reply', error: { code } });
    socket.send({ id: 'good', type: 'heartbeat' });
    expect(await socket.frame(({ id }) => id === 'good')).toMatchObject({ type: 'reply', result: null });
  });

  it('by socket, a lone surrogate in a text gets a reply', async () => {
    await using socket = await RawSocket.ready(server.origin, ada.accessToken);
    socket.send(`{"id":"bad","type":"send","conversationId":"${room}","messageId":"${v7()}","text":"\\ud800"}`);
    const reply = await socket.frame(({ id }) => id === 'bad');
    expect(reply).toMatchObject({ error: { code: 'request/invalid' } });
  });

  it('by socket, anything before the hello is not authenticated', async () => {
    await using socket = await RawSocket.open(server.origin);
    socket.send({ id: 1, type: 'heartbeat' });
    expect(await socket.closed).toBe(4401);
  });

  it('closes a socket that never says hello', async () => {
    await using socket = await RawSocket.open(server.origin);
    expect(await socket.closed).toBe(4401);
  }, 20_000);

  it('refuses a socket without the subprotocol', async () => {
    const key = Buffer.alloc(16, 1).toString('base64');
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const headers = { ...upgrade, 'sec-websocket-key': key };
    const { status } = await rest.call({ method: 'GET', path: '/v1/realtime', headers });
    expect(status).toBe(400);
  });

  it('goes on after all this, and says no more of it than a line', async () => {
    const sent = await ada.send(room, { text: 'still here' }, { via: 'rest' });
    expect((await ada.history(room)).map(({ text }) => text)).toEqual([sent.text]);
    expect(await server.isReady()).toBe(true);
    expect(server.output).not.toMatch(/^\s+at |\\n\s+at |"stack"/m);
    expect(server.output).not.toMatch(/"level":(50|60)/);
  });
});
