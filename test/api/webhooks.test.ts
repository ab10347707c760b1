import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openParley, type TestParley } from '../app/parley.ts';
import { clientOf, expectRefusal, type Client } from './accounts-client.ts';

interface Received {
  readonly id: string;
  readonly signatures: readonly string[];
  readonly signed: string;
  readonly payload: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

/** A receiver that answers as it is told, the last answer for ever. */
const openReceiver = async (...statuses: readonly number[]) => {
  const received: Received[] = [];
  const left = [...statuses];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = request.headers;
    received.push({
      id: String(id),
      signatures: String(signature).split(' '),
      signed: `${String(id)}.${String(seconds)}.${body}`,
      payload: JSON.parse(body) as Received['payload'],
    });
    const status = left.length > 1 ? left.shift()! : (left[0] ?? 204);
    response.writeHead(status).end();
  };
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    types: () => received.map(({ payload }) => payload.type),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

const signatureBy = (secret: string, signed: string): string => {
  const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  return `v1,${mac.update(signed).digest('base64')}`;
};

let server: TestParley;
let client: Client;
beforeAll(async () => {
  server = await openParley({ WEBHOOKS_TO_PRIVATE: 'on' });
  client = clientOf(server.parley.url);
});
afterAll(() => server[Symbol.asyncDispose]());

const setUp = async (url: string, more: object = {}) => {
  const ann = await client.join('ann');
  const token = ann.accessToken;
  const as = async (method: string, address: string, body?: unknown) => client.ask(method, address, { token, body });
  const bot = await as('POST', '/bots', { username: `bot-${randomUUID().slice(0, 8)}` });
  const botId = String(bot.json['userId']);
  const webhook = `/bots/${botId}/webhooks/${randomUUID()}`;
  const made = await as('PUT', webhook, { url, ...more });
  expect(made).toMatchObject({ status: 201, json: { secret: expect.stringMatching(/^whsec_/) } });
  // Workers look for new webhooks every second; what happened before is not told.
  const group = async (memberIds: readonly string[] = [botId]): Promise<string> => {
    const answer = await as('POST', '/conversations', { kind: 'group', name: 'bots', memberIds });
    return String(answer.json['conversationId']);
  };
  const say = async (conversationId: string, text: string) =>
    as('PUT', `/conversations/${conversationId}/messages/${randomUUID()}`, { text });
  return { as, botId, webhook, secret: String(made.json['secret']), group, say, userId: ann.user.userId };
};

/** Says something again and again until the worker knows of the webhook. */
const untilTold = async (receiver: { readonly received: readonly Received[] }, say: () => Promise<unknown>) => {
  await expect
    .poll(
      async () => {
        if (receiver.received.length === 0) await say();
        return receiver.received.length;
      },
      { timeout: 5_000, interval: 200 },
    )
    .toBeGreaterThan(0);
};

describe('a webhook', () => {
  test('gets the events of the bot’s conversations, signed, and no others', async () => {
    await using receiver = await openReceiver(204);
    const { botId, group, say, as, secret, userId } = await setUp(receiver.url);
    const [id, other] = [await group(), await group([])];
    await untilTold(receiver, () => say(id, 'first'));
    await say(other, 'secret');
    const sent = await say(id, 'hello bot');
    const messageId = String(sent.json['messageId']);
    await as('PUT', `/conversations/${id}/messages/${messageId}/reactions/👍`);
    await as('DELETE', `/conversations/${id}/messages/${messageId}?for=everyone`);
    await as('DELETE', `/conversations/${id}/members/${botId}`);
    await expect.poll(() => receiver.types(), { timeout: 5_000 }).toContain('memberRemoved');
    await say(id, 'after');
    await expect.poll(() => receiver.types(), { timeout: 5_000 }).toContain('messageDeleted');
    for (const { signatures, signed } of receiver.received) expect(signatures).toEqual([signatureBy(secret, signed)]);
    const of = (type: string) => receiver.received.filter(({ payload }) => payload.type === type);
    expect(of('memberRemoved')[0]!.payload.data).toEqual({
      conversationId: id,
      revision: expect.any(Number),
      userId: botId,
      by: userId,
    });
    const text = JSON.stringify(receiver.received);
    for (const unseen of ['secret', 'after']) expect(text).not.toContain(`"${unseen}"`);
    expect(new Set(receiver.received.map((each) => each.id)).size).toBe(receiver.received.length);
  });

  test('is told only what it wants, and nothing of what its bot does itself', async () => {
    await using receiver = await openReceiver(204);
    const { botId, group, say, as } = await setUp(receiver.url, { events: ['messageSent'] });
    const id = await group();
    await untilTold(receiver, () => say(id, 'first'));
    const issued = await as('POST', `/bots/${botId}/tokens`, { name: 'a', scopes: ['messages:write'] });
    const token = String(issued.json['token']);
    const address = `/conversations/${id}/messages/${randomUUID()}`;
    expect((await client.ask('PUT', address, { token, body: { text: 'from the bot' } })).status).toBe(201);
    await as('PATCH', `/conversations/${id}`, { name: 'other' });
    await say(id, 'last');
    await expect.poll(() => JSON.stringify(receiver.received), { timeout: 5_000 }).toContain('"last"');
    expect(new Set(receiver.types())).toEqual(new Set(['messageSent']));
    expect(JSON.stringify(receiver.received)).not.toContain('from the bot');
  });

  test('gets what failed again, with the same id, and its owner sees that it fails', async () => {
    await using receiver = await openReceiver(500, 503, 204);
    const { botId, group, say, as } = await setUp(receiver.url);
    const id = await group();
    await untilTold(receiver, () => say(id, 'first'));
    const [failed] = (await as('GET', `/bots/${botId}/webhooks`)).json['items'] as { readonly failingSince: unknown }[];
    expect(failed!.failingSince).toEqual(expect.any(String));
    const again = () => receiver.received.filter((each) => each.id === receiver.received[0]!.id);
    await expect.poll(() => again().length, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(new Set(again().map(({ payload }) => JSON.stringify(payload.data['revision']))).size).toBe(1);
    await expect
      .poll(async () => (await as('GET', `/bots/${botId}/webhooks`)).json['items'], { timeout: 10_000 })
      .toMatchObject([{ failingSince: null, disabledAt: null }]);
  });

  test('is disabled by 410, and enabled again by its owner', async () => {
    await using receiver = await openReceiver(410, 204);
    const { botId, group, say, as, webhook } = await setUp(receiver.url);
    const id = await group();
    await untilTold(receiver, () => say(id, 'first'));
    await expect
      .poll(async () => (await as('GET', `/bots/${botId}/webhooks`)).json['items'], { timeout: 5_000 })
      .toMatchObject([{ disabledAt: expect.any(String) }]);
    const enabled = await as('PUT', webhook, { url: receiver.url });
    expect(enabled).toMatchObject({ status: 200, json: { failingSince: null, disabledAt: null } });
    expect(enabled.json).not.toHaveProperty('secret');
    const before = receiver.received.length;
    await expect
      .poll(
        async () => {
          await say(id, 'again');
          return receiver.received.length;
        },
        { timeout: 5_000, interval: 200 },
      )
      .toBeGreaterThan(before);
  });

  test('is signed by the old secret as well after a rotation', async () => {
    await using receiver = await openReceiver(204);
    const { group, say, as, webhook, secret } = await setUp(receiver.url);
    const rotated = await as('POST', `${webhook}/secret`);
    expect(rotated.status).toBe(201);
    const id = await group();
    await untilTold(receiver, () => say(id, 'first'));
    const { signatures, signed } = receiver.received[0]!;
    expect(signatures).toEqual([signatureBy(String(rotated.json['secret']), signed), signatureBy(secret, signed)]);
  });
});

describe('webhooks are refused', () => {
  test.each([
    ['what is no URL', { url: 'hook' }],
    ['another protocol', { url: 'ftp://a.example/' }],
    ['a user in the URL', { url: 'https://a:b@a.example/' }],
    ['an unknown event', { url: 'https://a.example/', events: ['danced'] }],
  ])('for %s', async (_name, body) => {
    const { as, botId } = await setUp('https://a.example/');
    const address = `/bots/${botId}/webhooks/${randomUUID()}`;
    expectRefusal(await as('PUT', address, body), 400, 'request/invalid');
  });

  test('without https, unless that is allowed', async () => {
    await using usual = await openParley();
    const there = clientOf(usual.parley.url);
    const { accessToken: token } = await there.join('ann');
    const bot = await there.ask('POST', '/bots', { token, body: { username: 'robot' } });
    const address = `/bots/${String(bot.json['userId'])}/webhooks/${randomUUID()}`;
    const body = { url: 'http://a.example/' };
    expectRefusal(await there.ask('PUT', address, { token, body }), 400, 'request/invalid');
  });

  test('to everybody but the owner, beyond ten, and where there is none', async () => {
    const { as, botId, webhook } = await setUp('https://a.example/');
    const ben = await setUp('https://b.example/');
    const body = { url: 'https://c.example/' };
    expectRefusal(await ben.as('PUT', webhook, body), 404, 'bot/not-found');
    expectRefusal(await ben.as('GET', `/bots/${botId}/webhooks`), 404, 'bot/not-found');
    const taken = `/bots/${ben.botId}/webhooks/${webhook.split('/').at(-1)!}`;
    expectRefusal(await ben.as('PUT', taken, body), 404, 'bot/webhook-not-found');
    for (let n = 1; n < 10; n += 1) await as('PUT', `/bots/${botId}/webhooks/${randomUUID()}`, body);
    expectRefusal(await as('PUT', `/bots/${botId}/webhooks/${randomUUID()}`, body), 409, 'bot/too-many');
    expect((await as('DELETE', webhook)).status).toBe(204);
    expectRefusal(await as('DELETE', webhook), 404, 'bot/webhook-not-found');
    expectRefusal(await as('POST', `${webhook}/secret`), 404, 'bot/webhook-not-found');
  });
});
