import { describe, expect, it } from 'vitest';
import type { DomainError } from '../../domain/errors.ts';
import { id, room, roomStream, sent, started, ben } from './support/facts.ts';
import { faulty } from './support/faulty.ts';
import { openReadSide } from './support/read-side.ts';
import { createReadModels, type RunningModel } from '../../projections/read-models.ts';
import { readModelNames } from '../../projections/registry.ts';
import { modelsOf, startProjections } from '../../projections/start.ts';
import { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import { SqliteSearchStore } from '../../adapters/sqlite/search-store.ts';
import { queryOf } from '../contract/search-documents.ts';
import type { ReadModelName } from '../../projections/queries.ts';
import { Progress } from '../../projections/progress.ts';

const behind = expect.objectContaining({ name: 'DomainError', code: 'read-model/behind' }) as DomainError;

describe('waiting for a position', () => {
  it('is over at once where it was passed before, and as soon as it is passed elsewhere', async () => {
    const progress = new Progress();
    progress.advance(5n);
    expect(await progress.passed(5n, 0)).toBe(true);
    const waiting = [6n, 7n, 9n].map((position) => progress.passed(position, 60_000));
    progress.advance(8n);
    expect(await Promise.all(waiting.slice(0, 2))).toEqual([true, true]);
    expect(await Promise.race([waiting[2], Promise.resolve('still waiting')])).toBe('still waiting');
    progress.advance(9n);
    expect(await waiting[2]).toBe(true);
  });

  it('sees what was written', async () => {
    await using side = await openReadSide();
    for (let seq = 0; seq <= 20; seq += 1) {
      const position = await side.writer.write(roomStream, seq === 0 ? started() : sent(seq));
      await side.readModels.waitFor(['feed'], position);
      expect((await side.readModels.feed.conversation(room))?.lastSeq).toBe(seq);
      expect(side.readModels.position('feed')).toBeGreaterThanOrEqual(position);
    }
  });

  it('is refused after a while when the position does not come', async () => {
    await using side = await openReadSide({ waitMs: 30 });
    await expect(side.readModels.waitFor(['profiles', 'feed'], 1_000n)).rejects.toEqual(behind);
  });

  it('for the timeline waits for the feed too, which knows what is hidden', async () => {
    await using documents = new SqliteDocumentStore(':memory:');
    await using search = new SqliteSearchStore(':memory:');
    const progresses = new Map(readModelNames.map((name) => [name, new Progress()]));
    const models = Object.fromEntries(
      readModelNames.map((name): [ReadModelName, RunningModel] => [
        name,
        {
          liveBuild: () => undefined,
          position: () => progresses.get(name)!.position,
          passed: (position, ms) => progresses.get(name)!.passed(position, ms),
        },
      ]),
    ) as Record<ReadModelName, RunningModel>;
    const readModels = createReadModels({ documents, search, models, waitMs: 20 });
    progresses.get('timeline')!.advance(8n);
    progresses.get('feed')!.advance(5n);
    expect(readModels.position('timeline')).toBe(5n);
    await expect(readModels.waitFor(['timeline'], 8n)).rejects.toEqual(behind);
    progresses.get('feed')!.advance(8n);
    await readModels.waitFor(['timeline'], 8n);
  });
});

describe('a read', () => {
  it('is refused while there is no live build, and when its build was dropped', async () => {
    await using side = await openReadSide();
    const build = side.supervisor.runner('feed').liveBuild()!;
    await side.documents.drop([`${build}.conversations`]);
    await expect(side.readModels.feed.conversation(room)).rejects.toEqual(behind);
    const none: RunningModel = { liveBuild: () => undefined, position: () => -1n, passed: async () => false };
    const models = Object.fromEntries(readModelNames.map((name) => [name, none])) as Record<
      ReadModelName,
      RunningModel
    >;
    const readModels = createReadModels({ documents: side.documents, search: side.search, models });
    await expect(readModels.timeline.message(room, id(1))).rejects.toEqual(behind);
  });

  it('gives entries of one moment, whatever is projected between its look-ups', async () => {
    await using side = await openReadSide();
    await side.until(await side.writer.write(roomStream, started(), ...[1, 2, 3].map((seq) => sent(seq))));
    let seq = 3;
    // Every look-up lets one more message by ben, or a deletion, be projected before it.
    const documents = faulty(side.documents, () => undefined);
    const slow = new Proxy(documents, {
      get: (target, property) => {
        const method: unknown = Reflect.get(target, property, target);
        if (typeof method !== 'function' || !['getMany', 'find', 'count'].includes(String(property))) return method;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          if (seq < 12) {
            seq += 1;
            const own = sent(seq, { senderId: ben });
            await side.until(await side.writer.write(roomStream, own));
          }
          return (await Reflect.apply(method, target, args)) as unknown;
        };
      },
    });
    const readModels = createReadModels({ documents: slow, search: side.search, models: modelsOf(side.supervisor) });
    const memberships = await readModels.feed.memberships(ben);
    const [entry] = await readModels.feed.entries(memberships);
    // He has read all that he has sent: at no moment was anything unread after his first message.
    expect(entry).toMatchObject({ unread: 0, mentions: 0 });
    expect(entry!.member.readSeq).toBe(entry!.conversation.lastSeq);
  });
});

describe('an index of one’s own', () => {
  it('is not made where nobody searches, dropped where one was left, and made anew where somebody does again', async () => {
    await using side = await openReadSide({ searchIndex: 'own' });
    const position = await side.writer.write(roomStream, started(), sent(1));
    await side.until(position);
    await side.supervisor[Symbol.asyncDispose]();
    const { events, documents, search, tail } = side;
    const openWith = (searchIndex: 'own' | 'none') =>
      startProjections({ events, documents, search, tail, keepMs: 0, searchIndex, waitMs: 10_000 });
    {
      await using without = await openWith('none');
      expect(await search.collections()).toEqual([]);
      expect(without.supervisor.status().map(({ name }) => name)).not.toContain('search');
      const others = readModelNames.filter((name) => name !== 'search');
      await without.readModels.waitFor(others, await side.writer.write(roomStream, sent(2)));
      await expect(without.readModels.waitFor(['search'], position)).rejects.toEqual(behind);
      expect(await search.collections()).toEqual([]);
    }
    await using again = await openWith('own');
    await again.readModels.waitFor(readModelNames, await events.head());
    expect((await again.readModels.search.messages(queryOf())).hits).toHaveLength(2);
  });
});
