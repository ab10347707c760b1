/**
 * One shard, since only then counts and ranks are exact; a copy of it where there is a second node. It is refreshed by
 * those who search. No search reads the documents themselves, so they are packed tightly. What was removed leaves the
 * disk with the next merge, which leaves nothing removed in what it merges; operations are kept for a copy that is away
 * for five minutes, since they hold what was removed, too.
 */
const settings = {
  'index.number_of_shards': 1,
  'index.auto_expand_replicas': '0-1',
  'index.refresh_interval': '30s',
  'index.translog.durability': 'request',
  'index.codec': 'best_compression',
  'index.merge.policy.expunge_deletes_allowed': 0,
  'index.soft_deletes.retention_lease.period': '5m',
} as const;

const stored = { index: false, doc_values: false } as const;
const counted = { index: false, doc_values: true } as const;

/** Tokens come as they are to be; splitting them at spaces is all that is left to do. */
const tokens = { type: 'text', analyzer: 'whitespace' } as const;

/** What is filtered by, what is sorted and counted by, and nothing that a document brings with it. */
const properties = {
  words: tokens,
  extras: { ...tokens, index_options: 'docs', norms: false },
  labels: { type: 'keyword', doc_values: false },
  group: { type: 'keyword' },
  seq: { type: 'long', ...counted },
  author: { type: 'keyword' },
  at: { type: 'date', format: 'strict_date_time' },
  kept: { type: 'object', enabled: false },
  id: { type: 'keyword', ...counted },
  position: { type: 'keyword', ...stored },
  removed: { type: 'boolean', doc_values: false },
} as const;

/** A search that must not find what was removed. */
export const isRemoved = { term: { removed: { value: true } } } as const;

export interface CollectionMeta {
  readonly prefix: string;
  readonly collection: string;
}

export const collectionIndex = (meta: CollectionMeta) => ({
  settings: { ...settings, 'index.max_terms_count': 1_000_000 },
  mappings: { dynamic: 'strict' as const, _meta: { parley: meta }, properties },
});

export const checkpointIndex = {
  settings: { ...settings, 'index.refresh_interval': '-1' },
  mappings: { dynamic: 'strict' as const, properties: { name: { type: 'keyword' }, position: properties.position } },
} as const;
