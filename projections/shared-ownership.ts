import { UnknownCollection, type CollectionSpec, type DocumentStore } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import { Bell } from './bell.ts';
import type { Log } from './log.ts';
import type { Ownership } from './ownership.ts';
import { pause } from './persist.ts';
import { errorClass } from './projection-errors.ts';
import type { Projection } from './projection.ts';

/** A process that projects, as it shows itself to the others. Collection `projectors`. */
interface ProjectorDocument {
  readonly projectorId: string;
  /** Version of every projection that it runs. */
  readonly versions: Readonly<Record<string, number>>;
  /** RFC 3339, UTC, by its own clock. */
  readonly beatAt: string;
}

export interface SharedOwnershipOptions {
  readonly documents: DocumentStore;
  /** What is divided: projections, or any other work of which all who run the same version do a part. */
  readonly projections: readonly Pick<Projection, 'name' | 'version'>[];
  readonly log: Log;
  /** Names this process; in the order of these names they begin to divide. */
  readonly self: string;
  /** How often a process shows that it lives, and looks who else does. */
  readonly beatMs?: number | undefined;
  /** After so long without a beat it counts as gone. */
  readonly deadMs?: number | undefined;
}

const projectors: CollectionSpec = {
  name: 'projectors',
  fields: ['projectorId', 'versions', 'beatAt'],
  indexes: [{ name: 'byId', fields: ['projectorId'] }],
};

const most = 1_000;
const forgetAfter = 20;

interface Seen {
  readonly position: Position;
  /** By this process's own clock, which never goes back. */
  readonly changedAt: number;
  readonly versions: Readonly<Record<string, number>>;
}

/**
 * Divides the shards evenly among the processes that live and run the same version of a projection. Each beats in the
 * document store; the n-th of m processes owns every m-th shard.
 */
export class SharedOwnership implements Ownership {
  readonly changes = new Bell();
  readonly patienceMs: number;
  readonly #options: SharedOwnershipOptions;
  readonly #beatMs: number;
  readonly #deadMs: number;
  readonly #id: string;
  readonly #versions: Readonly<Record<string, number>>;
  readonly #stop = new AbortController();
  readonly #seen = new Map<string, Seen>();
  readonly #beating: Promise<void>;
  /** Of every projection, who runs the same version; in the order in which they began. */
  #owners: ReadonlyMap<string, readonly string[]> = new Map();
  #beat: Position = -1n;
  #looking: Promise<void> | undefined;

  constructor(options: SharedOwnershipOptions) {
    this.#options = options;
    this.#id = options.self;
    this.#beatMs = options.beatMs ?? 500;
    this.#deadMs = options.deadMs ?? 3_000;
    this.patienceMs = this.#beatMs / 2;
    this.#versions = Object.fromEntries(options.projections.map(({ name, version }) => [name, version]));
    this.#beating = this.#run();
  }

  owns(projection: string, shard: number): boolean {
    const owners = this.#owners.get(projection);
    if (owners === undefined) return false;
    // Each projection begins with another process, so that what does not divide evenly is shared as well.
    const offset = this.#options.projections.findIndex(({ name }) => name === projection);
    return owners[(shard + offset) % owners.length] === this.#id;
  }

  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** The others take over at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    const { documents, log } = this.#options;
    const gone = { collection: projectors.name, id: this.#id, position: this.#nextBeat() };
    await documents.commit([gone]).catch((error: unknown) => {
      log.warn({ error: errorClass(error) }, 'The other projectors will notice later that this one has ended');
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failed = false;
    while (!signal.aborted) {
      try {
        await this.refresh();
        failed = false;
      } catch (error) {
        if (!failed) this.#options.log.warn({ error: errorClass(error) }, 'The other projectors cannot be seen');
        failed = true;
      }
      await pause(this.#beatMs, signal);
    }
  }

  async #look(): Promise<void> {
    const { documents } = this.#options;
    try {
      await documents.commit([this.#ownBeat()]);
    } catch (error) {
      if (!(error instanceof UnknownCollection)) throw error;
      await documents.ensure([projectors]);
      await documents.commit([this.#ownBeat()]);
    }
    const query = { index: 'byId', equal: [], limit: most };
    const found = await documents.find<ProjectorDocument>(projectors.name, query);
    for (const { id, position, body } of found) this.#note(id, position, body);
    await this.#forget();
    this.#divide();
  }

  #ownBeat() {
    const body: ProjectorDocument = {
      projectorId: this.#id,
      versions: this.#versions,
      beatAt: new Date().toISOString(),
    };
    return { collection: projectors.name, id: this.#id, position: this.#nextBeat(), body };
  }

  /** By the clock, so that one who was taken for dead and buried shows up again. */
  #nextBeat(): Position {
    const now = BigInt(Date.now());
    this.#beat = now > this.#beat ? now : this.#beat + 1n;
    return this.#beat;
  }

  #note(id: string, position: Position, { versions, beatAt }: ProjectorDocument): void {
    const known = this.#seen.get(id);
    if (known?.position === position) return;
    // What was left behind long ago is not mistaken for a process, and what lives will beat again soon.
    const isFresh = known !== undefined || Math.abs(Date.now() - Date.parse(beatAt)) < this.#deadMs;
    this.#seen.set(id, { position, changedAt: isFresh ? performance.now() : -Infinity, versions });
  }

  async #forget(): Promise<void> {
    const now = performance.now();
    for (const [id, { position, changedAt }] of this.#seen) {
      if (id === this.#id || now - changedAt < forgetAfter * this.#deadMs) continue;
      this.#seen.delete(id);
      await this.#options.documents.commit([{ collection: projectors.name, id, position: position + 1n }]);
    }
  }

  #divide(): void {
    const now = performance.now();
    const live = [...this.#seen]
      .filter(([id, { changedAt }]) => id === this.#id || now - changedAt < this.#deadMs)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const owners = new Map(
      Object.entries(this.#versions).map(([name, version]) => [
        name,
        live.filter(([, { versions }]) => versions[name] === version).map(([id]) => id),
      ]),
    );
    const isSame = owners.entries().every(([name, ids]) => this.#owners.get(name)?.join() === ids.join());
    this.#owners = owners;
    if (!isSame) this.changes.ring();
  }
}
