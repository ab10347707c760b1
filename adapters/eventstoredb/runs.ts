import type { RecordedEvent } from '../../ports/event-store.ts';

/** Bounds of one append, well below what a server takes. */
const mostEvents = 200;
const mostBytes = 256 * 1024;

/** Events that follow each other in the log and in one stream too, so that one append can hold them. */
export const runsOf = (events: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] => {
  const runs: RecordedEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = JSON.stringify(event.data).length;
    const run = runs.at(-1);
    const before = run?.at(-1);
    const follows = before?.stream === event.stream && before.revision + 1 === event.revision;
    if (run !== undefined && follows && run.length < mostEvents && bytes + size <= mostBytes) {
      run.push(event);
      bytes += size;
    } else {
      runs.push([event]);
      bytes = size;
    }
  }
  return runs;
};
