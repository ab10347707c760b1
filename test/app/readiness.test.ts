import { expect, test } from 'vitest';
import { judgeReadiness, type ReadinessSources } from '../../app/readiness.ts';
import type { ProjectionStatus } from '../../projections/status.ts';

const running: ProjectionStatus = {
  name: 'timeline',
  version: 1,
  state: 'running',
  build: 'timeline.v1.1',
  position: 41n,
  lag: { events: 0, ms: 0 },
  trouble: null,
  rebuild: null,
};
const judge = (status: Partial<ProjectionStatus>, more: Partial<ReadinessSources> = {}) =>
  judgeReadiness({
    projections: [
      { ...running, name: 'feed' },
      { ...running, ...status },
    ],
    tail: { state: 'live', error: null },
    fanOutFails: false,
    isEnding: false,
    ...more,
  });

test('a server whose read models follow the log is ready, also while the next one is built beside it', () => {
  expect(judge({})).toEqual({ ready: true, reasons: [] });
  expect(judge({ lag: { events: 10_000, ms: 5_000 } }).ready).toBe(true);
  expect(judge({ state: 'rebuilding', rebuild: { done: 1, total: 2, etaMs: 3 } }).ready).toBe(true);
});

test.each<[string, Partial<ProjectionStatus>, string]>([
  [
    'parked',
    {
      state: 'parked',
      trouble: {
        error: 'TypeError',
        attempts: 6,
        event: { stream: 'conversation-x', revision: 3, position: 42n, type: 'MessageSent' },
      },
    },
    'timeline is parked at MessageSent, position 42: TypeError',
  ],
  ['parked for no known reason', { state: 'parked' }, 'timeline is parked: unknown error'],
  [
    'built for the first time',
    { state: 'rebuilding', build: null, rebuild: { done: 10, total: 20, etaMs: null } },
    'timeline is being built: 10 of 20',
  ],
  ['too many events behind', { lag: { events: 10_001, ms: 10 } }, 'timeline is 10001 events behind'],
  ['too long behind', { lag: { events: 1, ms: 5_001 } }, 'timeline is 1 events behind'],
])('while a projection is %s it is not', (_, status, reason) => {
  expect(judge(status)).toEqual({ ready: false, reasons: [reason] });
});

test('while the log cannot be followed it is not', () => {
  expect(judge({}, { tail: { state: 'retrying', error: 'EventStoreUnavailable' }, fanOutFails: true })).toEqual({
    ready: false,
    reasons: ['the log cannot be read: EventStoreUnavailable', 'the fan-out to sockets cannot follow the log'],
  });
});

test('while nothing can be searched it is ready all the same, and says what is wrong', () => {
  expect(judge({ name: 'search', build: null, rebuild: { done: 1, total: 2, etaMs: null } })).toEqual({
    ready: true,
    reasons: ['search is being built: 1 of 2'],
  });
});
