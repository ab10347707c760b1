import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePosition } from '../../services/position-token.ts';
import { RequestLanes } from '../../realtime/request-lanes.ts';
import type { Turn } from '../../services/message-service.ts';
import { Client, codeOf, type Reply } from './support/client.ts';
import { startNode, type SignedIn, type TestNode } from './support/node.ts';

let node: TestNode;
let [ada, ben]: SignedIn[] = [];
let client: Client;
let conversationId: string;
const about = () => ({ conversationId, messageId: v7() });

beforeAll(async () => {
  node = await startNode();
  [ada, ben] = [await node.signIn(), await node.signIn()];
  const group = { kind: 'group' as const, name: 'g', memberIds: [ben.userId] };
  conversationId = (await node.messaging.conversations.start(ada, group)).result.conversationId;
  client = await Client.ready(node, ada);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await node[Symbol.asyncDispose]();
});

const positionOf = (reply: Reply): bigint => decodePosition('position' in reply ? (reply.position ?? '') : '');
const sent = async (text = 'a'): Promise<string> => {
  const messageId = v7();
  await client.send(conversationId, text, messageId);
  return messageId;
};

describe('a request', () => {
  it('to send is answered with the message as its author sees it, durable at the position', async () => {
    const { messageId } = about();
    const reply = await client.ask({ type: 'send', conversationId, messageId, text: 'hello', custom: { a: 1 } });
    expect(reply).toMatchObject({ result: { messageId, text: 'hello', custom: { a: 1 }, state: 'sent' } });
    await node.models.waitFor(['timeline'], positionOf(reply));
    expect(await node.models.timeline.message(conversationId, messageId)).toMatchObject({ text: 'hello' });
    const again = await client.ask({ type: 'send', conversationId, messageId, text: 'hello', custom: { a: 1 } });
    expect(again).toMatchObject({ result: { messageId, text: 'hello' } });
    expect(positionOf(again)).toBeGreaterThanOrEqual(positionOf(reply));
    expect(codeOf(await client.send(conversationId, 'other', messageId))).toBe('message/id-reused');
  });

  it('to edit is answered with the edited message', async () => {
    const messageId = await sent();
    const reply = await client.ask({ type: 'edit', conversationId, messageId, text: 'b' });
    expect(reply).toMatchObject({ result: { messageId, text: 'b' }, position: expect.any(String) });
  });

  it.each([
    { type: 'react', emoji: '👍' },
    { type: 'unreact', emoji: '👍' },
    { type: 'pin' },
    { type: 'unpin' },
    { type: 'delete', for: 'me' },
    { type: 'delete', for: 'everyone' },
  ])('with no body of its own is answered with null: %j', async (request) => {
    const messageId = await sent();
    const reply = await client.ask({ ...request, conversationId, messageId });
    expect(reply).toEqual({ type: 'reply', id: expect.any(Number), result: null, position: expect.any(String) });
  });

  it('for a receipt counts for this device', async () => {
    await sent();
    const reply = await client.ask({ type: 'receipt', conversationId, read: 1, delivered: 1 });
    expect(reply).toMatchObject({ result: null, position: expect.any(String) });
  });

  it('of a heartbeat is answered, without a position', async () => {
    expect(await client.ask({ type: 'heartbeat' })).toEqual({ type: 'reply', id: expect.any(Number), result: null });
  });

  it.each(['text-id', '🙂'.repeat(64), 0, -5, Number.MAX_SAFE_INTEGER])(
    'gets its id back as it came: %j',
    async (id) => {
      client.write({ id, type: 'heartbeat' });
      expect(await client.frame((frame) => frame.type === 'reply' && frame.id === id)).toMatchObject({ result: null });
    },
  );

  it.each([
    ['an unknown type', () => ({ type: 'dance' })],
    ['a typing that neither is nor is not', () => ({ type: 'typing', conversationId, active: 'yes' })],
    ['nobody to watch', () => ({ type: 'watch', userIds: [] })],
    ['somebody to watch who is no id', () => ({ type: 'watch', userIds: ['ada'] })],
    ['too many to watch', () => ({ type: 'watch', userIds: Array.from({ length: 501 }, () => v7()) })],
    ['no word of being away', () => ({ type: 'away' })],
    ['an unknown field', () => ({ type: 'send', ...about(), text: 'a', colour: 'red' })],
    ['a mistyped field', () => ({ type: 'send', ...about(), text: 5 })],
    ['an upper-case id', () => ({ type: 'send', ...about(), messageId: v7().toUpperCase(), text: 'a' })],
    ['a missing field', () => ({ type: 'pin', conversationId })],
    ['a lone surrogate', () => ({ type: 'send', ...about(), text: '\ud800' })],
    ['U+0000', () => ({ type: 'send', ...about(), text: 'a\0b' })],
    ['U+0000 deep inside', () => ({ type: 'send', ...about(), custom: { a: [{ b: '\0' }] } })],
    ['no content', () => ({ type: 'send', ...about() })],
    ['no emoji', () => ({ type: 'react', ...about(), emoji: 'x' })],
    ['no audience', () => ({ type: 'delete', ...about() })],
    ['a field on a heartbeat', () => ({ type: 'heartbeat', at: 1 })],
  ])('with %s is refused as request/invalid, and the socket stays', async (_name, request) => {
    const reply = await client.ask(request());
    expect(reply).toMatchObject({
      error: {
        type: 'urn:parley:problem:request/invalid',
        status: 400,
        code: 'request/invalid',
        requestId: expect.any(String),
        errors: expect.any(Array),
      },
    });
    expect(await client.ask({ type: 'heartbeat' })).toMatchObject({ result: null });
  });

  it.each([
    ['conversation/not-found', () => ({ type: 'send', conversationId: v7(), messageId: v7(), text: 'a' })],
    ['message/not-found', () => ({ type: 'react', ...about(), emoji: '👍' })],
    ['message/too-long', () => ({ type: 'send', ...about(), text: 'x'.repeat(16_385) })],
  ])('is refused with the code of its REST twin: %s', async (code, request) => {
    expect(codeOf(await client.ask(request()))).toBe(code);
  });

  it('about the same conversation is done in order of arrival, though none waits for a reply', async () => {
    const { messageId } = about();
    const edits = Array.from({ length: 20 }, (_, n) =>
      client.ask({ type: 'edit', conversationId, messageId, text: `${n}` }),
    );
    expect(new Set((await Promise.all(edits)).map(codeOf))).toEqual(new Set(['message/not-found']));
    const replies = await Promise.all([
      client.send(conversationId, 'start', messageId),
      ...Array.from({ length: 20 }, (_, n) => client.ask({ type: 'edit', conversationId, messageId, text: `${n}` })),
      client.ask({ type: 'delete', conversationId, messageId, for: 'everyone' }),
      client.ask({ type: 'edit', conversationId, messageId, text: 'late' }),
    ]);
    expect(replies.map(codeOf)).toEqual([...Array.from({ length: 22 }, () => undefined), 'message/not-editable']);
    const positions = replies.slice(0, -1).map(positionOf);
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('shares appends among sends that follow each other, which keep their order', async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `${n}`);
    const last = v7();
    const replies = await Promise.all([
      ...texts.flatMap((text, n) => [
        client.send(conversationId, text),
        ...(n % 10 === 5 ? [client.send(conversationId, 'x'.repeat(16_385)), client.send(conversationId, '')] : []),
      ]),
      client.send(conversationId, 'last', last),
      client.ask({ type: 'edit', conversationId, messageId: last, text: 'edited' }),
    ]);
    const sent = replies.flatMap((reply) => ('result' in reply && reply.result ? [reply] : []));
    expect(sent.map(({ result }) => result!.text)).toEqual([...texts, 'last', 'edited']);
    const seqs = sent.slice(0, -1).map(({ result }) => result!.seq);
    expect(seqs).toEqual(seqs.map((_, n) => seqs[0]! + n));
    expect(new Set(sent.map(positionOf)).size).toBeLessThan(10);
  });
});

describe('request lanes', () => {
  it('give nobody his turn before those ahead of him, also where one between them was refused early', async () => {
    const lanes = new RequestLanes();
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const run = (name: string, before: Promise<void>, shares = true) =>
      new Promise<void>((resolve) => {
        const work = async ({ mine, pass }: Turn): Promise<void> => {
          await before;
          if (name !== 'refused') await mine;
          order.push(name);
          pass();
          resolve();
        };
        lanes.run('lane', work, { shares });
      });
    const now = Promise.resolve();
    const all = [run('first', held.promise), run('refused', now), run('third', now), run('alone', now, false)];
    await all[1];
    held.resolve();
    await Promise.all(all);
    expect(order).toEqual(['refused', 'first', 'third', 'alone']);
  });
});

it('answers for nothing that a person wrote in its log', () => {
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([]);
});
