import { statSync } from 'node:fs';
import path from 'node:path';
import { SqliteSearchStore } from '../adapters/sqlite/search-store.ts';
import { temporaryFolder } from '../app/demo/server-process.ts';
import { seededRandom, type Random } from '../app/demo/random.ts';
import type { SearchQuery, SearchStore } from '../ports/search-store.ts';
import { textQueryOf } from '../search/clauses.ts';
import { partsOf } from '../search/query-parts.ts';
import { languages } from '../test/support/search-languages.ts';
import { benchMessages, conversationId, conversations, userId } from './search-messages.ts';
import { milliseconds, percentile, printTable, rate } from './statistics.ts';

const collection = 'search.v1.1.messages';
const perCommit = 1_000;
const perKind = 150;
/** Conversations that whoever searches is in. */
const ownConversations = 200;

export interface Indexing {
  readonly messages: number;
  readonly seconds: number;
  readonly textBytes: number;
  readonly samples: readonly string[];
}

/** Analyses and writes so many messages. */
export const indexMessages = async (store: SearchStore, count: number): Promise<Indexing> => {
  await store.ensure([{ name: collection, fields: [], indexes: [] }]);
  const samples: string[] = [];
  let textBytes = 0;
  let spent = 0;
  let position = 0n;
  let batch: { collection: string; id: string; position: bigint; body: object }[] = [];
  const commit = async (): Promise<void> => {
    const started = performance.now();
    await store.commit(batch);
    spent += performance.now() - started;
    batch = [];
  };
  for (const message of benchMessages(count)) {
    position += 1n;
    textBytes += Buffer.byteLength(message.text);
    if (position % 97n === 0n) samples.push(message.text);
    const started = performance.now();
    batch.push({ collection, id: message.id, position, body: message.document });
    spent += performance.now() - started;
    if (batch.length === perCommit) await commit();
  }
  await commit();
  return { messages: count, seconds: spent / 1_000, textBytes, samples };
};

const wordsOf = (text: string): readonly string[] => text.match(/\p{L}{4,}/gu) ?? ['clojure'];

type MakeQuery = (random: Random, sample: string) => { readonly q: string; readonly more?: Partial<SearchQuery> };

const unspaced = languages.filter(({ name }) => ['Chinese', 'Japanese', 'Korean', 'Thai'].includes(name));

const kinds: Readonly<Record<string, MakeQuery>> = {
  term: (random, sample) => ({ q: `${random.pick(wordsOf(sample))} ` }),
  'frequent term': (random) => ({ q: `${random.pick(['the', 'that', 'with', 'clojure', 'this'])} ` }),
  'two terms': (random, sample) => ({ q: `${random.pick(wordsOf(sample))} ${random.pick(wordsOf(sample))} ` }),
  phrase: (_, sample) => ({ q: `"${sample.split(/\s+/).slice(1, 4).join(' ').replaceAll('"', '')}"` }),
  prefix: (random, sample) => ({ q: random.pick(wordsOf(sample)).slice(0, 3) }),
  'in one conversation': (random, sample) => ({
    q: `${random.pick(wordsOf(sample))} `,
    more: { visible: [{ group: conversationId(random.below(50)), afterSeq: 0 }] },
  }),
  'by one sender, a month': (random, sample) => ({
    q: `${random.pick(wordsOf(sample))} `,
    more: {
      authors: [userId(random.below(100))],
      from: '2018-02-10T00:00:00.000Z',
      before: '2018-03-10T00:00:00.000Z',
    },
  }),
  'Chinese, Japanese, Korean, Thai': (random) => {
    const { terms, phrases } = random.pick(unspaced);
    return { q: `"${random.pick([...terms, ...phrases])}"` };
  },
  'newest first': (random, sample) => ({ q: `${random.pick(wordsOf(sample))} `, more: { sort: 'newest' } }),
  'the second page': (random, sample) => ({
    q: `${random.pick(wordsOf(sample))} `,
    more: { facets: 0, offset: 20 },
  }),
};

export interface Timing {
  readonly kind: string;
  readonly times: readonly number[];
}

/** First pages with facets, for somebody who is in some of the conversations. */
export const timeQueries = async (store: SearchStore, { samples }: Indexing): Promise<readonly Timing[]> => {
  const random = seededRandom(3);
  const visible = Array.from({ length: ownConversations }, (_, i) => ({
    group: conversationId(Math.floor((i * conversations) / ownConversations)),
    afterSeq: 0,
  }));
  const timings: Timing[] = [];
  for (const [kind, make] of Object.entries(kinds)) {
    const times: number[] = [];
    for (let i = 0; i < perKind; i += 1) {
      const { q, more } = make(random, random.pick(samples));
      const query = textQueryOf(partsOf(q).filter((part) => part.kind === 'text'));
      if (query.every.length === 0) continue;
      const started = performance.now();
      await store.search(collection, { ...query, visible, sort: 'relevance', limit: 21, facets: 20, ...more });
      times.push(performance.now() - started);
    }
    timings.push({ kind, times });
  }
  return timings;
};

export const printSearch = (product: string, indexing: Indexing, bytes: number, timings: readonly Timing[]): void => {
  const { messages, seconds, textBytes } = indexing;
  const megabytes = (size: number): string => `${(size / 1e6).toFixed(1)} MB`;
  printTable(`Search in ${product}: ${messages} messages`, [
    ['indexed', 'text', 'index', 'index / text'],
    [rate(messages / seconds), megabytes(textBytes), megabytes(bytes), (bytes / textBytes).toFixed(2)],
  ]);
  printTable('Queries, one after another', [
    ['first page with facets of', 'p50', 'p99', 'queries'],
    ...timings.map(({ kind, times }) => [
      kind,
      milliseconds(percentile(times, 0.5)),
      milliseconds(percentile(times, 0.99)),
      String(times.length),
    ]),
  ]);
};

/** How fast messages are indexed and found in the embedded store, and how large the index is. */
export const benchSearch = async (count: number): Promise<void> => {
  await using temporary = await temporaryFolder();
  const file = path.join(temporary.folder, 'search.db');
  await using store = new SqliteSearchStore(file);
  const indexing = await indexMessages(store, count);
  const timings = await timeQueries(store, indexing);
  await store[Symbol.asyncDispose]();
  printSearch('SQLite FTS5', indexing, statSync(file).size, timings);
};
