import { array, assert, asyncProperty } from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../app/demo/random.ts';
import { describeWith } from '../servers/suite.ts';
import { action, type Action } from './model/actions.ts';
import { play } from './model/life.ts';
import { Cluster } from './support/cluster.ts';

const runs = Number(process.env['MODEL_RUNS'] ?? 1);
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 1_000_000_000);
const mostActions = Number(process.env['MODEL_ACTIONS'] ?? 200);
const lost = 0.1;

/** Some process dies at every so many actions, beside those that do by chance. */
const actionsBetweenKills = 15;
const withKills = (actions: readonly Action[]): readonly Action[] =>
  actions.map((one, index) => (index % actionsBetweenKills === 0 ? { ...one, kind: 'restart' } : one));

describeWith(
  ['mongodb', 'redis'],
  'devices on several nodes, which get events by relays over a bad line',
  (servers) => {
    const { mongodb, redis } = servers;

    it(
      'show in the end what the server shows, every message once and in order, whichever process dies meanwhile',
      { timeout: runs * 120_000 },
      async () => {
        console.log(`MODEL_SEED=${seed} MODEL_RUNS=${runs} MODEL_ACTIONS=${mostActions}`);
        const random = seededRandom(seed);
        await using cluster = await Cluster.start({
          mongoDbUrl: mongodb.url,
          redisPort: Number(new URL(redis.url).port),
          random,
          lost,
        });
        await expect.poll(() => cluster.isLive(), { timeout: 20_000 }).toEqual([1, 1]);
        const actions = array(action, { minLength: mostActions / 2, maxLength: mostActions, size: 'max' });
        await assert(
          asyncProperty(actions, (chosen) => play(cluster, withKills(chosen))),
          { seed, numRuns: runs, endOnFailure: true },
        );
        console.log(`${cluster.kills} kills; ${cluster.redis.lost} messages lost, ${cluster.redis.passed} not`);
        expect(cluster.kills).toBeGreaterThanOrEqual(cluster.processes.all.length);
        expect(cluster.redis.lost).toBeGreaterThan(0);
        await expect.poll(() => cluster.repairs()).toBeGreaterThan(0);
      },
    );
  },
);
