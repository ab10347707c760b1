import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../../adapters/sqlite/event-store.ts';
import { SqliteSearchStore } from '../../adapters/sqlite/search-store.ts';
import { SqliteSnapshotStore } from '../../adapters/sqlite/snapshot-store.ts';
import type { CommandBus } from '../../commands/command-bus.ts';
import { createCommandBus } from '../../commands/create-command-bus.ts';
import { catalog } from '../../domain/catalog.ts';
import type { Position } from '../../ports/event-store.ts';
import { createLogTail } from '../../projections/log-tail.ts';
import type { ReadModels } from '../../projections/queries.ts';
import { startProjections } from '../../projections/start.ts';
import type { Caller } from '../../services/caller.ts';
import { createMessaging, type Messaging } from '../../services/messaging.ts';

/** The services on real stores and running projections, in memory. */
export interface Harness extends AsyncDisposable {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
  readonly events: SqliteEventStore;
  readonly messaging: Messaging;
  /** A user who has registered, on a device of his. */
  join(): Promise<Caller>;
  /** Resolves once every read model has seen all that is in the log. */
  settled(): Promise<Position>;
}

export const newId = (): string => v7();

export const openHarness = async (): Promise<Harness> => {
  await using opening = new AsyncDisposableStack();
  const events = opening.use(new SqliteEventStore(':memory:'));
  const documents = opening.use(new SqliteDocumentStore(':memory:'));
  const search = opening.use(new SqliteSearchStore(':memory:'));
  const snapshots = opening.use(new SqliteSnapshotStore(':memory:'));
  const tail = opening.use(createLogTail({ events, catalog }));
  const { readModels: reads } = opening.use(await startProjections({ events, documents, search, tail }));
  const recall = async (conversationId: string, messageIds: readonly string[], position: Position) => {
    await reads.waitFor(['timeline'], position);
    return reads.timeline.recall(conversationId, messageIds);
  };
  const bus = opening.use(createCommandBus({ events, snapshots, recall }));
  const inviteSecret = crypto.getRandomValues(new Uint8Array(32));
  const messaging = createMessaging({ bus, reads, events, clock: Date.now, inviteSecret });
  const opened = opening.move();
  let registered = 0;

  const settled = async (): Promise<Position> => {
    const head = await events.head();
    await reads.waitFor(['feed', 'timeline', 'profiles', 'contacts'], head);
    return head;
  };

  return {
    bus,
    reads,
    events,
    messaging,
    settled,
    async join() {
      const userId = newId();
      const username = `user${(registered += 1)}`;
      await bus.user(userId, {
        commandId: randomUUID(),
        actorId: userId,
        command: { type: 'RegisterUser', data: { userId, username, displayName: username } },
      });
      return { userId, deviceId: newId(), sessionId: newId() };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};
