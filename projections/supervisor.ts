import type { DocumentStore, ProjectedStore } from '../ports/document-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { PubSub } from '../ports/pub-sub.ts';
import { liveKey } from './builds.ts';
import { silent, type Log } from './log.ts';
import type { LogTail } from './log-tail.ts';
import { ownsAll, ownsNothing, type Ownership } from './ownership.ts';
import { defaultRetryPolicy, type RetryPolicy } from './persist.ts';
import { errorClass } from './projection-errors.ts';
import type { Projection } from './projection.ts';
import type { RebuildProgress } from './rebuild.ts';
import { ProjectionRunner } from './runner.ts';
import { ShardPositions } from './shard-positions.ts';
import { SharedOwnership, type SharedOwnershipOptions } from './shared-ownership.ts';
import type { ProjectionStatus } from './status.ts';

export interface SupervisorOptions<Name extends string> {
  /** Those that are run here. */
  readonly projections: Readonly<Partial<Record<Name, Projection>>>;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  /** Where a projection builds that does not in `documents`. */
  readonly stores?: Readonly<Partial<Record<Name, ProjectedStore>>> | undefined;
  /** Those whose store is this process's own: it projects them whatever else it does, and shares that with nobody. */
  readonly alone?: readonly Name[] | undefined;
  readonly tail: LogTail;
  readonly log?: Log | undefined;
  readonly policy?: RetryPolicy | undefined;
  /** How often it is looked whether another process has made a build live. */
  readonly pollMs?: number | undefined;
  /** How long builds that are no longer live are kept: for reads that have begun, and for other processes. */
  readonly keepMs?: number | undefined;
  /** After so long without progress of another process that projects, and tells nothing, this one takes over. */
  readonly takeOverMs?: number | undefined;
  /** Of builds that are made here; default: one. */
  readonly shards?: number | undefined;
  /** Whether read models are made and kept up to date here, or only followed as others do it; default: true. */
  readonly projects?: boolean | undefined;
  /** Several processes run on the same stores, and divide the work. */
  readonly sharing?: Sharing | undefined;
  /** About how many documents one commit may change. */
  readonly batchDocuments?: number | undefined;
}

export interface Sharing extends Pick<SharedOwnershipOptions, 'self' | 'beatMs' | 'deadMs'> {
  /** Over which they tell each other how far they are. */
  readonly pubSub: PubSub;
}

export interface RebuildRequest {
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Ends it early; the next one goes on where it stopped. */
  readonly signal?: AbortSignal;
}

const defaultTakeOverMs = 3_000;

const namedIn = <Name extends string>(
  projections: Readonly<Partial<Record<Name, Projection>>>,
): readonly (readonly [Name, Projection])[] =>
  Object.entries<Projection | undefined>(projections).flatMap(([name, projection]) =>
    projection === undefined ? [] : [[name as Name, projection] as const],
  );

const ownershipOf = (options: SupervisorOptions<string>): Ownership => {
  const { documents, log = silent, takeOverMs = defaultTakeOverMs, projects = true, sharing, alone = [] } = options;
  if (!projects) return ownsNothing();
  if (sharing === undefined) return ownsAll(takeOverMs);
  const projections = namedIn(options.projections)
    .filter(([name]) => !alone.includes(name))
    .map(([, projection]) => projection);
  return new SharedOwnership({ documents, projections, log, ...sharing });
};

/** Runs every projection, and says how each of them is. */
export class Supervisor<Name extends string = string> implements AsyncDisposable {
  readonly #runners: ReadonlyMap<Name, ProjectionRunner>;
  readonly #log: Log;
  readonly #ownership: Ownership;
  /** One for each store that something is built in. */
  readonly #positions = new Map<ProjectedStore, ShardPositions>();
  /** Stores that could not be reached when they were last looked at. */
  readonly #failing = new Set<ProjectedStore>();
  readonly #polling: NodeJS.Timeout;

  constructor(options: SupervisorOptions<Name>) {
    const { projections, events, documents, tail, batchDocuments, log = silent, policy = defaultRetryPolicy } = options;
    const { pollMs = 1_000, keepMs = 10_000, shards = 1, projects = true, sharing, alone = [] } = options;
    const ownership = ownershipOf(options);
    const shared = { events, tail, batchDocuments, log, policy, ownership, projects, shards, pollMs, keepMs };
    this.#log = log;
    this.#ownership = ownership;
    const ownAlone = { ownership: ownsAll(options.takeOverMs ?? defaultTakeOverMs), projects: true };
    const start = (name: Name, projection: Projection): ProjectionRunner => {
      const store = options.stores?.[name] ?? documents;
      const isAlone = alone.includes(name);
      const opened = (): ShardPositions =>
        new ShardPositions({ documents: store, tail, log, sharing: isAlone ? undefined : sharing });
      const positions = this.#positions.getOrInsertComputed(store, opened);
      return new ProjectionRunner({ ...shared, ...(isAlone && ownAlone), projection, documents: store, positions });
    };
    this.#runners = new Map(namedIn(projections).map(([name, projection]) => [name, start(name, projection)]));
    this.#polling = setInterval(() => void this.refresh(), pollMs).unref();
  }

  /** Resolves once every read model can be read, or is parked, or takes a while to be made. */
  async opened(): Promise<void> {
    await Promise.all(this.#all().map((runner) => runner.opened()));
  }

  status(): readonly ProjectionStatus[] {
    return this.#all().map((runner) => runner.status());
  }

  /** Whether the projection is one of those that are run here. */
  runs(name: Name): boolean {
    return this.#runners.has(name);
  }

  /** Throws `TypeError` for one that is not run here. */
  runner(name: Name): ProjectionRunner {
    const runner = this.#runners.get(name);
    if (runner === undefined) throw new TypeError(`${name} is not run here`);
    return runner;
  }

  /** Tries a parked projection again from the event it stopped at; false when it is not parked. */
  resume(name: Name): boolean {
    return this.runner(name).resume();
  }

  /**
   * Makes the read model anew, from the first event, beside the one that is read meanwhile, and resolves once reads go
   * to the new one. Rejects where an event keeps failing; the read model stays as it was then.
   */
  async rebuild(name: Name, request: RebuildRequest = {}): Promise<void> {
    await this.runner(name).rebuild(request);
  }

  /** Looks at once whether another process has made a build live. */
  async refresh(): Promise<void> {
    for (const [store, runners] of Map.groupBy(this.#all(), (runner) => runner.store)) {
      try {
        const live = await store.checkpoints(runners.map(({ name }) => liveKey(name)));
        for (const runner of runners) {
          const generation = live.get(liveKey(runner.name));
          if (generation !== undefined && Number(generation) !== runner.generation()) await runner.refresh();
        }
        this.#failing.delete(store);
      } catch (error) {
        if (!this.#failing.has(store))
          this.#log.warn({ error: errorClass(error) }, 'The live builds could not be looked up; trying again');
        this.#failing.add(store);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#polling);
    await Promise.all(this.#all().map((runner) => runner[Symbol.asyncDispose]()));
    await this.#ownership[Symbol.asyncDispose]();
    for (const positions of this.#positions.values()) await positions[Symbol.asyncDispose]();
  }

  #all(): readonly ProjectionRunner[] {
    return [...this.#runners.values()];
  }
}
