import { expect, test } from 'vitest';
import { InProcessPresence } from '../../../adapters/in-process/presence.ts';
import { presenceContract } from '../../contract/presence.contract.ts';

presenceContract(
  'in process',
  async () => ({ store: new InProcessPresence() }),
  async (holdsMs) => new InProcessPresence({ holdsMs }),
);

test('of those who are gone only so many are remembered', async () => {
  await using presence = new InProcessPresence({ holdsMs: 0, maxGone: 10 });
  for (let n = 0; n < 50; n += 1) {
    await presence.say([{ userId: `u${n}`, deviceId: 'd', connectionId: 'c', state: 'online' }]);
  }
  const found = await presence.of(Array.from({ length: 50 }, (_, n) => `u${n}`));
  expect([...found.values()].filter(({ seenAt }) => seenAt !== null)).toHaveLength(10);
});
