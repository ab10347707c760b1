import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventStoreDbEventStore } from '../../adapters/eventstoredb/event-store.ts';
import { compareCopies, compareCounts, type HistoryCache } from '../../app/demo/checks/compare.ts';
import { readLogOf } from '../../app/demo/checks/log-file.ts';
import { foldLog } from '../../app/demo/checks/log-fold.ts';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import { Refused, Rest } from '../../app/demo/client/rest.ts';
import { seededRandom } from '../../app/demo/random.ts';
import { untilNothing } from '../../app/demo/until.ts';
import type { Role } from '../../app/roles.ts';
import type { Message } from '../../schemas/message.ts';
import type { Tokens } from '../../schemas/user.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { startEventStoreDb, type EventStoreDb } from '../servers/event-store-db.ts';
import { describeWith } from '../servers/suite.ts';
import { expectedHistory, toldOf } from '../support/expected-history.ts';
import { playTraffic, type Played } from '../support/play-traffic.ts';
import { eachOf } from '../support/pool.ts';
import { startProcesses, type Processes } from '../support/processes.ts';
import { RandomKiller } from '../support/random-killer.ts';
import { syntheticTraffic } from '../support/synthetic-traffic.ts';
import { loadTraffic, type Traffic } from '../support/traffic.ts';

const seed = Number(process.env['PROCESSES_SEED'] ?? Date.now() % 1_000_000_000);
const isWhole = process.env['PROCESSES_TRAFFIC'] === 'whole';

/** A slice that less than a minute is enough for, or with PROCESSES_TRAFFIC=whole everything there is. */
const traffic: Traffic = isWhole ? loadTraffic() : syntheticTraffic(seed, 600, { people: 40, channels: 12 });

/** Those that project are not those that are asked: each is killed by itself. */
const layout: readonly (readonly Role[])[] = isWhole
  ? (['api', 'realtime', 'projector', 'worker', 'relay'] as const).flatMap((role) => [[role], [role]])
  : [
      ['api', 'realtime'],
      ['api', 'realtime'],
      ['projector', 'worker', 'relay'],
      ['projector', 'worker', 'relay'],
    ];

const title = `Several processes of each role, killed at random (${traffic.source}, PROCESSES_SEED=${seed})`;

/** More traffic has more to be caught up with, each event on several processes that share the machine. */
const playingMs = 200_000 + 120 * traffic.events.length;
const settlingMs = 15_000 + traffic.events.length;

describeWith(['mongodb', 'redis'], title, ({ mongodb, redis }) => {
  const scope = new AsyncDisposableStack();
  const random = seededRandom(seed);
  let log: EventStoreDb;
  let processes: Processes;
  let rest: Rest;
  let played: Played;

  beforeAll(async () => {
    const begun = performance.now();
    log = scope.use(await startEventStoreDb());
    processes = scope.use(
      await startProcesses(layout, {
        EVENTSTOREDB_URL: log.url,
        MONGODB_URL: newDatabase(mongodb.url),
        REDIS_URL: redis.url,
      }),
    );
    rest = scope.use(new Rest(processes.origin, 32));
    const killer = new RandomKiller(processes.all, random);
    const ending = new AbortController();
    let killing: Promise<void> | undefined;
    const onBegin = (): void => {
      killing = killer.run(ending.signal);
    };
    played = await playTraffic({ rest, traffic, socketsOf: isWhole ? 250 : 20, onBegin });
    scope.defer(() => eachOf(played.connected, 16, (client) => client.goAway()));
    // Each process once, at least.
    while (killer.kills < layout.length) await pause(50);
    ending.abort();
    await killing;
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const { kills, freezes } = killer;
    const size = `${traffic.events.length} events, ${played.connected.length} sockets`;
    console.log(`${size}, ${kills} kills, ${freezes} freezes, ${seconds} s`);
  }, playingMs);

  afterAll(() => scope.disposeAsync(), 60_000);

  it(
    'lose, double and disorder nothing that was acknowledged',
    async () => {
      await eachOf(played.channels, 8, async (channel) => {
        const history = await played.organiser.persist(() => played.organiser.history(channel.conversationId));
        expect(history.map(toldOf)).toEqual(expectedHistory(channel, played.users));
      });
    },
    120_000 + settlingMs,
  );

  it(
    'count what is unread as the fold of the log does',
    async () => {
      await using events = new EventStoreDbEventStore({ url: log.url });
      const folded = foldLog(await readLogOf(events));
      const differences = await untilNothing(async () => {
        const found: string[] = [];
        await eachOf([...played.users.values(), played.organiser], 8, async (client) => {
          found.push(...(await client.persist(() => compareCounts(client, folded))));
        });
        return found;
      }, settlingMs);
      expect(differences).toEqual([]);
    },
    120_000 + settlingMs,
  );

  it(
    'bring every open client to the same history',
    async () => {
      const known = new Map<string, Promise<readonly Message[]>>();
      const cache: HistoryCache = {
        history: (client, conversationId) =>
          known.getOrInsertComputed(conversationId, () => client.persist(() => client.history(conversationId))),
      };
      const differences = await untilNothing(async () => {
        const found: string[] = [];
        await eachOf(played.connected, 8, async (client) => {
          await client.connect();
          await client.settled();
          found.push(...(await client.persist(() => compareCopies(client, cache))).differences);
        });
        return found;
      }, settlingMs);
      expect(differences).toEqual([]);
    },
    120_000 + settlingMs,
  );

  it('are all ready in the end: nothing is parked, nothing far behind', async () => {
    for (const { server } of processes.all) {
      await expect.poll(() => server.isReady(), { timeout: 15_000, message: server.output.slice(-500) }).toBe(true);
    }
  }, 60_000);

  const signedUp = async (name: string): Promise<ChatClient> => {
    const client = new ChatClient(rest, { username: name, password: `secret of ${name}` });
    await client.register();
    await client.login();
    return client;
  };

  /** A write through one API process, then a read through each that must see it. Resolves with how long that took. */
  const readsOwnWrite = async (client: ChatClient, conversationId: string): Promise<number> => {
    const begun = performance.now();
    const text = randomUUID();
    const path = `/v1/conversations/${conversationId}`;
    const { position } = await client.persist(() =>
      rest.ask({
        method: 'PUT',
        path: `${path}/messages/${randomUUID()}`,
        body: { text },
        headers: { authorization: `Bearer ${client.accessToken}` },
      }),
    );
    for (const api of processes.with('api')) {
      using direct = new Rest(api.origin);
      const { body } = await client.persist(() =>
        direct.ask({
          method: 'GET',
          path: `${path}/messages?limit=1`,
          headers: { authorization: `Bearer ${client.accessToken}`, 'parley-after': position },
        }),
      );
      expect((body as { items: readonly Message[] }).items.map((message) => message.text)).toEqual([text]);
    }
    return performance.now() - begun;
  };

  it('let a write be read through every process at once, and within ten seconds when a projector hangs or dies', async () => {
    const client = await signedUp('hermione');
    // One conversation for each shard, or nearly.
    const rooms = await Promise.all(
      Array.from({ length: 6 }, (_, i) => client.start({ kind: 'group', name: `room ${i}` })),
    );
    const slowest = async (): Promise<number> =>
      Math.max(...(await Promise.all(rooms.map((room) => readsOwnWrite(client, room.conversationId)))));
    await slowest();
    // Without anybody having to take over first.
    expect(await slowest()).toBeLessThan(5_000);
    const [first, second] = processes.with('projector');
    first!.freeze();
    expect(await slowest()).toBeLessThan(10_000);
    first!.thaw();
    await slowest();
    await second!.kill();
    expect(await slowest()).toBeLessThan(10_000);
    await second!.start();
    await slowest();
  }, 60_000);

  it('give a username to one of many who ask for it at the same time, whichever process they ask', async () => {
    const outcomes = await Promise.allSettled(
      processes.with('api').flatMap((api) =>
        Array.from({ length: 4 }, async (_, i) => {
          using direct = new Rest(api.origin);
          await new ChatClient(direct, {
            username: 'highlander',
            password: `there is only ${i}${api.port}`,
          }).register();
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Refused);
    }
  });

  it('rotate a refresh token once, however many processes it is presented to', async () => {
    const name = 'refresher';
    const client = await signedUp(name);
    const { body } = await rest.ask({
      method: 'POST',
      path: '/v1/sessions',
      body: { username: name, password: `secret of ${name}`, device: { name: 'phone' } },
    });
    const { refreshToken } = body as Tokens;
    const answers = await Promise.all(
      processes.with('api').flatMap((api) =>
        Array.from({ length: 3 }, async () => {
          using direct = new Rest(api.origin);
          const answer = await direct.ask({ method: 'POST', path: '/v1/sessions/refresh', body: { refreshToken } });
          return (answer.body as Tokens).refreshToken;
        }),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toBe(refreshToken);
    expect(client.userId).toBe((body as Tokens).user.userId);
  });

  it('close the socket of a device that another process signs out, and refuse its requests everywhere', async () => {
    const [ann, phone] = [
      await signedUp('ann-one'),
      new ChatClient(rest, { username: 'ann-one', password: 'secret of ann-one' }),
    ];
    await phone.login();
    await phone.connect();
    await ann.ask('DELETE', `/v1/devices/${phone.deviceId}`);
    for (const api of processes.with('api')) {
      using direct = new Rest(api.origin);
      const answer = await direct.call({
        method: 'GET',
        path: '/v1/me',
        headers: { authorization: `Bearer ${phone.accessToken}` },
      });
      expect(answer.status).toBe(401);
    }
    await expect.poll(() => phone.isConnected, { timeout: 5_000 }).toBe(false);
  });

  it('let an erased account leave its conversations, whichever worker is there', async () => {
    const [host, guest] = [await signedUp('host'), await signedUp('guest')];
    const { conversationId } = await host.start({ kind: 'group', name: 'party', memberIds: [guest.userId] });
    const [worker] = processes.with('worker');
    await worker!.kill();
    await guest.ask('DELETE', '/v1/me');
    await expect
      .poll(
        async () => {
          const path = `/v1/conversations/${conversationId}`;
          return ((await host.persist(() => host.ask('GET', path))) as { memberCount: number }).memberCount;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    await worker!.start();
  }, 30_000);
});
