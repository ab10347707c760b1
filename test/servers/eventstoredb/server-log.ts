import path from 'node:path';
import { mkdirSync } from 'node:fs';
import { Bell } from '../../../adapters/sqlite/bell.ts';
import { SqliteEventStore } from '../../../adapters/sqlite/event-store.ts';
import { RevisionConflict } from '../../../ports/event-store.ts';
import { LogReader, type Extent } from './log-reader.ts';
import { lastRevision, recordBytes, systemEvent, tombstoneType, toNewEvent, type Proposed } from './stored.ts';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export type Outcome =
  | { readonly kind: 'appended'; readonly revision: bigint; readonly position: bigint }
  | { readonly kind: 'wrong-version'; readonly current: bigint | undefined }
  | { readonly kind: 'stream-deleted' };

interface Remembered {
  readonly stream: string;
  readonly revision: bigint;
}

/** Ids that appends without an exact revision are compared with; forgotten with the process. */
const mostRemembered = 50_000;

/** The log of the test server: an embedded event store, and the rules of the product that go beyond it. */
export class ServerLog implements AsyncDisposable {
  readonly bell = new Bell();
  readonly reader: LogReader;
  readonly #store: SqliteEventStore;
  readonly #remembered = new Map<string, Remembered>();

  private constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'events.db');
    this.#store = new SqliteEventStore(file, { pollMs: 3_600_000 });
    this.reader = new LogReader(file);
  }

  /** An empty folder gets the one system event that a fresh node has. */
  static async open(folder: string): Promise<ServerLog> {
    const log = new ServerLog(folder);
    await log.append('$$$scavenges', [systemEvent('$metadata', {})], 'no_stream');
    return log;
  }

  async append(stream: string, events: readonly Proposed[], expected: Expected): Promise<Outcome> {
    for (;;) {
      const extent = this.reader.extent(stream);
      if (extent.isTombstoned) return { kind: 'stream-deleted' };
      const last = extent.last ?? -1n;
      const after = this.#place(extent, expected);
      if (after === undefined) return { kind: 'wrong-version', current: extent.last };
      const isExact = typeof expected === 'bigint' || expected === 'no_stream';
      const repeated = isExact ? undefined : this.#repeat(stream, events);
      if (repeated !== undefined) return repeated;
      if (events.length === 0) {
        if (after !== last) return { kind: 'wrong-version', current: extent.last };
        return { kind: 'appended', revision: last < 0n ? 0n : last, position: this.reader.head() };
      }
      if (extent.isDeleted) await this.#truncate(stream, last + 1n);
      const outcome = await this.#write(stream, events, after);
      if (outcome.kind === 'appended' || isExact) return outcome;
    }
  }

  /** Hides all events of a stream; its numbering goes on. */
  async delete(stream: string, expected: Expected): Promise<Outcome> {
    const extent = this.reader.extent(stream);
    if (extent.isTombstoned) return { kind: 'stream-deleted' };
    const fits = extent.last !== undefined && this.#place(extent, expected) === extent.last;
    if (!fits) return { kind: 'wrong-version', current: extent.last };
    return await this.#truncate(stream, lastRevision);
  }

  /** Ends a stream for ever, also one that does not exist yet. */
  async tombstone(stream: string, expected: Expected): Promise<Outcome> {
    return await this.append(stream, [systemEvent(tombstoneType, {})], expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
    this.reader[Symbol.dispose]();
    this.bell.ring();
  }

  /** The revision after which to write, or nothing where the stream is not as expected. */
  #place({ last, isDeleted }: Extent, expected: Expected): bigint | undefined {
    const end = last ?? -1n;
    if (expected === 'any') return end;
    if (expected === 'no_stream') return isDeleted ? end : -1n;
    if (expected === 'stream_exists') return last === undefined ? undefined : end;
    // Appends that were sent before may not be written yet, so only the store can tell whether it fits.
    return expected;
  }

  async #write(stream: string, events: readonly Proposed[], after: bigint): Promise<Outcome> {
    try {
      const rows = events.map((event) => toNewEvent(event));
      const appended = await this.#store.append(stream, rows, Number(after));
      const outcome = { revision: BigInt(appended.revision), position: appended.position * recordBytes };
      this.#remember(stream, events, outcome.revision);
      this.bell.ring();
      return { kind: 'appended', ...outcome };
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      return { kind: 'wrong-version', current: this.reader.extent(stream).last };
    }
  }

  async #truncate(stream: string, before: bigint): Promise<Outcome> {
    return await this.append(`$$${stream}`, [systemEvent('$metadata', `{"$tb":${before}}`)], 'any');
  }

  #remember(stream: string, events: readonly Proposed[], last: bigint): void {
    for (const [i, { id }] of events.entries()) {
      this.#remembered.set(id, { stream, revision: last - BigInt(events.length - 1 - i) });
      if (this.#remembered.size > mostRemembered) this.#remembered.delete(this.#remembered.keys().next().value!);
    }
  }

  #repeat(stream: string, events: readonly Proposed[]): Outcome | undefined {
    const known = events.map(({ id }) => this.#remembered.get(id)).filter((each) => each?.stream === stream);
    const isFirstKnown = this.#remembered.get(events[0]?.id ?? '')?.stream === stream;
    if (!isFirstKnown) return undefined;
    if (known.length < events.length) return { kind: 'wrong-version', current: this.reader.extent(stream).last };
    const { revision } = known.at(-1)!;
    const { position } = this.reader.streamPage(stream, revision, 'forwards', 1)[0]!;
    return { kind: 'appended', revision, position };
  }
}
