import { expect, it } from 'vitest';
import { InProcessPubSub } from '../../adapters/in-process/pub-sub.ts';
import { silent } from '../../projections/log.ts';
import { ProgressNews } from '../../projections/progress-news.ts';

it.each(Array.from({ length: 12 }, (_, ticks) => ticks))(
  'tells what comes %d moments after the news before',
  async (ticks) => {
    await using pubSub = new InProcessPubSub();
    const heard: bigint[] = [];
    const hear = (_checkpoint: string, position: bigint): void => void heard.push(position);
    await using other = new ProgressNews({ pubSub, log: silent, self: 'other', hear });
    await using news = new ProgressNews({ pubSub, log: silent, self: 'own', hear: () => {} });
    await expect
      .poll(() => {
        news.tell('feed', 0n);
        return other.heardAt;
      })
      .toBeGreaterThan(0);
    await expect.poll(() => heard.at(-1)).toBe(0n);
    news.tell('feed', 1n);
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    news.tell('feed', 2n);
    await expect.poll(() => heard.at(-1)).toBe(2n);
  },
);
