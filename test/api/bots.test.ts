import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeScopes } from '../../api/scopes.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, pages, type Client } from './accounts-client.ts';

let server: TestParley;
let client: Client;
beforeAll(async () => {
  server = await openParley();
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Issued {
  readonly tokenId: string;
  readonly token: string;
}

const newBot = async (token: string) => {
  const answer = await client.ask('POST', '/bots', { token, body: { username: `bot-${randomUUID().slice(0, 8)}` } });
  expect(answer.status).toBe(201);
  return answer.json as { readonly userId: string; readonly user: { readonly username: string } };
};
const issue = async (token: string, botId: string, scopes: readonly string[], more: object = {}): Promise<Issued> => {
  const body = { name: 'main', scopes, ...more };
  const answer = await client.ask('POST', `/bots/${botId}/tokens`, { token, body });
  expect(answer.status).toBe(201);
  return answer.json as unknown as Issued;
};
const all = ['read', 'messages:write', 'conversations:write', 'profile:write'];

describe('a bot', () => {
  test('is an account of its owner, and erased by him', async () => {
    const ann = await client.join('ann');
    const asAnn = { token: ann.accessToken };
    const bot = await newBot(ann.accessToken);
    expect(bot).toMatchObject({ ownerId: ann.user.userId, user: { userId: bot.userId } });
    expect((await client.ask('GET', '/bots', asAnn)).json).toEqual({ items: [bot], next: null });
    expect(await client.ask('GET', `/users/${bot.userId}`, asAnn)).toMatchObject({ status: 200, json: bot.user });
    const { token } = await issue(ann.accessToken, bot.userId, all);
    expect((await client.ask('DELETE', `/bots/${bot.userId}`, asAnn)).status).toBe(204);
    expectRefusal(await client.ask('GET', '/me', { token }), 401, 'auth/required');
    expect((await client.ask('GET', '/bots', asAnn)).json['items']).toEqual([]);
    expectRefusal(await client.ask('DELETE', `/bots/${bot.userId}`, asAnn), 404, 'bot/not-found');
  });

  test('is nobody else’s, cannot log in, and has a username of its own', async () => {
    const [ann, ben] = [await client.join('ann'), await client.join('ben')];
    const bot = await newBot(ann.accessToken);
    const asBen = { token: ben.accessToken };
    const tokens = `/bots/${bot.userId}/tokens`;
    expectRefusal(await client.ask('GET', tokens, asBen), 404, 'bot/not-found');
    const body = { name: 'mine', scopes: ['read'] };
    expectRefusal(await client.ask('POST', tokens, { ...asBen, body }), 404, 'bot/not-found');
    expectRefusal(await client.ask('DELETE', `/bots/${bot.userId}`, asBen), 404, 'bot/not-found');
    expectRefusal(await client.login(bot.user.username), 401, 'auth/wrong-credentials');
    const taken = { username: bot.user.username };
    expectRefusal(await client.ask('POST', '/bots', { ...asBen, body: taken }), 409, 'user/name-taken');
    expect((await client.ask('GET', '/bots', asBen)).json['items']).toEqual([]);
  });

  test('goes with its owner', async () => {
    const ann = await client.join('ann');
    const bot = await newBot(ann.accessToken);
    const { token } = await issue(ann.accessToken, bot.userId, all);
    await client.ask('DELETE', '/me', { token: ann.accessToken });
    expectRefusal(await client.ask('GET', '/me', { token }), 401, 'auth/required');
    const ben = await client.join('ben');
    const answer = await client.ask('GET', `/users/${bot.userId}`, { token: ben.accessToken, after: ben.position });
    expectRefusal(answer, 404, 'user/not-found');
  });

  test('is one of at most 20', async () => {
    const ann = await client.join('ann');
    const made: string[] = [];
    for (let n = 0; n < 20; n += 1) made.push((await newBot(ann.accessToken)).userId);
    const found = await pages<{ userId: string }>(client, '/bots?limit=8', { token: ann.accessToken });
    expect(found.map((page) => page.map(({ userId }) => userId))).toEqual([
      made.slice(0, 8),
      made.slice(8, 16),
      made.slice(16),
    ]);
    const body = { username: `bot-${randomUUID().slice(0, 8)}` };
    expectRefusal(await client.ask('POST', '/bots', { token: ann.accessToken, body }), 409, 'bot/too-many');
  });
});

describe('a token', () => {
  test('is shown once, kept as a hash, listed without itself, and revoked at once', async () => {
    const ann = await client.join('ann');
    const asAnn = { token: ann.accessToken };
    const bot = await newBot(ann.accessToken);
    const { token, ...listed } = await issue(ann.accessToken, bot.userId, ['read', 'read']);
    expect(listed).toMatchObject({ name: 'main', scopes: ['read'], expiresAt: null });
    const tokens = `/bots/${bot.userId}/tokens`;
    expect((await client.ask('GET', tokens, asAnn)).json).toEqual({ items: [listed], next: null });
    for (const name of ['secrets.db', 'secrets.db-wal', 'events.db', 'events.db-wal']) {
      const file = readFileSync(path.join(server.folder, name));
      expect(file.includes(token.slice(-30))).toBe(false);
    }
    expect(server.logged.join('\n')).not.toContain(token.slice(-30));
    expect((await client.ask('GET', '/me', { token })).json).toMatchObject({ userId: bot.userId });
    const url = `${tokens}/${listed.tokenId}`;
    expect((await client.ask('DELETE', url, asAnn)).status).toBe(204);
    expectRefusal(await client.ask('GET', '/me', { token }), 401, 'auth/required');
    expectRefusal(await client.ask('DELETE', url, asAnn), 404, 'bot/token-not-found');
  });

  test.each([
    ['with another secret', (token: string) => `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`],
    ['cut short', (token: string) => token.slice(0, -4)],
    ['of nothing', () => 'parley_bot_'],
    ['of zeros', () => `parley_bot_${'A'.repeat(64)}`],
    ['of what is no id', () => `parley_bot_${'_'.repeat(64)}`],
  ])('%s is refused', async (_name, forge) => {
    const ann = await client.join('ann');
    const { token } = await issue(ann.accessToken, (await newBot(ann.accessToken)).userId, all);
    expectRefusal(await client.ask('GET', '/me', { token: forge(token) }), 401, 'auth/required');
  });

  test('ends when its time is over', async () => {
    await using later = await openParley();
    const there = clientOf(later.parley.url);
    const ann = await there.join('ann');
    const made = await there.ask('POST', '/bots', { token: ann.accessToken, body: { username: 'timer' } });
    const body = { name: 'short', scopes: ['read'], expiresInSeconds: 60 };
    const address = `/bots/${String(made.json['userId'])}/tokens`;
    const { token } = (await there.ask('POST', address, { token: ann.accessToken, body })).json as unknown as Issued;
    expect((await there.ask('GET', '/me', { token })).status).toBe(200);
    later.pass(60_000);
    expectRefusal(await there.ask('GET', '/me', { token }), 401, 'auth/expired');
  });

  test('allows what its scopes say, and nothing else', async () => {
    const ann = await client.join('ann');
    const bot = await newBot(ann.accessToken);
    const { token } = await issue(ann.accessToken, bot.userId, ['read']);
    const start = { kind: 'group', name: 'bots', memberIds: [bot.userId] };
    const started = await client.ask('POST', '/conversations', { token: ann.accessToken, body: start });
    const id = String(started.json['conversationId']);
    const send = async (as: string) =>
      client.ask('PUT', `/conversations/${id}/messages/${randomUUID()}`, { token: as, body: { text: 'beep' } });
    expectRefusal(await send(token), 403, 'auth/forbidden');
    expectRefusal(await client.ask('POST', '/conversations', { token, body: start }), 403, 'auth/forbidden');
    expectRefusal(await client.ask('PATCH', '/me', { token, body: { statusText: 'x' } }), 403, 'auth/forbidden');
    const after = started.headers.get('parley-position')!;
    expect(await client.ask('GET', `/conversations/${id}`, { token, after })).toMatchObject({ status: 200 });
    const { token: writer } = await issue(ann.accessToken, bot.userId, ['messages:write']);
    expect(await send(writer)).toMatchObject({ status: 201, json: { senderId: bot.userId } });
    expectRefusal(await client.ask('GET', `/conversations/${id}`, { token: writer }), 403, 'auth/forbidden');
    for (const [method, address] of [
      ['GET', '/bots'],
      ['GET', '/devices'],
      ['DELETE', '/me'],
      ['DELETE', '/sessions/current'],
      ['PUT', `/blocks/${ann.user.userId}`],
    ] as const) {
      const { token: most } = await issue(ann.accessToken, bot.userId, all);
      expectRefusal(await client.ask(method, address, { token: most }), 403, 'auth/forbidden');
    }
  });

  test('opens a socket that does as much, and is closed when it is revoked', async () => {
    const ann = await client.join('ann');
    const bot = await newBot(ann.accessToken);
    const { token, tokenId } = await issue(ann.accessToken, bot.userId, ['read']);
    const start = { kind: 'group', name: 'bots', memberIds: [bot.userId] };
    const started = await client.ask('POST', '/conversations', { token: ann.accessToken, body: start });
    const conversationId = String(started.json['conversationId']);
    await using socket = await RawSocket.ready(server.parley.url, token);
    socket.send({ id: 1, type: 'send', conversationId, messageId: randomUUID(), text: 'beep' });
    expect(await socket.frame(({ id }) => id === 1)).toMatchObject({ error: { code: 'auth/forbidden' } });
    socket.send({ id: 2, type: 'heartbeat' });
    expect(await socket.frame(({ id }) => id === 2)).toMatchObject({ result: null });
    await client.ask('PUT', `/conversations/${conversationId}/messages/${randomUUID()}`, {
      token: ann.accessToken,
      body: { text: 'hello bot' },
    });
    await socket.frame(({ type }) => type === 'event');
    await client.ask('DELETE', `/bots/${bot.userId}/tokens/${tokenId}`, { token: ann.accessToken });
    expect(await socket.closed).toBe(4403);
    const { token: writer } = await issue(ann.accessToken, bot.userId, ['messages:write']);
    await using mute = await RawSocket.open(server.parley.url);
    mute.send({ id: 1, type: 'hello', token: writer });
    expect(await mute.closed).toBe(4401);
  });
});

test('every route has a scope, or is one of those for people only', async () => {
  const document = (await (await fetch(`${server.parley.url}/openapi.json`)).json()) as {
    readonly paths: Record<
      string,
      Record<string, { readonly operationId: string; readonly security?: readonly unknown[] }>
    >;
  };
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const closed = operations.filter(({ security }) => security?.length !== 0).map(({ operationId }) => operationId);
  expect(Object.keys(routeScopes).filter((name) => !closed.includes(name))).toEqual([]);
  expect(closed.filter((name) => !(name in routeScopes)).toSorted()).toMatchInlineSnapshot(`
    [
      "createBot",
      "eraseMe",
      "issueBotToken",
      "listBlocks",
      "listBotTokens",
      "listBots",
      "listContacts",
      "listDevices",
      "listWebhooks",
      "logout",
      "putBlock",
      "putContact",
      "putWebhook",
      "removeBlock",
      "removeBot",
      "removeContact",
      "removeWebhook",
      "revokeBotToken",
      "revokeDevice",
      "rotateWebhookSecret",
    ]
  `);
});
