import { describe, expect, it, vi } from 'vitest';
import { DocumentStoreUnavailable, type DocumentStore } from '../../ports/document-store.ts';
import { id, room, roomStream, sent, started } from './support/facts.ts';
import { faulty } from './support/faulty.ts';
import { countIn, counting, openCounting } from './support/counting.ts';

const passed = 10_000;

describe('a projection', () => {
  it('is up to date with every event once it has passed it', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const supervisor = await start(counting());
    const position = await writer.write(roomStream, started(), sent(1), sent(2));
    expect(await supervisor.runner('counting').passed(position, passed)).toBe(true);
    expect(await countIn(documents, supervisor, room)).toBe(2);
    expect(supervisor.status()).toEqual([
      {
        name: 'counting',
        version: 1,
        state: 'running',
        build: 'counting.v1.1',
        position,
        lag: { events: 0, ms: 0 },
        trouble: null,
        rebuild: null,
      },
    ]);
  });

  it('goes on where it was after a restart', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const first = await start(counting());
    await first.runner('counting').passed(await writer.write(roomStream, started(), sent(1)), passed);
    await first[Symbol.asyncDispose]();
    const second = counting();
    const supervisor = await start(second);
    await supervisor.runner('counting').passed(await writer.write(roomStream, sent(2)), passed);
    expect(await countIn(documents, supervisor, room)).toBe(2);
    expect(second.asked).toEqual([2]);
  });

  it('is parked at an event that keeps failing, with everything before it done, and says where and why', async () => {
    const error = vi.fn<(fields: object, message: string) => void>();
    const log = { info: () => undefined, warn: () => undefined, error };
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const failing = counting();
    failing.broken.add(3);
    const supervisor = await start(failing, { log });
    const before = await writer.write(roomStream, started(), sent(1), sent(2));
    await writer.write(roomStream, sent(3), sent(4));
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'));
    const place = { stream: roomStream, revision: 3, position: before + 1n };
    expect(supervisor.status()[0]).toMatchObject({
      position: before,
      lag: { events: 2 },
      trouble: { error: 'RangeError', event: { ...place, type: 'MessageSent' }, attempts: 3 },
    });
    expect(await countIn(documents, supervisor, room)).toBe(2);
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ projection: 'counting', error: 'RangeError', stream: roomStream, revision: 3 }),
      expect.any(String),
    );
    expect(JSON.stringify(error.mock.calls)).not.toContain('secret');
    expect(JSON.stringify(supervisor.status(), (_, value: unknown) => String(value))).not.toContain('secret');
  });

  it('answers nobody in vain while it is parked, and loses nothing when it is resumed', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const failing = counting();
    failing.broken.add(2);
    const supervisor = await start(failing);
    const runner = supervisor.runner('counting');
    const done = await writer.write(roomStream, started(), sent(1));
    const later = await writer.write(roomStream, sent(2), sent(3));
    // Also who waits from before, for a minute if need be.
    expect(await runner.passed(later, 60_000)).toBe(false);
    expect(await runner.passed(later, 60_000)).toBe(false);
    expect(await runner.passed(done, 60_000)).toBe(true);
    expect(supervisor.resume('counting')).toBe(true);
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'));
    failing.broken.clear();
    expect(supervisor.resume('counting')).toBe(true);
    await vi.waitFor(() => expect(runner.position()).toBe(later));
    expect(await countIn(documents, supervisor, room)).toBe(3);
    expect(supervisor.status()[0]).toMatchObject({ state: 'running', trouble: null });
    expect(supervisor.resume('counting')).toBe(false);
  });

  it('is not parked while the store is away, however long, and goes on by itself', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    let [away, refused] = [false, 0];
    const store = faulty<DocumentStore>(documents, (method) => {
      if (!away || method !== 'commit') return;
      refused += 1;
      throw new DocumentStoreUnavailable('away');
    });
    const supervisor = await start(counting(), { documents: store });
    away = true;
    const position = await writer.write(roomStream, started(), sent(1));
    await vi.waitFor(() => expect(refused).toBeGreaterThan(10));
    expect(supervisor.status()[0]).toMatchObject({ state: 'running', trouble: { error: 'DocumentStoreUnavailable' } });
    away = false;
    expect(await supervisor.runner('counting').passed(position, passed)).toBe(true);
    expect(await countIn(documents, supervisor, room)).toBe(1);
    expect(supervisor.status()[0]!.trouble).toBeNull();
  });

  it('finds the one event that the store does not take, and parks there', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const store = faulty<DocumentStore>(documents, (method, [writes]) => {
      const bad = (writes as readonly { body?: { messages?: number } }[] | undefined)?.some?.(
        ({ body }) => (body?.messages ?? 0) > 1,
      );
      if (method === 'commit' && bad) throw new TypeError('cannot store this');
    });
    const supervisor = await start(counting(), { documents: store });
    await writer.write(roomStream, started(), sent(1), sent(2), sent(3));
    await vi.waitFor(() => expect(supervisor.status()[0]!.state).toBe('parked'));
    expect(supervisor.status()[0]!.trouble).toMatchObject({ error: 'TypeError', event: { revision: 2 } });
    expect(await countIn(documents, supervisor, room)).toBe(1);
  });
});

describe('two processes', () => {
  it('share a build: one projects, the other follows, and takes over when the first is gone', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const both = [counting(), counting()];
    const first = await start(both[0]!, { takeOverMs: 100 });
    const second = await start(both[1]!, { takeOverMs: 100 });
    let position = await writer.write(roomStream, started());
    for (let seq = 1; seq <= 20; seq += 1) position = await writer.write(roomStream, sent(seq));
    for (const supervisor of [first, second]) {
      expect(await supervisor.runner('counting').passed(position, passed)).toBe(true);
      expect(await countIn(documents, supervisor, room)).toBe(20);
      expect(supervisor.status()[0]).toMatchObject({ state: 'running', trouble: null });
    }
    await first[Symbol.asyncDispose]();
    position = await writer.write(roomStream, sent(21));
    expect(await second.runner('counting').passed(position, passed)).toBe(true);
    expect(await countIn(documents, second, room)).toBe(21);
  });

  it('move over to a build that one of them makes, without ever showing less than before', async () => {
    await using opened = openCounting();
    const { writer, documents, start } = opened;
    const maker = await start(counting(), { keepMs: 200 });
    const other = await start(counting(), { keepMs: 200 });
    let position = await writer.write(roomStream, started(), sent(1), sent(2));
    await other.runner('counting').passed(position, passed);
    const rebuilding = maker.rebuild('counting');
    for (let seq = 3; seq <= 30; seq += 1) {
      position = await writer.write(roomStream, sent(seq));
      expect(await other.runner('counting').passed(position, passed)).toBe(true);
      expect(await countIn(documents, other, room)).toBeGreaterThanOrEqual(seq);
    }
    await rebuilding;
    await vi.waitFor(() => expect(other.runner('counting').liveBuild()).toBe('counting.v1.2'));
    expect(await countIn(documents, other, room)).toBe(30);
    await vi.waitFor(async () => expect(await documents.collections()).toEqual(['counting.v1.2.counts']));
    position = await writer.write(`conversation-${id(7)}`, started(), sent(1));
    expect(await other.runner('counting').passed(position, passed)).toBe(true);
    expect(await countIn(documents, other, id(7))).toBe(1);
  });
});
