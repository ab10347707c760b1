import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../app/config.ts';
import { compareCopies, compareCounts } from '../../app/demo/checks/compare.ts';
import { readLogOf } from '../../app/demo/checks/log-file.ts';
import { foldLog } from '../../app/demo/checks/log-fold.ts';
import { ChatClient } from '../../app/demo/client/chat-client.ts';
import { Refused, Rest } from '../../app/demo/client/rest.ts';
import { seededRandom } from '../../app/demo/random.ts';
import { ServerProcess, temporaryFolder } from '../../app/demo/server-process.ts';
import { untilNothing } from '../../app/demo/until.ts';
import { openPorts } from '../../app/ports.ts';
import type { FoundMessages } from '../../schemas/search.ts';
import { newDatabase } from '../adapters/mongodb/opened.ts';
import { newPrefix } from '../adapters/opensearch/opened.ts';
import { searchUrl } from '../api/search-client.ts';
import { startEventStoreDb, type EventStoreDb } from '../servers/event-store-db.ts';
import { canHave, describeWith } from '../servers/suite.ts';
import { sendUntilStopped, type Acknowledged } from '../support/sequential-sender.ts';
import { liveThrough, type Outage, type Told } from './suites/outage.ts';

/** How long each server is away, in seconds; from 20 on each goes in more ways. */
const seconds = Number(process.env['OUTAGE_SECONDS'] ?? 3);
const isWhole = seconds >= 20;
const people = isWhole ? 24 : 12;
/** Longer than every deadline towards a server together with what it takes to notice. */
const patienceMs = 10_000;
const quietUnread = 20;

/** OpenSearch takes long to start, so that it joins in only where there is time, and where it can be had. */
const products = (['mongodb', 'redis', 'opensearch'] as const).filter(
  (name) => name !== 'opensearch' || (isWhole && canHave(name)),
);
const hasOpenSearch = products.includes('opensearch');

describeWith(products, `Servers that go away for ${seconds} s under load`, ({ mongodb, redis, opensearch }) => {
  const scope = new AsyncDisposableStack();
  const told = new Map<string, Told>();
  const wrongCounts: number[] = [];
  /** Clients without a socket a while after each outage. */
  const stayedAway = new Map<string, readonly string[]>();
  let eventStore: EventStoreDb;
  let environment: Readonly<Record<string, string>>;
  let server: ServerProcess;
  let clients: readonly ChatClient[];
  let conversationIds: readonly string[];
  let acknowledged: readonly (readonly Acknowledged[])[];
  let quietId: string;
  let probedId: string;

  const join = async (rest: Rest): Promise<readonly ChatClient[]> => {
    const joined = Array.from(
      { length: people },
      (_, index) =>
        new ChatClient(rest, { username: `person-${index}`, password: `secret of ${index}` }, { isPatient: true }),
    );
    for (let first = 0; first < people; first += 6) {
      await Promise.all(
        joined.slice(first, first + 6).map(async (client) => {
          await client.register();
          await client.login();
          await client.connect();
        }),
      );
    }
    return joined;
  };

  /** Nobody writes here any more, and a third of it was deleted. */
  const prepareQuietPlace = async (writer: ChatClient, reader: ChatClient): Promise<string> => {
    const { conversationId } = await writer.start({
      kind: 'group',
      name: 'quiet',
      memberIds: [reader.userId],
      conversationId: v7(),
    });
    const messages = [];
    for (let i = 0; i < 1.5 * quietUnread; i += 1) messages.push(await writer.send(conversationId, { text: `${i}` }));
    for (const [i, { messageId }] of messages.entries()) {
      if (i % 3 === 1) await writer.delete(conversationId, messageId);
    }
    return conversationId;
  };

  const quietCount = async (reader: ChatClient): Promise<number | undefined> =>
    (await reader.feed()).find(({ conversation }) => conversation.conversationId === quietId)?.unread;

  /** Whatever happens: the count that is known is told, or none at all. */
  const watchCount = async (reader: ChatClient, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const unread = await quietCount(reader).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        return undefined;
      });
      if (unread !== undefined && unread !== quietUnread) wrongCounts.push(unread);
      await pause(50);
    }
  };

  /** Who has no socket, as soon as it is nobody, or when the time is over. Clients come back by themselves. */
  const withoutSocket = (): Promise<readonly string[]> =>
    untilNothing(
      async () => clients.filter(({ isConnected }) => !isConnected).map(({ credentials }) => credentials.username),
      20_000,
    );

  const outages = (): readonly Outage[] => {
    const processOf = (each: typeof mongodb) => each.process({ skip: () => {} } as never);
    const [mongo, cache] = [mongodb, redis].map(processOf);
    const search = hasOpenSearch ? processOf(opensearch) : undefined;
    const ofSearch: readonly Outage[] = search
      ? [
          { name: 'OpenSearch stops', begin: () => search.stop(), end: () => search.start(), isHarmless: true },
          { name: 'OpenSearch hangs', begin: () => search.freeze(), end: () => search.thaw(), isHarmless: true },
        ]
      : [];
    const all: readonly Outage[] = [
      { name: 'EventStoreDB stops', begin: () => eventStore.stop(), end: () => eventStore.start(), isHarmless: false },
      { name: 'EventStoreDB hangs', begin: () => eventStore.freeze(), end: () => eventStore.thaw(), isHarmless: false },
      { name: 'MongoDB stops', begin: () => mongo!.stop(), end: () => mongo!.start(), isHarmless: false },
      { name: 'MongoDB is killed', begin: () => mongo!.kill9(), end: () => mongo!.start(), isHarmless: false },
      { name: 'MongoDB hangs', begin: () => mongo!.freeze(), end: () => mongo!.thaw(), isHarmless: false },
      { name: 'Redis stops', begin: () => cache!.stop(), end: () => cache!.start(), isHarmless: true },
      { name: 'Redis hangs', begin: () => cache!.freeze(), end: () => cache!.thaw(), isHarmless: true },
      ...ofSearch,
    ];
    const few = new Set(['EventStoreDB stops', 'MongoDB is killed', 'Redis hangs']);
    return isWhole ? all : all.filter(({ name }) => few.has(name));
  };

  beforeAll(async () => {
    const { folder } = scope.use(await temporaryFolder());
    eventStore = scope.use(await startEventStoreDb());
    environment = {
      EVENTSTOREDB_URL: eventStore.url,
      MONGODB_URL: newDatabase(mongodb.url),
      REDIS_URL: redis.url,
      ...(hasOpenSearch && { OPENSEARCH_URL: newPrefix(opensearch.url) }),
    };
    server = scope.use(await ServerProcess.start(folder, { ...environment, LOG_LEVEL: 'warn' }));
    const rest = scope.use(new Rest(server.origin, 64));
    clients = await join(rest);
    scope.defer(async () => {
      await Promise.all(clients.map((client) => client.goAway()));
    });
    const [first, second] = clients;
    const memberIds = clients.slice(1).map(({ userId }) => userId);
    const groups = ['one', 'two', 'three', 'probed'].map((name) =>
      first!.start({ kind: 'group', name, memberIds, conversationId: v7() }),
    );
    const [probed, ...talked] = (await Promise.all(groups)).map(({ conversationId }) => conversationId).toReversed();
    probedId = probed!;
    conversationIds = talked;
    quietId = await prepareQuietPlace(first!, second!);

    const stopping = new AbortController();
    const reader = Object.assign(new ChatClient(rest, second!.credentials), {
      user: second!.user,
      accessToken: second!.accessToken,
    });
    // From then on every older count is a wrong one.
    while ((await quietCount(reader)) !== quietUnread) await pause(50);
    const watching = watchCount(reader, stopping.signal);
    const sending = clients.map((client, index) =>
      sendUntilStopped({ client, conversationIds, random: seededRandom(index + 1), signal: stopping.signal }),
    );
    for (const outage of outages()) {
      told.set(outage.name, await liveThrough(outage, seconds * 1_000, first!, probedId));
      stayedAway.set(outage.name, await withoutSocket());
    }
    const cache = new Redis(redis.url);
    for (let flush = 0; flush < 5; flush += 1) {
      await cache.flushall();
      await pause(300);
    }
    cache.disconnect();
    stopping.abort();
    acknowledged = await Promise.all(sending);
    await watching;
    const sent = acknowledged.reduce((sum, each) => sum + each.length, 0);
    const reconnects = clients.reduce((sum, client) => sum + client.reconnects, 0);
    console.log(`${people} sockets, which came back ${reconnects} times; ${sent} messages acknowledged`);
  }, 900_000);

  afterAll(() => scope.disposeAsync(), 60_000);

  test('every call is answered in time, and a refusal says when to come back', () => {
    for (const [name, { statuses, slowestMs, withoutRetryAfter, backMs }] of told) {
      const shown = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
      console.log(`${name}: ${shown}; slowest ${Math.round(slowestMs)} ms; back after ${Math.round(backMs)} ms`);
      expect(slowestMs).toBeLessThan(patienceMs);
      expect(withoutRetryAfter).toBe(0);
      expect(backMs).toBeLessThan(20_000);
      expect(new Set(statuses.keys()).difference(new Set([200, 201, 503]))).toEqual(new Set());
    }
  });

  test('what is needed for neither writing nor reading holds up neither', () => {
    for (const { name, isHarmless } of outages()) {
      expect(told.get(name)!.statuses.has(503)).toBe(!isHarmless);
    }
  });

  test('every socket is still there after each outage, or there again', () => {
    expect([...stayedAway].filter(([, names]) => names.length > 0)).toEqual([]);
  });

  test.runIf(hasOpenSearch)(
    'nothing is missing from the search index',
    async () => {
      const [, reader] = clients;
      const probes = async () =>
        (await reader!.history(probedId)).filter(({ text }) => text === 'is anybody there?').length;
      const found = async (): Promise<number | undefined> => {
        const path = `/v1${searchUrl({ q: 'anybody' })}`;
        const { facets } = (await reader!.ask('GET', path)) as FoundMessages;
        return facets?.conversations.find(({ conversationId }) => conversationId === probedId)?.count;
      };
      // A write that OpenSearch did not answer is given up after a while only.
      await expect.poll(found, { timeout: 120_000, interval: 500 }).toBe(await probes());
    },
    150_000,
  );

  test('no acknowledged message is lost or doubled', async () => {
    for (const conversationId of conversationIds) {
      const sent = acknowledged.flat().filter((message) => message.conversationId === conversationId);
      expect(sent.length).toBeGreaterThan(0);
      const expected = sent
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ messageId, seq, text }) => ({ messageId, seq, text }));
      const history = async () =>
        (await clients[0]!.history(conversationId)).map(({ messageId, seq, text }) => ({ messageId, seq, text }));
      // Read models may still be catching up.
      await expect.poll(history, { timeout: 30_000 }).toEqual(expected);
      expect(expected.map(({ seq }) => seq)).toEqual(expected.map((_, index) => index + 1));
    }
  }, 90_000);

  test('no projection is parked, and every client has the same history', async () => {
    await expect.poll(() => server.isReady(), { timeout: 20_000 }).toBe(true);
    const differences = await untilNothing(async () => {
      await Promise.all(clients.map((client) => client.settled()));
      return (await Promise.all(clients.map((client) => compareCopies(client)))).flatMap((copy) => copy.differences);
    }, 60_000);
    expect(differences).toEqual([]);
  }, 240_000);

  test('unread counts are exact, and no wrong one was ever told', async () => {
    expect(wrongCounts).toEqual([]);
    await using ports = await openPorts(loadConfig({ ...environment, DATA_DIR: server.folder }), { exclusive: false });
    const folded = foldLog(await readLogOf(ports.events));
    const differences = await Promise.all(clients.map((client) => compareCounts(client, folded)));
    expect(differences.flat()).toEqual([]);
  }, 60_000);
});
