import { expect, it } from 'vitest';
import type { ReadyFrame } from '../../client/frames.ts';
import type { Call, Success } from '../../client/rest.ts';
import { defaultSettings } from '../../client/settings.ts';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { Store, type StoreOptions } from '../../client/store/store.ts';
import type { Conversation } from '../../schemas/conversation.ts';
import { FakePlatform, settle } from './support/fake-platform.ts';

const ready: ReadyFrame = { type: 'ready', userId: 'u', deviceId: 'd', position: 'p0', heartbeatSeconds: 25 };

const started = {
  conversationId: 'c',
  revision: 0,
  lastSeq: 0,
  createdAt: '',
  settings: {},
  me: {},
} as never as Conversation;
const itemOf = (conversation: Conversation): object => ({
  conversation,
  unread: 0,
  mentions: 0,
  lastMessage: null,
  lastActivityAt: '',
});

const storeOn = (platform: FakePlatform, options: Pick<StoreOptions, 'call'> & Partial<StoreOptions>): Store =>
  new Store({
    platform,
    storage: new MemoryStorage(),
    userId: 'u',
    settings: defaultSettings,
    persist: false,
    onChange: () => {},
    onError: () => {},
    onMessage: () => {},
    onCurrent: () => {},
    ...options,
  });

it('D02 does not hold ever more pushes while a synchronisation takes long, and is as new as the last of them after it', async () => {
  const asked: { readonly call: Call; readonly answer: () => void }[] = [];
  const told: string[] = [];
  const store = storeOn(new FakePlatform(), {
    call: (call) =>
      new Promise<Success>((resolve) => {
        const body = { conversations: [], left: [], token: 't', more: false };
        asked.push({ call, answer: () => resolve({ status: 200, body, position: undefined }) });
      }),
    onMessage: ({ messageId }) => void told.push(messageId),
  });
  const push = (position: string): void =>
    store.push({
      type: 'event',
      conversationId: 'c',
      revision: 1,
      position,
      event: { type: 'messageSent', message: { messageId: position, senderId: 'x' } as never },
    });
  store.ready(ready);
  for (let n = 1; n <= 5_001; n += 1) push(`p${n}`);
  push('last');
  await settle();
  asked[0]!.answer();
  await settle();
  expect(asked.map(({ call }) => call.after)).toEqual(['p0', 'p5001']);
  expect(store.isCurrent).toBe(false);
  asked[1]!.answer();
  await settle();
  expect(store.isCurrent).toBe(true);
  expect([told, store.since()]).toEqual([['last'], 'last']);
  await store.dispose();
});

it('D02 leaves no timer running when it ends after a synchronisation that failed', async () => {
  const platform = new FakePlatform();
  const store = storeOn(platform, { call: () => Promise.reject(new Error('nothing that is known to happen')) });
  store.ready(ready);
  await settle();
  expect(platform.nextDue).toBe(5_000);
  await store.dispose();
  expect(platform.nextDue).toBeUndefined();
});

it('D02 asks for all that changed since the last synchronisation, whatever was asked for by the way', async () => {
  const tokens: (string | null)[] = [];
  const platform = new FakePlatform();
  const store = storeOn(platform, {
    call: async ({ path }) => {
      tokens.push(new URL(path, 'http://localhost').searchParams.get('token'));
      const conversations = tokens.length === 2 ? [itemOf(started)] : [];
      const body = { conversations, left: [], token: `t${tokens.length}`, more: false };
      return { status: 200, body, position: undefined };
    },
  });
  store.ready(ready);
  await settle();
  store.push({
    type: 'event',
    conversationId: started.conversationId,
    revision: 0,
    position: 'p1',
    event: { type: 'conversationStarted', conversation: started } as never,
  });
  platform.pass(1_000);
  await settle();
  // The node that the client comes back to may not have come as far as the feed that it was told of.
  store.since();
  store.ready({ ...ready, position: 'p1' });
  store.since();
  store.resync();
  store.ready({ ...ready, position: 'p9' });
  await settle();
  expect(tokens).toEqual([null, 't1', 't1']);
  await store.dispose();
});
