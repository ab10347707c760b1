import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SearchAnswer, SearchTask } from './search-reader.ts';

/** Runs in a thread of its own, so that a search that takes long holds up nothing else. */
const { path } = workerData as { readonly path: string };
const db = new DatabaseSync(path, { readOnly: true, readBigInts: true, timeout: 5_000 });
db.exec(`pragma cache_size = ${-1024 * 64}; pragma temp_store = memory`);

parentPort!.on('message', ({ id, sql, values }: SearchTask) => {
  let answer: SearchAnswer;
  try {
    answer = { id, rows: db.prepare(sql).all(...values) };
  } catch (error) {
    answer = { id, failure: error instanceof Error ? error.message : String(error) };
  }
  parentPort!.postMessage(answer, []);
});
