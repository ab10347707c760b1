import { expect, it } from 'vitest';
import { EventRing } from '../../projections/event-ring.ts';
import type { Decoded } from '../../projections/undecodable-log-event.ts';
import { logged } from './support/log.ts';
import { sent } from './support/facts.ts';

const events = logged(Array.from({ length: 100 }, (_, seq) => ({ stream: 'conversation-a', event: sent(seq + 1) })));
const sized = (characters: number) =>
  events.map((event) => ({ decoded: { position: event.position, event } satisfies Decoded, characters }));

it('keeps as many of the newest as it may, where they are small', () => {
  const ring = new EventRing(-1n, { events: 20, characters: 1_000 });
  for (const [index, event] of sized(10).entries()) {
    ring.push([event], 0);
    const { events: kept } = ring.waiting(ring.from);
    expect(kept).toBeGreaterThanOrEqual(Math.min(index + 1, 20));
    expect(kept).toBeLessThanOrEqual(40);
  }
  const after = events.slice(80).map(({ position }) => position);
  expect(ring.after(79n, 50).map(({ position }) => position)).toEqual(after);
});

it('keeps fewer where they are large, and none that is larger than all may be', () => {
  const ring = new EventRing(-1n, { events: 20, characters: 1_000 });
  for (const event of sized(300)) {
    ring.push([event], 0);
    expect(ring.waiting(ring.from).events).toBeLessThanOrEqual(3);
    expect(ring.after(ring.from, 50).at(-1)?.position ?? ring.from).toBe(ring.to);
  }
  ring.push(sized(1_001).slice(-1), 0);
  expect([ring.from, ring.waiting(ring.from).events]).toEqual([ring.to, 0]);
});
