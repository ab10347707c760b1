import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../ports/document-store.ts';
import { addressOf } from '../../projections/fold.ts';
import { readModelNames, projections } from '../../projections/registry.ts';
import { isOfShard, shardsOf } from '../../projections/shards.ts';
import { history } from './support/history.ts';
import { logged } from './support/log.ts';
import { project } from './support/project.ts';

describe.each(readModelNames)('the projection %s, for any history', (name) => {
  const projection = projections[name];

  it('has every document changed by one stream only, so that streams can be divided among projectors', () => {
    fc.assert(
      fc.property(history(), (log) => {
        const streamOf = new Map<string, string>();
        for (const { event, ...place } of logged(log)) {
          for (const key of projection.touches(event, place).map(addressOf)) {
            expect(streamOf.getOrInsert(key, place.stream)).toBe(place.stream);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same when each shard of the streams is projected by itself, in whatever order', () => {
    fc.assert(
      fc.property(history(), fc.integer({ min: 2, max: 5 }), (log, count) => {
        const events = logged(log);
        const parts = shardsOf(count).map((shard) => events.filter(({ stream }) => isOfShard(stream, shard)));
        const backwards = parts
          .toReversed()
          .reduce<ReadonlyMap<string, Document>>((documents, part) => project(projection, part, documents), new Map());
        const sorted = (documents: ReadonlyMap<string, Document>) =>
          [...documents].toSorted(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(backwards)).toEqual(sorted(project(projection, events)));
      }),
      { numRuns: 30 },
    );
  });

  it('is not changed by projecting any suffix again', () => {
    fc.assert(
      fc.property(history(), fc.nat(), (log, cut) => {
        const events = logged(log);
        const once = project(projection, events);
        expect(project(projection, events.slice(cut % (events.length + 1)), once)).toEqual(once);
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on how the events are cut into batches', () => {
    fc.assert(
      fc.property(history(), fc.array(fc.integer({ min: 1, max: 30 })), (log, sizes) => {
        const events = logged(log);
        let documents: ReadonlyMap<string, Document> = new Map();
        let [start, index] = [0, 0];
        while (start < events.length) {
          const size = sizes[index] ?? events.length;
          documents = project(projection, events.slice(start, start + size), documents);
          start += size;
          index += 1;
        }
        expect(documents).toEqual(project(projection, events));
      }),
      { numRuns: 60 },
    );
  });
});
