import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../../ports/event-store.ts';

export const newEvent = (data: unknown = {}): NewEvent => ({
  id: randomUUID(),
  type: 'SomethingHappened',
  data,
  metadata: { commandId: randomUUID(), actorId: randomUUID(), schemaVersion: 3 },
});

export const newEvents = (count: number): readonly NewEvent[] =>
  Array.from({ length: count }, (_, number) => newEvent({ number }));

export const newStream = (): string => `conversation-${randomUUID()}`;
