import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { RedisSeqSets } from '../../adapters/redis/seq-sets.ts';
import type { SeqSets } from '../../ports/seq-sets.ts';
import { extendDigest, emptyDigest } from '../../projections/feed/seq-digest.ts';
import { describeWith } from '../servers/suite.ts';
import { history, people } from './support/history.ts';
import { modelOf, type ConversationModel } from './support/model.ts';
import { openReadSide, type ReadSide } from './support/read-side.ts';

/** What befalls Redis between two readings. */
type Mishap = 'nothing' | 'flush' | 'lose some' | 'older copies' | 'restart' | 'kill';

/** Answers as another does, and counts how often it could tell. */
const watched = (sets: SeqSets): { readonly answered: { told: number; asked: number }; readonly sets: SeqSets } => {
  const answered = { told: 0, asked: 0 };
  const count: SeqSets['count'] = async (questions) => {
    const answers = await sets.count(questions);
    answered.asked += answers.length;
    answered.told += answers.filter((answer) => typeof answer === 'number').length;
    return answers;
  };
  return {
    answered,
    sets: {
      count,
      held: (set) => sets.held(set),
      put: (set, state, seqs) => sets.put(set, state, seqs),
      extend: (set, from, state, seqs) => sets.extend(set, from, state, seqs),
      [Symbol.asyncDispose]: () => sets[Symbol.asyncDispose](),
    },
  };
};

const countsOf = async ({ readModels: { feed } }: ReadSide, userId: string): Promise<Record<string, number>> => {
  const memberships = await feed.memberships(userId);
  const counts = await feed.unreadCounts(memberships);
  const entries = await feed.entries(memberships);
  expect(entries.map(({ unread }) => unread)).toEqual(counts);
  return Object.fromEntries(memberships.map(({ conversation }, i) => [conversation.conversationId, counts[i]!]));
};

const expectedOf = (models: ReadonlyMap<string, ConversationModel>, userId: string): Record<string, number> =>
  Object.fromEntries(
    [...models]
      .filter(([, model]) => model.members.has(userId))
      .map(([id, model]) => [id, model.unread(userId).length]),
  );

test('names a set by its numbers, in whatever order they came', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 31 }), { maxLength: 50 });
  fc.assert(
    fc.property(numbers, numbers, (one, other) => {
      const digest = extendDigest(emptyDigest, one);
      expect(digest).toMatch(/^[0-9a-f]{16}$/);
      expect(extendDigest(extendDigest(emptyDigest, one.slice(3)), one.slice(0, 3).toReversed())).toBe(digest);
      const isSame = new Set(one).symmetricDifference(new Set(other)).size === 0;
      expect(extendDigest(emptyDigest, other) === digest).toBe(isSame);
    }),
  );
});

describeWith(['redis'], 'Unread messages counted in Redis', ({ redis }) => {
  test('are as many as the log says at every moment, whatever becomes of Redis in between', async (context) => {
    const server = redis.process(context);
    const client = new Redis(redis.url);
    client.on('error', () => {});
    const totals = { told: 0, asked: 0 };
    const befall = async (mishap: Mishap, prefix: string): Promise<void> => {
      const keys = await client.keys(`${prefix}*`);
      if (mishap === 'flush') await client.flushall();
      if (mishap === 'lose some') for (const key of keys) await client.zremrangebyrank(key, -1, -1);
      if (mishap === 'older copies') {
        for (const key of keys) await client.copy(key, `older:${key}`);
      }
      if (mishap === 'restart') await server.restart();
      if (mishap === 'kill') {
        await server.kill9();
        await server.start();
      }
    };
    const bringBackOlderCopies = async (prefix: string): Promise<void> => {
      for (const key of await client.keys(`older:${prefix}*`)) await client.rename(key, key.slice('older:'.length));
    };
    const mishaps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom<Mishap>('nothing', 'flush', 'lose some', 'older copies') },
        { weight: 1, arbitrary: fc.constantFrom<Mishap>('restart', 'kill') },
      ),
      { minLength: 5, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(history(), mishaps, async (log, befalls) => {
        const prefix = `test-${randomUUID()}:`;
        await using redisSets = new RedisSeqSets({ url: redis.url, prefix, restMs: 20 });
        const { sets, answered } = watched(redisSets);
        await using side = await openReadSide({ seqSets: sets });
        for (const [step, mishap] of befalls.entries()) {
          const from = Math.floor((log.length * step) / befalls.length);
          const to = Math.floor((log.length * (step + 1)) / befalls.length);
          await side.until(await side.writer.writeAll(log.slice(from, to)));
          const models = modelOf(log.slice(0, to));
          for (const userId of [...people, ...people]) {
            expect(await countsOf(side, userId)).toEqual(expectedOf(models, userId));
          }
          await befall(mishap, prefix);
          for (const userId of people) expect(await countsOf(side, userId)).toEqual(expectedOf(models, userId));
          if (step > 2) await bringBackOlderCopies(prefix);
        }
        totals.told += answered.told;
        totals.asked += answered.asked;
      }),
      { numRuns: 12 },
    );
    client.disconnect();
    // Not from the documents alone, or nothing would have been shown.
    expect(totals.told).toBeGreaterThan(totals.asked / 4);
  }, 60_000);

  test('are told by Redis again within seconds after it was flushed', async () => {
    const client = new Redis(redis.url);
    const [log] = fc.sample(history(400), { numRuns: 1, seed: 7 });
    const { sets, answered } = watched(new RedisSeqSets({ url: redis.url, prefix: `test-${randomUUID()}:` }));
    await using _sets = sets;
    await using side = await openReadSide({ seqSets: sets });
    await side.until(await side.writer.writeAll(log!));
    const models = modelOf(log!);
    const readAll = async (): Promise<void> => {
      Object.assign(answered, { told: 0, asked: 0 });
      for (const userId of people) expect(await countsOf(side, userId)).toEqual(expectedOf(models, userId));
    };
    const isTold = async (): Promise<void> => {
      await readAll();
      expect(answered.asked).toBeGreaterThan(0);
      expect(answered.told).toBe(answered.asked);
    };
    await vi.waitFor(isTold, { timeout: 5_000 });
    await client.flushall();
    await readAll();
    expect(answered.told).toBeLessThan(answered.asked);
    await vi.waitFor(isTold, { timeout: 5_000 });
    client.disconnect();
  });
});
