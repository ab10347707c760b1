import { setTimeout as pause } from 'node:timers/promises';

export interface Paced {
  readonly latencies: readonly number[];
  /** Acknowledged in a second, from the first start to the last acknowledgement. */
  readonly rate: number;
}

/** Starts work at a fixed rate, whether or not what was started before is done, and measures each from its due time. */
export const runPaced = async (
  perSecond: number,
  seconds: number,
  work: (index: number) => Promise<void>,
): Promise<Paced> => {
  const total = perSecond * seconds;
  const latencies: number[] = [];
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
    for (; index < due; index += 1) {
      const dueAt = startedAt + (index * 1000) / perSecond;
      running.push(work(index).then(() => void latencies.push(performance.now() - dueAt)));
    }
    await pause(1);
  }
  await Promise.all(running);
  return { latencies, rate: total / ((performance.now() - startedAt) / 1000) };
};
