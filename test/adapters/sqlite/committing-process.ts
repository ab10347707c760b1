import { SqliteDocumentStore } from '../../../adapters/sqlite/document-store.ts';

/** Moves a checkpoint together with fifty documents until killed, and prints every position it reached. */
const store = new SqliteDocumentStore(process.argv[2]!);
await store.ensure([{ name: 'things', fields: ['n'], indexes: [{ name: 'byN', fields: ['n'] }] }]);

let from: bigint | undefined;
for (let to = 0n; ; to += 1n) {
  const n = Number(to);
  const writes = Array.from({ length: 50 }, (_, i) => ({
    collection: 'things',
    id: `${i}`,
    position: to,
    body: { n },
  }));
  if (!(await store.commit(writes, { name: 'c', from, to }))) throw new Error('fenced');
  process.stdout.write(`${to}\n`);
  from = to;
}
