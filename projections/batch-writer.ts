import type { Document, ProjectedStore, Write } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import { addressOf, foldEvents, touchedBy, type Touched } from './fold.ts';
import { isAboutBuild, ProjectionFailed, ProjectorFenced } from './projection-errors.ts';
import type { Key, LoggedEvent, Projection } from './projection.ts';

export interface BatchWriterOptions {
  readonly documents: ProjectedStore;
  readonly projection: Projection;
  readonly build: string;
  /** Name of the checkpoint that moves along. */
  readonly checkpointName: string;
  /** Where it stands. */
  readonly checkpoint: Position;
  /** About how many documents one commit may change. */
  readonly batchDocuments: number;
  readonly onProgress: (position: Position) => void;
}

/** Brings a build, or a shard of it, forward, batch by batch, under the fence of its checkpoint. */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  #checkpoint: Position;
  #position: Position;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
    this.#checkpoint = options.checkpoint;
    this.#position = options.checkpoint;
  }

  /** Events that changed no document were passed without moving the checkpoint. */
  get isBehind(): boolean {
    return this.#checkpoint < this.#position;
  }

  /** Throws `ProjectionFailed` at an event that cannot be projected, with everything before it committed. */
  async write(events: readonly LoggedEvent[]): Promise<void> {
    const touched = events.map((logged) => touchedBy(this.#options.projection, logged));
    for (const batch of batchesOf(touched, this.#options.batchDocuments)) {
      try {
        await this.#apply(batch);
      } catch (error) {
        if (isAboutBuild(error)) throw error;
        await this.#applyOneByOne(batch);
      }
    }
  }

  /** Nothing stands in the log between here and this position. */
  pass(position: Position): void {
    if (position <= this.#position) return;
    this.#position = position;
    this.#options.onProgress(position);
  }

  async saveCheckpoint(): Promise<void> {
    if (this.isBehind) await this.#commit([], this.#position);
  }

  /** Finds out which event it is that fails. */
  async #applyOneByOne(events: readonly Touched[]): Promise<void> {
    for (const touched of events) {
      try {
        await this.#apply([touched]);
      } catch (error) {
        if (isAboutBuild(error) || error instanceof ProjectionFailed) throw error;
        throw new ProjectionFailed(touched.logged, touched.logged.event.type, error);
      }
    }
  }

  async #apply(batch: readonly Touched[]): Promise<void> {
    const { projection, build } = this.#options;
    const known = await this.#load(batch.flatMap(({ keys }) => keys));
    const writes = foldEvents(projection, known, batch).map(({ collection, id, position, body }): Write => ({
      collection: `${build}.${collection}`,
      id,
      position,
      body,
    }));
    const { position } = batch.at(-1)!.logged;
    if (writes.length > 0) await this.#commit(writes, position);
    this.pass(position);
  }

  async #load(keys: readonly Key[]): Promise<ReadonlyMap<string, Document>> {
    const { documents, build } = this.#options;
    const known = new Map<string, Document>();
    for (const [collection, wanted] of Map.groupBy(keys, (key) => key.collection)) {
      const ids = new Set(wanted.map(({ id }) => id));
      const found = await documents.getMany(`${build}.${collection}`, [...ids]);
      for (const document of found) known.set(addressOf({ collection, id: document.id }), document);
    }
    return known;
  }

  async #commit(writes: readonly Write[], to: Position): Promise<void> {
    const { documents, checkpointName: name } = this.#options;
    const moved = await documents.commit(writes, { name, from: this.#checkpoint, to });
    if (!moved) throw new ProjectorFenced(name);
    this.#checkpoint = to;
  }
}

/** As many events as touch about `most` documents; at least one. */
function* batchesOf(events: readonly Touched[], most: number): Generator<readonly Touched[], void, undefined> {
  let batch: Touched[] = [];
  let documents = 0;
  for (const touched of events) {
    batch.push(touched);
    documents += touched.keys.length;
    if (documents < most) continue;
    yield batch;
    batch = [];
    documents = 0;
  }
  if (batch.length > 0) yield batch;
}
