import { describe, expect, it, vi } from 'vitest';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { catalog, type DomainEvent } from '../../domain/catalog.ts';
import { beforeLog } from '../../ports/event-store.ts';
import { claimNext } from '../../projections/builds.ts';
import { createLogTail } from '../../projections/log-tail.ts';
import { BuildGone, ProjectorFenced } from '../../projections/projection-errors.ts';
import { runProjector, type ProjectorOptions } from '../../projections/projector.ts';
import { counting, type Count } from './support/counting.ts';
import { ann, at, room, roomStream, sent, started } from './support/facts.ts';
import { memoryLog } from './support/log.ts';

const open = async () => {
  const stack = new AsyncDisposableStack();
  const { events, writer } = memoryLog();
  stack.use(events);
  const documents = stack.use(new SqliteDocumentStore(':memory:'));
  const tail = stack.use(createLogTail({ events, catalog }));
  const counted = counting();
  const build = await claimNext(documents, counted.projection, undefined);
  const stop = new AbortController();
  return {
    writer,
    documents,
    build: build.name,
    stop,
    run: (options: Partial<ProjectorOptions> = {}) => {
      const { projection } = counted;
      const common = { documents, tail, projection, build: build.name, signal: stop.signal };
      return runProjector({ ...common, onProgress: () => undefined, ...options });
    },
    messages: async () => (await documents.get<Count>(`${build.name}.counts`, room))?.body.messages,
    checkpoint: () => documents.checkpoint(build.name),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

describe('a projector', () => {
  it('stops without having changed anything when another has moved the checkpoint', async () => {
    await using side = await open();
    const running = side.run();
    const position = await side.writer.write(roomStream, started(), sent(1));
    await vi.waitFor(async () => expect(await side.checkpoint()).toBe(position));
    await side.documents.commit([], { name: side.build, from: position, to: position + 5n });
    await Promise.all([expect(running).rejects.toThrow(ProjectorFenced), side.writer.write(roomStream, sent(2))]);
    expect(await side.messages()).toBe(1);
    expect(await side.checkpoint()).toBe(position + 5n);
  });

  it('gives the same when everything is projected again', async () => {
    await using side = await open();
    const position = await side.writer.write(roomStream, started(), sent(1), sent(2));
    const first = new AbortController();
    const running = side.run({ signal: first.signal });
    await vi.waitFor(async () => expect(await side.checkpoint()).toBe(position));
    first.abort();
    await running;
    const document = await side.documents.get(`${side.build}.counts`, room);
    await side.documents.dropCheckpoints([side.build]);
    await side.documents.commit([], { name: side.build, from: undefined, to: beforeLog });
    void side.run();
    await vi.waitFor(async () => expect(await side.checkpoint()).toBe(position));
    expect(await side.documents.get(`${side.build}.counts`, room)).toEqual(document);
    expect(document).toEqual({ id: room, position, body: { conversationId: room, messages: 2 } });
    side.stop.abort();
  });

  it('moves its checkpoint after a while also where no document changes, and at once when it is stopped', async () => {
    await using side = await open();
    const change: DomainEvent = { type: 'ConversationChanged', data: { by: ann, at: at(1) } };
    const quick = new AbortController();
    const running = side.run({ signal: quick.signal, checkpointMs: 20 });
    const first = await side.writer.write(roomStream, started(), change);
    await vi.waitFor(async () => expect(await side.checkpoint()).toBe(first));
    quick.abort();
    await running;
    let seen = beforeLog;
    const slow = side.run({ checkpointMs: 60_000, onProgress: (position) => (seen = position) });
    const second = await side.writer.write(roomStream, change);
    await vi.waitFor(() => expect(seen).toBe(second));
    expect(await side.checkpoint()).toBe(first);
    side.stop.abort();
    await slow;
    expect(await side.checkpoint()).toBe(second);
  });

  it('ends when its build is gone', async () => {
    await using side = await open();
    await side.documents.dropCheckpoints([side.build]);
    await expect(side.run()).rejects.toThrow(BuildGone);
  });
});
