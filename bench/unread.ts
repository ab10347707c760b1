import { setTimeout as pause } from 'node:timers/promises';
import { SqliteDocumentStore } from '../adapters/sqlite/document-store.ts';
import { SqliteEventStore } from '../adapters/sqlite/event-store.ts';
import { SqliteSearchStore } from '../adapters/sqlite/search-store.ts';
import { connectMongo } from '../adapters/mongodb/connection.ts';
import { MongoDocumentStore } from '../adapters/mongodb/document-store.ts';
import { RedisSeqSets } from '../adapters/redis/seq-sets.ts';
import { catalog } from '../domain/catalog.ts';
import { defaultSettings } from '../domain/conversation/values.ts';
import { derivedId } from '../domain/ids.ts';
import type { DocumentStore, Write } from '../ports/document-store.ts';
import type { SeqSets } from '../ports/seq-sets.ts';
import { gapKey } from '../projections/feed/absences.ts';
import type { ConversationDocument, GapDocument, MemberDocument } from '../projections/feed/documents.ts';
import { memberKey } from '../projections/feed/members.ts';
import { emptyDigest, extendDigest } from '../projections/feed/seq-digest.ts';
import { createLogTail } from '../projections/log-tail.ts';
import { positionKey } from '../projections/projection.ts';
import { startProjections, type RunningProjections } from '../projections/start.ts';
import { mongoKind, redisKind } from '../test/servers/kinds.ts';
import { mongoUrl } from '../test/servers/programs.ts';
import { ServerProcess } from '../test/servers/server-process.ts';
import { milliseconds, percentile, printTable } from './statistics.ts';

const conversations = 200;
const pageItems = 50;
const conversationIds = Array.from({ length: conversations }, (_, index) =>
  derivedId('bench', 'conversation', String(index)),
);
const rounds = 30;
const at = '2026-01-01T00:00:00.000Z';

/** Every other message of a conversation is deleted; each user has so many of the deletions above his read pointer. */
const seqsOfGaps = (gaps: number): readonly number[] => Array.from({ length: gaps }, (_, index) => 2 * index + 1);

const headOf = (conversationId: string, gaps: number): ConversationDocument => ({
  conversationId,
  kind: 'group',
  name: 'Group',
  topic: null,
  avatarMediaId: null,
  settings: defaultSettings,
  retentionSeconds: null,
  memberCount: 1,
  createdAt: at,
  closedAt: null,
  lastSeq: 2 * gaps,
  lastActivityAt: at,
  lastMessage: null,
  deletedCount: gaps,
  lastDeletedSeq: 2 * gaps - 1,
  deletedDigest: extendDigest(emptyDigest, seqsOfGaps(gaps)),
  openedRevision: -1,
  revision: 3 * gaps,
  changedPosition: positionKey(0n),
  channelKey: null,
});

const memberOf = (conversationId: string, userId: string, readSeq: number): MemberDocument => ({
  conversationId,
  userId,
  role: 'member',
  joinedAt: at,
  joinedSeq: 0,
  readSeq,
  deliveredSeq: readSeq,
  unreadFrom: null,
  mutedUntil: null,
  pinned: false,
  archived: false,
  clearedSeq: 0,
  lastHiddenSeq: 0,
  hiddenCount: 0,
  hiddenDigest: emptyDigest,
  leftAt: null,
  revision: 0,
  clearedRevision: -1,
  joinedPosition: positionKey(0n),
  leftPosition: null,
  changedPosition: positionKey(0n),
  memberOf: conversationId,
  memberId: userId,
});

const userOf = (unreadGaps: number): string => derivedId('bench', 'unread', String(unreadGaps));

/** The documents as the projection would have made them, without the log that it would have made them from. */
const seed = async (documents: DocumentStore, build: string, gaps: number, users: readonly number[]): Promise<void> => {
  for (const conversationId of conversationIds) {
    const write = (collection: string, id: string, body: object): Write => ({
      collection: `${build}.${collection}`,
      id,
      position: 0n,
      body,
    });
    const ofGaps = seqsOfGaps(gaps).map((seq, place) => {
      const gap: GapDocument = { conversationId, seq, revision: 2 * gaps + 1 + place };
      return write('gaps', gapKey(conversationId, seq), gap);
    });
    const ofUsers = users.map((unread) => {
      const member = memberOf(conversationId, userOf(unread), 2 * (gaps - unread));
      return write('members', memberKey(conversationId, member.userId), member);
    });
    await documents.commit([
      write('conversations', conversationId, headOf(conversationId, gaps)),
      ...ofUsers,
      ...ofGaps,
    ]);
  }
};

const isHeld = async (seqSets: SeqSets | undefined, gaps: number): Promise<boolean> => {
  if (seqSets === undefined) return true;
  const held = await Promise.allSettled(
    conversationIds.map(async (conversationId) => (await seqSets.held(`gaps:${conversationId}`))?.count),
  );
  return held.every((set) => set.status === 'fulfilled' && set.value === gaps);
};

/** A projection that needs a while to begin is opened before there is anything to read. */
const liveBuildOf = async ({ supervisor }: RunningProjections): Promise<string> => {
  for (;;) {
    const build = supervisor.runner('feed').liveBuild();
    if (build !== undefined) return build;
    await pause(20);
  }
};

const page = async (
  documents: DocumentStore,
  seqSets: SeqSets | undefined,
  gaps: number,
  unreadGaps: number,
): Promise<number[]> => {
  await using events = new SqliteEventStore(':memory:');
  await using search = new SqliteSearchStore(':memory:');
  await using tail = createLogTail({ events, catalog });
  await using running = await startProjections({ events, documents, search, tail, seqSets, projects: false });
  await liveBuildOf(running);
  const { feed } = running.readModels;
  const read = async (): Promise<void> => {
    const memberships = await feed.memberships(userOf(unreadGaps));
    const counts = await feed.unreadCounts(memberships);
    await feed.entries(memberships.slice(0, pageItems));
    if (counts.length !== conversations || counts.some((count) => count !== unreadGaps)) throw new Error('Miscounted');
  };
  await read();
  // Until everything is counted where it is to be counted.
  while (!(await isHeld(seqSets, gaps))) {
    await read();
    // SQLite answers without a turn of the event loop, in which alone Redis can be heard.
    await pause(20);
  }
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await read();
    times.push(performance.now() - startedAt);
    await pause(1);
  }
  return times;
};

const compare = async (
  name: string,
  documents: DocumentStore,
  seqSets: SeqSets,
  gaps: number,
  users: readonly number[],
): Promise<readonly (readonly string[])[]> => {
  await using events = new SqliteEventStore(':memory:');
  await using search = new SqliteSearchStore(':memory:');
  await using tail = createLogTail({ events, catalog });
  await using running = await startProjections({ events, documents, search, tail });
  await seed(documents, await liveBuildOf(running), gaps, users);
  const rows: string[][] = [];
  for (const unread of users) {
    const counted = await page(documents, undefined, gaps, unread);
    const told = await page(documents, seqSets, gaps, unread);
    const shown = [counted, told].flatMap((times) => [0.5, 0.95].map((part) => milliseconds(percentile(times, part))));
    rows.push([name, String(unread), ...shown]);
  }
  return rows;
};

/**
 * A page of the feed of 200 conversations, all unread and full of deletions: counted in documents, and in Redis. With
 * MongoDB, too, by `BENCH_UNREAD_MONGODB=on`: its stand-in takes many minutes to count.
 */
export const benchUnread = async (): Promise<void> => {
  const [redis, mongo] = [redisKind(), mongoKind()];
  if (redis === undefined) return console.log('\nUnread counts: there is no Redis here to compare with\n');
  await using redisServer = await ServerProcess.start(redis);
  await using seqSets = new RedisSeqSets({ url: `redis://127.0.0.1:${redisServer.port}` });
  await using sqlite = new SqliteDocumentStore(':memory:');
  print(await compare('SQLite', sqlite, seqSets, 2_000, [20, 200, 2_000]));
  if (mongo === undefined || process.env['BENCH_UNREAD_MONGODB'] !== 'on') return;
  await using mongoServer = await ServerProcess.start(mongo);
  await using connection = await connectMongo(mongoUrl(mongoServer.port), { answerMs: 60_000 });
  await using documents = new MongoDocumentStore(connection);
  print(await compare('MongoDB', documents, seqSets, 100, [20, 100]));
};

const print = (rows: readonly (readonly string[])[]): void =>
  printTable(`A page of the feed of ${conversations} conversations, ${pageItems} of them shown`, [
    ['documents in', 'deletions among the unread of each', 'counted there p50', 'p95', 'with Redis p50', 'p95'],
    ...rows,
  ]);
