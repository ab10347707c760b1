import { catalog as currentCatalog, type Catalog } from '../domain/catalog.ts';
import { contact } from '../domain/contact/decider.ts';
import { conversation } from '../domain/conversation/decider.ts';
import { fromSnapshot, snapshotVersion, toSnapshot } from '../domain/conversation/snapshot.ts';
import type { MessageFacts } from '../domain/conversation/state.ts';
import {
  contactStream,
  conversationStream,
  parseStream,
  scheduledStream,
  userStream,
  type ConversationId,
  type MessageId,
} from '../domain/ids.ts';
import { scheduled } from '../domain/scheduled/decider.ts';
import { user } from '../domain/user/decider.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { CommandBus } from './command-bus.ts';
import type { SnapshotFailed } from './committed-stream.ts';
import { defaultLaneLimits, type LaneLimits } from './lane-limits.ts';
import { Lanes } from './lanes.ts';

/** What a read model knows of messages, once it has passed `position`. Absent ones are reported as absent. */
export type Recall = (
  conversationId: ConversationId,
  messageIds: readonly MessageId[],
  position: Position,
) => Promise<readonly MessageFacts[]>;

export interface CommandBusOptions {
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly recall: Recall;
  readonly clock?: Clock;
  readonly catalog?: Catalog;
  readonly limits?: Partial<LaneLimits>;
  /** A snapshot could not be read or saved. Commands go on without it. */
  readonly onSnapshotFailed?: SnapshotFailed;
}

/** The write side of one process. Other processes may write to the same store. The stores stay open when it is disposed. */
export const createCommandBus = ({
  events,
  snapshots,
  recall,
  clock = Date.now,
  catalog = currentCatalog,
  limits,
  onSnapshotFailed = () => {},
}: CommandBusOptions): CommandBus => {
  const common = { events, snapshots, clock, catalog, limits: { ...defaultLaneLimits, ...limits }, onSnapshotFailed };
  const conversations = new Lanes({
    ...common,
    aggregate: {
      decider: conversation,
      lastAt: (state) => (state.status === 'absent' ? undefined : state.lastAt),
      snapshots: { version: snapshotVersion, capture: toSnapshot, restore: fromSnapshot },
      recall: async (stream, keys, position) => await recall(parseStream(stream).id, keys, position),
    },
  });
  const users = new Lanes({
    ...common,
    aggregate: { decider: user, lastAt: (state) => (state.status === 'absent' ? undefined : state.lastAt) },
  });
  const contacts = new Lanes({
    ...common,
    aggregate: { decider: contact, lastAt: ({ lastAt }) => lastAt ?? undefined },
  });
  const schedules = new Lanes({
    ...common,
    aggregate: { decider: scheduled, lastAt: ({ lastAt }) => lastAt ?? undefined },
  });
  return {
    conversation: (id, envelope) => conversations.submit(conversationStream(id), envelope),
    user: (id, envelope) => users.submit(userStream(id), envelope),
    contact: (a, b, envelope) => contacts.submit(contactStream(a, b), envelope),
    scheduled: (id, envelope) => schedules.submit(scheduledStream(id), envelope),
    conversationState: (id) => conversations.read(conversationStream(id)),
    userState: (id) => users.read(userStream(id)),
    contactState: (a, b) => contacts.read(contactStream(a, b)),
    scheduledState: (id) => schedules.read(scheduledStream(id)),
    async [Symbol.asyncDispose]() {
      await Promise.all([conversations, users, contacts, schedules].map((lanes) => lanes[Symbol.asyncDispose]()));
    },
  };
};
