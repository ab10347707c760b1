import { afterAll, beforeAll, expect, test } from 'vitest';
import { SqliteCredentialStore } from '../../adapters/sqlite/credential-store.ts';
import type { WebhookAnswer, WebhookPost } from '../../ports/webhook-sender.ts';
import type { Caller } from '../../services/caller.ts';
import { deliverWebhook } from '../../services/webhook-delivery.ts';
import { makeWebhookSecret } from '../../services/webhook-signature.ts';
import { newId, openHarness, type Harness } from './harness.ts';

const minute = 60_000;
const hour = 60 * minute;

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

/** A message in a conversation of a bot, and what delivers it. */
const open = async (answer: () => WebhookAnswer) => {
  const credentials = new SqliteCredentialStore(':memory:');
  const { bots } = credentials;
  const [ann, bot] = [await harness.join(), await harness.join()] as [Caller, Caller];
  const { conversations, messages, history } = harness.messaging;
  const start = { kind: 'group' as const, name: 'bots', memberIds: [bot.userId] };
  const { conversationId } = (await conversations.start(ann, start)).result;
  const messageId = newId();
  const sent = await messages.send(ann, conversationId, messageId, { text: 'hello bot' });
  const webhookId = newId();
  const secret = makeWebhookSecret();
  const createdAt = new Date().toISOString();
  await bots.put({
    kind: 'webhook',
    id: webhookId,
    parentId: bot.userId,
    url: 'https://bots.example/',
    events: [],
    secret,
    previous: null,
    createdAt,
  });
  const posts: WebhookPost[] = [];
  let passed = 0;
  const deliver = deliverWebhook({
    bots,
    events: harness.events,
    reads: harness.reads,
    history,
    clock: () => Date.now() + passed,
    sender: {
      async post(post) {
        posts.push(post);
        return answer();
      },
    },
  });
  const { revision } = sent.result;
  const job = { kind: 'webhook', id: 'a', data: { webhookId, conversationId, revision } };
  return {
    ann,
    bot,
    bots,
    webhookId,
    conversationId,
    messageId,
    posts,
    pass: (ms: number) => {
      passed += ms;
    },
    run: () => deliver(job),
    [Symbol.asyncDispose]: () => credentials[Symbol.asyncDispose](),
  };
};

test('what fails is tried again after as long as it has been due, from a second to an hour', async () => {
  await using place = await open(() => ({ kind: 'failed', reason: 'unreachable' }));
  expect(await place.run()).toEqual({ againInMs: expect.toSatisfy((ms: number) => ms >= 1_000 && ms < 10_000) });
  place.pass(10 * minute);
  const waits = expect.toSatisfy((ms: number) => ms >= 10 * minute && ms < 11 * minute);
  expect(await place.run()).toEqual({ againInMs: waits });
  place.pass(5 * hour);
  expect(await place.run()).toEqual({ againInMs: hour });
  const ids = place.posts.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(1);
  expect(new Set(place.posts.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
});

test('a webhook that fails for a day without one success is disabled, and what waits for it ends', async () => {
  await using place = await open(() => ({ kind: 'answered', status: 500 }));
  await place.run();
  place.pass(24 * hour - minute);
  expect(await place.run()).toEqual({ againInMs: hour });
  expect(await place.bots.get('health', place.webhookId)).toMatchObject({ disabledAt: null });
  place.pass(minute);
  expect(await place.run()).toBe('done');
  expect(await place.bots.get('health', place.webhookId)).toMatchObject({ disabledAt: expect.any(String) });
  expect(await place.run()).toBe('done');
  expect(place.posts).toHaveLength(3);
});

test('one success between failures begins the day anew', async () => {
  const answers: WebhookAnswer[] = [500, 200, 500].map((status) => ({ kind: 'answered', status }));
  await using place = await open(() => answers.shift()!);
  await place.run();
  place.pass(20 * hour);
  expect(await place.run()).toBe('done');
  expect(await place.bots.get('health', place.webhookId)).toBeUndefined();
  place.pass(20 * hour);
  expect(await place.run()).toEqual({ againInMs: hour });
});

test('the message is told as it is now, and not at all where the bot may not see it any more', async () => {
  await using place = await open(() => ({ kind: 'answered', status: 204 }));
  const { messages, members } = harness.messaging;
  await messages.edit(place.ann, place.conversationId, place.messageId, { text: 'hello again' });
  await harness.settled();
  await place.run();
  expect(JSON.parse(place.posts[0]!.body)).toMatchObject({
    type: 'messageSent',
    data: { message: { messageId: place.messageId, text: 'hello again' } },
  });
  await members.remove(place.ann, place.conversationId, place.bot.userId);
  await harness.settled();
  expect(await place.run()).toBe('done');
  expect(place.posts).toHaveLength(1);
});

test('a removed webhook gets nothing more', async () => {
  await using place = await open(() => ({ kind: 'answered', status: 204 }));
  await place.bots.removeBot(place.bot.userId);
  expect(await place.run()).toBe('done');
  expect(place.posts).toEqual([]);
});
