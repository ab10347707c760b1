import { Worker } from 'node:worker_threads';
import { DocumentStoreUnavailable } from '../../ports/document-store.ts';
import type { SearchSql } from './search-query.ts';

export interface SearchTask extends SearchSql {
  readonly id: number;
}
export type SearchAnswer =
  | { readonly id: number; readonly rows: readonly object[] }
  | { readonly id: number; readonly failure: string };

/** So many searches may wait for those before them. */
const mostWaiting = 100;
/** A search that takes longer is given up, and with it those that wait behind it. */
const longestMs = 10_000;

interface Waiting {
  readonly resolve: (rows: readonly object[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Reads from a database file in another thread, one statement after another. Sees what was committed before it was
 * asked. Throws `DocumentStoreUnavailable`.
 */
export class SearchReader implements AsyncDisposable {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  all({ sql, values }: SearchSql): Promise<readonly object[]> {
    if (this.#waiting.size >= mostWaiting) throw new DocumentStoreUnavailable('Too many searches at once');
    const id = (this.#lastId += 1);
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<readonly object[]>();
    const timer = setTimeout(() => void this.#giveUp(worker, 'A search took too long'), longestMs).unref();
    this.#waiting.set(id, { resolve, reject, timer });
    worker.ref();
    worker.postMessage({ id, sql, values } satisfies SearchTask, []);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    if (worker !== undefined) await this.#giveUp(worker, 'The search index is closed');
  }

  #start(): Worker {
    const worker = new Worker(new URL('search-worker.ts', import.meta.url), { workerData: { path: this.#path } });
    worker.on('message', (answer: SearchAnswer) => this.#answered(worker, answer));
    worker.on('error', () => void this.#giveUp(worker, 'The search index cannot be read'));
    return worker;
  }

  #answered(worker: Worker, answer: SearchAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if ('rows' in answer) waiting.resolve(answer.rows);
    else waiting.reject(new DocumentStoreUnavailable(answer.failure));
    // An idle thread keeps no process alive.
    if (this.#waiting.size === 0) worker.unref();
  }

  /** The next search begins with a new thread. */
  async #giveUp(worker: Worker, reason: string): Promise<void> {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of all) {
      clearTimeout(timer);
      reject(new DocumentStoreUnavailable(reason));
    }
    await worker.terminate();
  }
}
