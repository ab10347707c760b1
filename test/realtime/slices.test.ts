import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

it('holds nothing that is done, also where there is always more to do', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const slices = new Slices();
  let isEnding = false;
  const again = (): void => {
    if (!isEnding) slices.add(again);
  };
  for (let n = 0; n < 200; n += 1) slices.add(again);
  const first = ((): WeakRef<() => void> => {
    const work = (): void => undefined;
    slices.add(work);
    return new WeakRef(work);
  })();
  await expect
    .poll(() => {
      collectGarbage();
      return first.deref() === undefined;
    })
    .toBe(true);
  isEnding = true;
});
