import { expect, it } from 'vitest';
import { MemoryStorage } from '../../client/storage/memory.ts';
import { StorageTaken } from '../../client/storage/storage.ts';
import { openParley } from '../app/parley.ts';
import { newcomer, openClient } from './support/people.ts';
import { eventually } from './support/eventually.ts';

/** Can be taken, as by another page. */
class TakenStorage extends MemoryStorage {
  readonly #taking = new AbortController();
  readonly taken = this.#taking.signal;
  take(): void {
    this.#taking.abort(new StorageTaken());
  }
  override async write(changes: ReadonlyMap<string, unknown>): Promise<void> {
    this.taken.throwIfAborted();
    await super.write(changes);
  }
}

it('P02 keeps a client that has lost its storage from sending, and from throwing out who has taken it', async () => {
  await using server = await openParley();
  const origin = server.parley.url;
  const storage = new TakenStorage();
  await using loser = await newcomer(origin, { storage });
  await using friend = await newcomer(origin);
  const chat = await loser.direct(friend.user!.userId);
  await eventually(() => loser.connection.isCurrent && chat.snapshot !== null).toBe(true);
  await loser.flush();
  let taken = 0;
  loser.on('taken', () => (taken += 1));

  const inherited = new MemoryStorage();
  await inherited.write(await storage.read(''));
  storage.take();
  expect(taken).toBe(1);
  expect(loser.connection).toMatchObject({ state: 'idle' });
  expect(() => loser.connect()).toThrow(StorageTaken);
  await expect(chat.send('too late')).rejects.toThrow(StorageTaken);

  await using winner = await openClient(origin, { storage: inherited });
  const states: string[] = [];
  winner.on('connection', ({ state }) => states.push(state));
  winner.connect();
  await winner.conversation(chat.conversationId).send('in time');
  const received = friend.conversation(chat.conversationId);
  await eventually(() => received.snapshot).not.toBeNull();
  await received.open();
  await eventually(() => received.snapshot!.items.map(({ text }) => text)).toEqual(['in time']);
  expect(new Set(states)).not.toContain('waiting');
  expect(loser.connection.state).toBe('idle');
});
