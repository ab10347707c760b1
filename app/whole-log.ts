import { beforeLog, type EventStore, type RecordedEvent } from '../ports/event-store.ts';

const pageEvents = 1_000;

/** Every event of a log, oldest first, one by one; those that are appended meanwhile too. */
export async function* wholeLog(events: Pick<EventStore, 'readLog'>): AsyncGenerator<RecordedEvent, void, undefined> {
  for (let after = beforeLog; ;) {
    const page = await events.readLog(after, pageEvents);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}
