import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Slices } from '../../realtime/slices.ts';

it('a thousand are served in order, and others get their turn in between', async () => {
  const slices = new Slices();
  const served: number[] = [];
  for (let n = 0; n < 1_000; n += 1) slices.add(() => void served.push(n));
  expect(served).toEqual([]);
  const seen: number[] = [];
  while (served.length < 1_000) {
    await turn();
    seen.push(served.length);
  }
  expect(seen.length).toBeGreaterThan(5);
  expect(served).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  slices.add(() => void served.push(1_000));
  await expect.poll(() => served.length).toBe(1_001);
});
