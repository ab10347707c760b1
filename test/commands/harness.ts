import { v7 } from 'uuid';
import { SqliteEventStore } from '../../adapters/sqlite/event-store.ts';
import { SqliteSnapshotStore } from '../../adapters/sqlite/snapshot-store.ts';
import type { CommandBus, Envelope } from '../../commands/command-bus.ts';
import { createCommandBus, type CommandBusOptions } from '../../commands/create-command-bus.ts';
import { catalog } from '../../domain/catalog.ts';
import type { ConversationCommand, SendContent } from '../../domain/conversation/commands.ts';
import { contentDigests } from '../../domain/conversation/digest.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import type { MessageFacts } from '../../domain/conversation/state.ts';
import { conversationStream } from '../../domain/ids.ts';
import { Map, Set } from 'immutable';
import type { EventStore, RecordedEvent } from '../../ports/event-store.ts';
import type { SnapshotStore } from '../../ports/snapshot-store.ts';

export const newId = (): string => v7();

export interface Harness extends AsyncDisposable {
  readonly events: SqliteEventStore;
  readonly snapshots: SnapshotStore;
  /** One more bus on the same store, as another process would be. */
  open(options?: Partial<CommandBusOptions>): CommandBus;
}

export const openHarness = (): Harness => {
  const stack = new AsyncDisposableStack();
  const events = stack.use(new SqliteEventStore(':memory:'));
  const snapshots = stack.use(new SqliteSnapshotStore(':memory:'));
  return {
    events,
    snapshots,
    open: (options) => stack.use(createCommandBus({ events, snapshots, recall: recallFrom(events), ...options })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

/** What the log says of messages: sent and deleted ones; that is what the tests here ask for. */
export const recallFrom =
  (events: EventStore): CommandBusOptions['recall'] =>
  async (conversationId, messageIds) => {
    const facts: Record<string, MessageFacts> = {};
    for (const { type, data } of await decoded(events, conversationStream(conversationId))) {
      if (type === 'MessageSent') facts[data.messageId] = sentFacts(data);
      const known = type === 'MessageDeleted' ? facts[data.messageId] : undefined;
      if (known?.status === 'sent') facts[known.messageId] = { ...known, status: 'deleted', sentDigest: null };
    }
    return messageIds.map((messageId) => facts[messageId] ?? { status: 'absent', messageId });
  };

const sentFacts = (data: Extract<ConversationEvent, { type: 'MessageSent' }>['data']): MessageFacts => ({
  status: 'sent',
  messageId: data.messageId,
  seq: data.seq,
  senderId: data.senderId,
  sentAt: data.at,
  expiresAt: data.expiresAt,
  threadRootId: data.threadRootId,
  pinned: false,
  mentions: data.mentions,
  reactions: Map(),
  hiddenBy: Set(),
  sentDigest: data.sentDigest,
  digests: contentDigests({ ...data.content, attachments: data.attachments }),
});

export const recorded = async (events: EventStore, stream: string): Promise<RecordedEvent[]> =>
  await Array.fromAsync(events.readStream(stream));

export const decoded = async (events: EventStore, stream: string): Promise<ConversationEvent[]> =>
  (await recorded(events, stream)).map((event) => catalog.decode(event) as ConversationEvent);

export const by = <Command>(
  actorId: string,
  command: Command,
  rest?: Partial<Envelope<Command>>,
): Envelope<Command> => ({
  commandId: newId(),
  actorId,
  command,
  ...rest,
});

export const start = (conversationId: string, memberIds: readonly string[] = []): ConversationCommand => ({
  type: 'StartConversation',
  data: { conversationId, kind: 'group', name: 'Allotment', topic: null, memberIds, settings: {} },
});

export const send = (messageId: string, content: SendContent = { text: 'Frost tonight' }): ConversationCommand => ({
  type: 'SendMessage',
  data: { messageId, content },
});

/** A group that `owner` has started. */
export const startGroup = async (
  bus: CommandBus,
  owner: string,
  memberIds: readonly string[] = [],
  at?: string,
): Promise<string> => {
  const conversationId = newId();
  await bus.conversation(conversationId, by(owner, start(conversationId, memberIds), { at }));
  return conversationId;
};
