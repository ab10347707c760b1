import { randomUUID } from 'node:crypto';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { newEvent } from '../../contract/events.ts';

/** Appends to several streams at once until killed, and prints the id of every event that was acknowledged. */
const store = new SqliteEventStore(process.argv[2]!);

const appendForever = async (): Promise<void> => {
  const stream = `conversation-${randomUUID()}`;
  for (let revision = -1; ; revision += 1) {
    const event = newEvent({ text: 'x'.repeat(200) });
    await store.append(stream, [event], revision);
    process.stdout.write(`${event.id}\n`);
  }
};

await Promise.all(Array.from({ length: 8 }, appendForever));
