import { constantFrom, nat, record } from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { Closed, Refused, Unanswered, type Conversation } from '../../../client/parley.ts';
import type { Device } from './device.ts';

export interface World {
  readonly server: {
    readonly origin: string;
    /** Before it, as clients see it. */
    readonly proxy: { cut(): void; freeze(): void; thaw(): void };
    /** Ends it, or a part of it, for a moment. */
    stop(): Promise<void>;
    start(): Promise<void>;
  };
  readonly devices: readonly Device[];
  readonly tally: Map<string, number>;
}

const weights = {
  send: 24,
  edit: 5,
  delete: 3,
  putAway: 2,
  react: 6,
  unreact: 2,
  pin: 3,
  read: 4,
  join: 5,
  leave: 1,
  remove: 1,
  rename: 1,
  setBack: 2,
  archive: 2,
  clear: 1,
  open: 4,
  older: 3,
  around: 2,
  latest: 2,
  close: 1,
  disconnect: 3,
  connect: 6,
  cut: 4,
  freeze: 1,
  restart: 1,
  reload: 3,
  replace: 1,
  wait: 6,
} as const;
type Kind = keyof typeof weights;
const kinds = Object.entries(weights).flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind as Kind));

export const action = record({
  kind: constantFrom<Kind>(...kinds),
  device: nat(1_000),
  conversation: nat(1_000),
  pick: nat(1_000),
});
export type Action = Readonly<{ kind: Kind; device: number; conversation: number; pick: number }>;

const at = <Item>(items: readonly Item[], index: number): Item => items[index % items.length]!;
const emoji = ['👍', '🎉', '❤️'];

/** What a client cannot know, the server may refuse; and what is not repeated by itself may get no answer. */
const tolerated = (error: unknown): void => {
  if (!(error instanceof Refused || error instanceof Unanswered || error instanceof Closed)) throw error;
};

let texts = 0;

const inConversation = async (world: World, device: Device, conversation: Conversation, { kind, pick }: Action) => {
  const { conversationId } = conversation;
  const path = `/v1/conversations/${conversationId}`;
  const items = conversation.snapshot?.items ?? [];
  const any = items.length === 0 ? undefined : at(items, pick);
  const own = items.filter(({ senderId }) => senderId === device.userId);
  const mine = own.length === 0 ? undefined : at(own, pick);
  const other = at(world.devices, pick);
  switch (kind) {
    case 'send': {
      const mentions = pick % 3 === 0 ? [other.userId] : pick % 7 === 0 ? ['everyone'] : [];
      for (let count = 0; count <= pick % 4; count += 1) {
        texts += 1;
        await device.send(conversation, `${device.name} ${texts}`, mentions);
      }
      return undefined;
    }
    case 'edit': {
      const mentions = pick % 4 === 0 ? { mentions: [other.userId] } : {};
      return mine && (await conversation.edit(mine.messageId, { text: `${mine.text ?? ''}!`, ...mentions }));
    }
    case 'delete':
      return mine && (await conversation.delete(mine.messageId));
    case 'putAway':
      return any && (await conversation.delete(any.messageId, 'me'));
    case 'react':
      return any && (await conversation.react(any.messageId, at(emoji, pick)));
    case 'unreact':
      return any && (await conversation.unreact(any.messageId, at(emoji, pick)));
    case 'pin':
      return any && (await (pick % 2 === 0 ? conversation.pin(any.messageId) : conversation.unpin(any.messageId)));
    case 'read':
      return await conversation.markRead(pick % 2 === 0 ? undefined : (any?.seq ?? undefined));
    case 'join':
      return void (await device.client.call({ method: 'PUT', path: `${path}/members/${other.userId}`, body: {} }));
    case 'remove':
      return void (await device.client.call({ method: 'DELETE', path: `${path}/members/${other.userId}` }));
    case 'leave':
      return void (await device.client.call({ method: 'DELETE', path: `${path}/members/me` }));
    case 'rename':
      return void (await device.client.call({ method: 'PATCH', path, body: { name: `name ${pick}` } }));
    case 'setBack': {
      const body = { unreadFrom: any?.seq ?? 1 };
      return void (await device.client.call({ method: 'PATCH', path: `${path}/me`, body }));
    }
    case 'archive': {
      const body = { archived: pick % 2 === 0, pinned: pick % 3 === 0 };
      return void (await device.client.call({ method: 'PATCH', path: `${path}/me`, body }));
    }
    case 'clear':
      return void (pick % 3 === 0 && (await device.client.call({ method: 'DELETE', path: `${path}/me/history` })));
    case 'open':
      return await conversation.open();
    case 'older':
      return await conversation.older();
    case 'around':
      return await conversation.around({ seq: any?.seq ?? 1 });
    case 'latest':
      return await conversation.latest();
    case 'close':
      return conversation.close();
    default:
      return undefined;
  }
};

/** What is done to the world; what it takes longer than a moment goes on beside what comes next. */
export const perform = async (world: World, action: Action, background: Promise<unknown>[]): Promise<void> => {
  const { server, devices, tally } = world;
  const device = at(devices, action.device);
  tally.set(action.kind, (tally.get(action.kind) ?? 0) + 1);
  switch (action.kind) {
    case 'disconnect':
      return device.client.disconnect();
    case 'connect':
      return device.client.connect();
    case 'cut':
      return server.proxy.cut();
    case 'freeze':
      server.proxy.freeze();
      await pause(100 + action.pick / 2);
      return server.proxy.thaw();
    case 'restart':
      await server.stop();
      return await server.start();
    case 'reload':
      return await device.reload();
    case 'replace':
      // Only a device that owes nothing is put away.
      return device.client.outbox.entries().length === 0 ? await device.replace().catch(tolerated) : undefined;
    case 'wait':
      return await pause(action.pick / 10);
    default: {
      const conversation = device.conversation(action.conversation);
      if (conversation === undefined) return undefined;
      const done = inConversation(world, device, conversation, action).catch(tolerated);
      const isStored = action.kind === 'send' || action.kind === 'edit';
      return isStored ? await done : void background.push(done);
    }
  }
};
