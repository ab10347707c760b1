import { describe, expect, it, vi } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { SqliteEventStore } from '../../adapters/sqlite/event-store.ts';
import type { RebuildProgress } from '../../projections/rebuild.ts';
import { room, roomStream, sent, started } from './support/facts.ts';
import { countIn, counting, openCounting } from './support/counting.ts';

const hundred: readonly DomainEvent[] = Array.from({ length: 100 }, (_, index) => sent(index + 1));

describe('a rebuild', () => {
  it('tells how far it is, and switches reads to what it made', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const supervisor = await start(counting(), { batchDocuments: 10 });
    const position = await writer.write(roomStream, started(), ...hundred);
    await supervisor.runner('counting').passed(position, 10_000);
    const told: RebuildProgress[] = [];
    await supervisor.rebuild('counting', { onProgress: (progress) => told.push(progress) });
    expect(supervisor.status()[0]).toMatchObject({ state: 'running', build: 'counting.v1.2', position, rebuild: null });
    expect(await countIn(documents, supervisor, room)).toBe(100);
    expect(told.length).toBeGreaterThan(5);
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(told[0]).toEqual({ done: 0, total: told.at(-1)!.total, etaMs: null });
    expect(told.at(-1)).toEqual({ done: told.at(-1)!.total, total: told.at(-1)!.total, etaMs: 0 });
  });

  it('goes on where an earlier one was ended', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const counted = counting();
    const supervisor = await start(counted, { batchDocuments: 10 });
    await supervisor.runner('counting').passed(await writer.write(roomStream, started(), ...hundred), 10_000);
    counted.asked.length = 0;
    const ending = new AbortController();
    const onProgress = ({ done }: RebuildProgress): void => {
      if (done > 40) ending.abort();
    };
    await supervisor.rebuild('counting', { signal: ending.signal, onProgress });
    expect(supervisor.status()[0]!.build).toBe('counting.v1.1');
    const before = counted.asked.length;
    await supervisor.rebuild('counting');
    expect(supervisor.status()[0]!.build).toBe('counting.v1.2');
    expect(counted.asked).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(before).toBeGreaterThan(0);
    expect(await countIn(documents, supervisor, room)).toBe(100);
  });

  it('is given up at an event that keeps failing, and leaves what is read as it was', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const failing = counting();
    const supervisor = await start(failing);
    const position = await writer.write(roomStream, started(), ...hundred);
    await supervisor.runner('counting').passed(position, 10_000);
    failing.broken.add(50);
    await expect(supervisor.rebuild('counting')).rejects.toMatchObject({
      name: 'ProjectionFailed',
      place: { stream: roomStream, revision: 50 },
    });
    expect(supervisor.status()[0]).toMatchObject({ state: 'running', build: 'counting.v1.1', position });
    expect(await countIn(documents, supervisor, room)).toBe(100);
    failing.broken.clear();
    await supervisor.rebuild('counting');
    expect(supervisor.status()[0]).toMatchObject({ build: 'counting.v1.2', position });
    expect(await countIn(documents, supervisor, room)).toBe(100);
  });

  it('gets past a failing event of the live build once the projection can take it', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const failing = counting();
    failing.broken.add(2);
    const supervisor = await start(failing);
    const position = await writer.write(roomStream, started(), sent(1), sent(2), sent(3));
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'));
    failing.broken.clear();
    await supervisor.rebuild('counting');
    expect(supervisor.status()[0]).toMatchObject({ state: 'running', build: 'counting.v1.2', position });
    expect(await countIn(documents, supervisor, room)).toBe(3);
  });

  it('shows analysts the build that is live', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const exposed = vi.spyOn(documents, 'expose');
    const supervisor = await start(counting());
    await supervisor.runner('counting').passed(await writer.write(roomStream, started(), sent(1)), 10_000);
    await supervisor.rebuild('counting');
    expect(exposed).toHaveBeenLastCalledWith('counting_counts', {
      name: 'counting.v1.2.counts',
      fields: ['conversationId', 'messages'],
      indexes: [{ name: 'byConversation', fields: ['conversationId'] }],
    });
  });
});

describe('a start', () => {
  it('with another version makes its build before anything is read, and drops the old one', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const old = await start(counting(1));
    const position = await writer.write(roomStream, started(), ...hundred);
    await old.runner('counting').passed(position, 10_000);
    await old[Symbol.asyncDispose]();
    const supervisor = await start(counting(2, 10));
    expect([null, 'counting.v2.2']).toContain(supervisor.status()[0]!.build);
    expect(await supervisor.runner('counting').passed(position, 10_000)).toBe(true);
    expect(supervisor.status()[0]).toMatchObject({ version: 2, build: 'counting.v2.2' });
    expect(await countIn(documents, supervisor, room)).toBe(1_000);
    await vi.waitFor(async () => expect(await documents.collections()).toEqual(['counting.v2.2.counts']));
  });

  it('with a failing event before there is a build is parked, and goes on when it is resumed', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const position = await writer.write(roomStream, started(), ...hundred);
    const failing = counting();
    failing.broken.add(60);
    const supervisor = await start(failing, { batchDocuments: 10 });
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'));
    expect(supervisor.status()[0]).toMatchObject({ build: null, trouble: { event: { revision: 60 } } });
    expect(await supervisor.runner('counting').passed(position, 60_000)).toBe(false);
    failing.broken.clear();
    supervisor.resume('counting');
    expect(await supervisor.runner('counting').passed(position, 10_000)).toBe(true);
    expect(await countIn(documents, supervisor, room)).toBe(100);
  });

  it('on a log that is shorter than what was projected of it makes the build anew', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const old = await start(counting());
    await old.runner('counting').passed(await writer.write(roomStream, started(), ...hundred), 10_000);
    await old[Symbol.asyncDispose]();
    await using empty = new SqliteEventStore(':memory:');
    const supervisor = await start(counting(), { events: empty });
    await vi.waitFor(() => expect(supervisor.status()[0]).toMatchObject({ build: 'counting.v1.2' }));
    expect(await documents.checkpoint('live:counting')).toBe(2n);
  });
});
