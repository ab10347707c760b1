import { describe, expect, it } from 'vitest';
import type { SqliteDocumentStore } from '../../adapters/sqlite/document-store.ts';
import type { DomainEvent } from '../../domain/catalog.ts';
import type { IndexQuery, IndexRange } from '../../ports/document-store.ts';
import { createReadModels } from '../../projections/read-models.ts';
import type { ReadModels } from '../../projections/queries.ts';
import { modelsOf } from '../../projections/start.ts';
import { about, ann, at, ben, cat, id, room, roomStream, sent, started } from './support/facts.ts';
import { openReadSide, type ReadSide } from './support/read-side.ts';

interface Look {
  readonly collection: string;
  readonly range: IndexRange & Partial<IndexQuery>;
  readonly plan: readonly string[];
  /** How many documents came back, or were counted. */
  readonly found: number;
}

/** The same read models, but every look-up is written down with SQLite's plan for it. */
const watched = (side: ReadSide): { readonly readModels: ReadModels; readonly looks: Look[] } => {
  const looks: Look[] = [];
  const { documents, supervisor } = side;
  const store = new Proxy(documents, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const result = (await Reflect.apply(method, target, args)) as unknown;
        if (property === 'find' || property === 'count') {
          const [collection, range] = args as Parameters<SqliteDocumentStore['explain']>;
          const found = Array.isArray(result) ? result.length : Number(result);
          looks.push({ collection, range, plan: target.explain(collection, range), found });
        }
        return result;
      };
    },
  });
  return {
    readModels: createReadModels({ documents: store, search: side.search, models: modelsOf(supervisor) }),
    looks,
  };
};

const messages = 1_000;
const rootId = id(1001);

const openBusyRoom = async () => {
  const side = await openReadSide();
  const history: DomainEvent[] = Array.from({ length: messages }, (_, index) =>
    sent(index + 1, {
      mentions: index % 100 === 99 ? [ben] : [],
      threadRootId: index % 10 === 9 ? rootId : null,
    }),
  );
  const later: DomainEvent[] = [
    { type: 'MessagePinned', data: { ...about(7), by: ann } },
    { type: 'MessageDeleted', data: { ...about(8), by: ann, mentions: [] } },
    { type: 'MessageDeleted', data: { ...about(990), by: ann, mentions: [] } },
    { type: 'MessageHidden', data: { ...about(995), userId: ben } },
    { type: 'MessageHidden', data: { ...about(1_000), userId: ben } },
    { type: 'ReceiptsRecorded', data: { receipts: [{ userId: ben, deviceId: id(9), read: 980 }], at: at(2_000) } },
    { type: 'InviteCreated', data: { inviteId: id(8), by: ann, expiresAt: at(9_000), maxUses: null, at: at(2_000) } },
    { type: 'MemberRemoved', data: { userId: cat, by: ann, at: at(2_000) } },
  ];
  const beginning = started({ kind: 'channel', members: { [ann]: 'owner', [ben]: 'member', [cat]: 'member' } });
  const position = await side.writer.write(roomStream, beginning, ...history, ...later);
  await side.until(position);
  return side;
};

const visible = { conversationId: room, userId: ben, afterSeq: 3 };
const limit = 20;

/** Every query there is that does not merely fetch by id. */
const queries: Record<string, (readModels: ReadModels) => Promise<unknown>> = {
  'the newest page': ({ timeline }) => timeline.history(visible, { kind: 'newest' }, limit),
  'a page before': ({ timeline }) => timeline.history(visible, { kind: 'before', seq: 500 }, limit),
  'a page after': ({ timeline }) => timeline.history(visible, { kind: 'after', seq: 500 }, limit),
  'a page around': ({ timeline }) => timeline.history(visible, { kind: 'around', seq: 500 }, limit),
  'a page at a time': ({ timeline }) => timeline.history(visible, { kind: 'at', time: at(500) }, limit),
  'the newest page of a thread': ({ timeline }) => timeline.thread(visible, rootId, { kind: 'newest' }, limit),
  'a page of a thread': ({ timeline }) => timeline.thread(visible, rootId, { kind: 'around', seq: 500 }, limit),
  'a page of a thread at a time': ({ timeline }) =>
    timeline.thread(visible, rootId, { kind: 'at', time: at(5) }, limit),
  pins: ({ timeline }) => timeline.pins(visible, undefined, limit),
  'more pins': ({ timeline }) => timeline.pins(visible, [at(100), id(1007)], limit),
  'what changed': ({ timeline }) => timeline.changedSince(visible, 900, limit),
  recall: ({ timeline }) => timeline.recall(room, [id(1001)]),
  memberships: ({ feed }) => feed.memberships(ben),
  entries: async ({ feed }) => feed.entries(await feed.memberships(ben)),
  'unread counts': async ({ feed }) => feed.unreadCounts(await feed.memberships(ben)),
  members: ({ feed }) => feed.members(room, undefined, limit),
  'more members': ({ feed }) => feed.members(room, [at(0), ann], limit),
  'changed members': ({ feed }) => feed.membersChangedSince(room, 3, limit),
  'what was left': ({ feed }) => feed.leftSince(cat, 0n),
  'what is hidden since': ({ feed }) => feed.hiddenSince(room, ben, 3),
  receipts: ({ feed }) => feed.receiptsOf(room, 5, undefined, limit),
  'more receipts': ({ feed }) => feed.receiptsOf(room, 5, [ann, id(9)], limit),
  invites: ({ feed }) => feed.invites(room),
  channels: ({ feed }) => feed.channels('ro', undefined, limit),
  'more channels': ({ feed }) => feed.channels('ro', ['room', id(1)], limit),
  'a username': ({ profiles }) => profiles.userByUsername('ann'),
  'users by prefix': ({ profiles }) => profiles.usersByPrefix('a', undefined, limit),
  'more users by prefix': ({ profiles }) => profiles.usersByPrefix('a', 'ann', limit),
  contacts: ({ contacts }) => contacts.contacts(ann, undefined, limit),
  'more contacts': ({ contacts }) => contacts.contacts(ann, ben, limit),
  blocks: ({ contacts }) => contacts.blocks(ann, undefined, limit),
  devices: ({ devices }) => devices.devices(ann),
};

describe('the plan of SQLite', () => {
  it('is one search of an index for every look-up of every query', async () => {
    await using side = await openBusyRoom();
    for (const [name, query] of Object.entries(queries)) {
      const { readModels, looks } = watched(side);
      await query(readModels);
      const plans = looks.map(({ plan }) => [name].concat(plan));
      expect(plans.length).toBeGreaterThan(0);
      const search = [name, expect.stringMatching(/^SEARCH \S+ USING (COVERING )?INDEX/) as string];
      expect(plans).toEqual(plans.map(() => search));
    }
  });

  it('shows what a page of history and a page of the feed look up', async () => {
    await using side = await openBusyRoom();
    const { readModels, looks } = watched(side);
    await readModels.timeline.history(visible, { kind: 'newest' }, limit);
    const shown = looks.map(({ collection, range, plan }) => [
      collection.replace(/\.v\d+\.\d+\./, '.'),
      range.index,
      plan
        .join()
        .replace(/^.*\(/, '(')
        .replaceAll(/key\W|[^\w ()=<>?]/g, ''),
    ]);
    const page = [
      ['timeline.messages', 'bySeq', '(conversationId=? AND seq>? AND seq<?)'],
      ['feed.hidden', 'bySeq', '(conversationId=? AND userId=? AND seq>? AND seq<?)'],
    ];
    // Two messages were hidden, so two more are looked up.
    expect(shown).toEqual([...page, ...page]);
    looks.length = 0;
    await readModels.feed.entries(await readModels.feed.memberships(ben));
    expect(looks.map(({ collection, range }) => [collection.replace(/\.v\d+\.\d+\./, '.'), range.index])).toEqual([
      ['feed.members', 'byUser'],
      ['feed.gaps', 'bySeq'],
      ['feed.hidden', 'bySeq'],
      ['feed.mentions', 'byTarget'],
      ['feed.mentions', 'byTarget'],
      ['feed.hidden', 'bySeq'],
      ['timeline.messages', 'bySeq'],
      ['feed.hidden', 'bySeq'],
      ['timeline.messages', 'bySeq'],
      ['feed.hidden', 'bySeq'],
      ['timeline.messages', 'bySeq'],
    ]);
  });
});

describe('a page', () => {
  it.each(Object.keys(queries).filter((name) => name.includes('page')))(
    'reads no more messages than it holds: %s',
    async (name) => {
      await using side = await openBusyRoom();
      const { readModels, looks } = watched(side);
      await queries[name]!(readModels);
      const read = looks
        .filter(({ collection }) => collection.endsWith('.messages'))
        .reduce((sum, { found }) => sum + found, 0);
      // One more on either side tells whether there is more; two hidden ones were passed over.
      expect(read).toBeLessThanOrEqual(2 * (limit + 1) + 3);
    },
  );

  it('of the feed reads of an unread conversation what is unread and not there, and nothing else', async () => {
    await using side = await openBusyRoom();
    const { readModels, looks } = watched(side);
    const [entry] = await readModels.feed.entries(await readModels.feed.memberships(ben));
    expect(entry).toMatchObject({ unread: 20 - 1 - 2, mentions: 0, lastMessage: { seq: 999 } });
    const counted = looks.filter(({ collection }) => !collection.endsWith('.members'));
    expect(counted.map(({ found }) => found).reduce((sum, found) => sum + found, 0)).toBeLessThanOrEqual(10);
  });
});
