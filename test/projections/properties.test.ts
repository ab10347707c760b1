import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../ports/document-store.ts';
import { readModelNames, projections } from '../../projections/registry.ts';
import { history } from './support/history.ts';
import { logged } from './support/log.ts';
import { project } from './support/project.ts';

describe.each(readModelNames)('the projection %s, for any history', (name) => {
  const projection = projections[name];

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
