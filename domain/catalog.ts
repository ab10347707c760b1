import type { z } from 'zod';
import { contactEvents, type ContactEvent } from './contact/events.ts';
import { conversationEvents, type ConversationEvent } from './conversation/events.ts';
import { scheduledEvents, type ScheduledEvent } from './scheduled/events.ts';
import { userEvents, type UserEvent } from './user/events.ts';

export type DomainEvent = ConversationEvent | UserEvent | ContactEvent | ScheduledEvent;
export type EventType = DomainEvent['type'];

/** Current shape of every event the system knows. */
const schemas: Readonly<Record<EventType, z.ZodType>> = {
  ...conversationEvents,
  ...userEvents,
  ...contactEvents,
  ...scheduledEvents,
};

/** One step from an old shape to the next. */
export type Upcaster = (old: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
/** For each type the steps from version 1, 2, … Steps are never edited or removed. */
export type Upcasters = Partial<Record<EventType, readonly Upcaster[]>>;

const upcasters: Upcasters = {};

/** An event in the store is of a type or a version that this program does not know, or not of the shape it claims. */
export class UndecodableEvent extends Error {
  override readonly name = 'UndecodableEvent';
}

export interface StoredEvent {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: { readonly schemaVersion: number };
}

export interface Catalog {
  /** The version that new events of this type are written in. */
  currentVersion(type: EventType): number;
  /** Brings a stored event to its current shape and checks it. Throws `UndecodableEvent`. */
  decode(stored: StoredEvent): DomainEvent;
}

export const createCatalog = (steps: Upcasters): Catalog => {
  const currentVersion = (type: EventType): number => (steps[type]?.length ?? 0) + 1;
  return {
    currentVersion,
    decode({ type, data, metadata: { schemaVersion } }) {
      if (!Object.hasOwn(schemas, type)) throw new UndecodableEvent(`Unknown event type ${type}`);
      const known = type as EventType;
      if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > currentVersion(known)) {
        throw new UndecodableEvent(`${type} has version ${schemaVersion}, known are 1 to ${currentVersion(known)}`);
      }
      const current = (steps[known] ?? [])
        .slice(schemaVersion - 1)
        .reduce((old, step) => step(old), data as Readonly<Record<string, unknown>>);
      const parsed = schemas[known].safeParse(current);
      if (parsed.success) return { type: known, data: parsed.data } as DomainEvent;
      // Paths only: the values may be what a person wrote.
      const paths = parsed.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).join(', ');
      throw new UndecodableEvent(`${type} is not of its shape: ${paths}`);
    },
  };
};

/** Every reader and writer of the log goes through here. */
export const catalog: Catalog = createCatalog(upcasters);
