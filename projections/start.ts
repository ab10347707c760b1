import type { Clock } from '../ports/clock.ts';
import type { SearchStore } from '../ports/search-store.ts';
import type { SeqSets } from '../ports/seq-sets.ts';
import { SeqSetHealer } from './feed/seq-set-healer.ts';
import { silent } from './log.ts';
import { createReadModels, type RunningModel } from './read-models.ts';
import type { ReadModelName, ReadModels } from './queries.ts';
import { projections, readModelNames, storesOf } from './registry.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

export interface ProjectionsOptions extends Omit<SupervisorOptions<ReadModelName>, 'projections' | 'stores' | 'alone'> {
  readonly search: SearchStore;
  /**
   * `shared`: the search store is one for all processes, as the documents are (the default); `own`: it is this process's
   * alone, which projects it whatever else it does; `none`: likewise, and nobody searches here. What is in it then is
   * dropped, and every search is `read-model/behind`.
   */
  readonly searchIndex?: 'shared' | 'own' | 'none' | undefined;
  /** How long `waitFor` waits for a read model. */
  readonly waitMs?: number | undefined;
  /** Tells which messages are over; default: the system's. */
  readonly clock?: Clock | undefined;
  /** Where unread messages are counted sooner than in the documents; without it they are counted there. */
  readonly seqSets?: SeqSets | undefined;
}

/** The whole read side as it runs. Dispose of it before the tail and the stores. */
export interface RunningProjections extends AsyncDisposable {
  readonly readModels: ReadModels;
  readonly supervisor: Supervisor<ReadModelName>;
}

const notRun: RunningModel = {
  liveBuild: () => undefined,
  position: () => 0n,
  passed: async () => false,
};

/** Every read model as it runs here; one that does not is never there. */
export const modelsOf = (supervisor: Supervisor<ReadModelName>): Readonly<Record<ReadModelName, RunningModel>> =>
  Object.fromEntries(
    readModelNames.map((name) => [name, supervisor.runs(name) ? supervisor.runner(name) : notRun]),
  ) as Record<ReadModelName, RunningModel>;

/** An index that nobody keeps up would go on holding what has been deleted since. */
const clear = async (store: SearchStore): Promise<void> => {
  await store.dropCheckpoints([...(await store.checkpointsStarting('')).keys()]);
  await store.drop(await store.collections());
};

/**
 * Starts every projection. Resolves once all can be read, unless one has to be made anew from a log that is not empty,
 * or fails: that one is `read-model/behind` until it is done, and the supervisor's status says how it stands.
 */
export const startProjections = async ({
  waitMs,
  clock,
  search,
  searchIndex = 'shared',
  seqSets,
  ...options
}: ProjectionsOptions): Promise<RunningProjections> => {
  const { documents, log = silent } = options;
  await using starting = new AsyncDisposableStack();
  if (searchIndex === 'none') await clear(search);
  const { search: ofSearch, ...others } = projections;
  const supervisor = starting.use(
    new Supervisor<ReadModelName>({
      ...options,
      projections: searchIndex === 'none' ? others : { ...others, search: ofSearch },
      stores: storesOf({ search }),
      alone: searchIndex === 'own' ? ['search'] : [],
    }),
  );
  await supervisor.opened();
  const absences = seqSets && { sets: seqSets, healer: starting.use(new SeqSetHealer({ sets: seqSets, log })) };
  const readModels = createReadModels({
    documents,
    search,
    models: modelsOf(supervisor),
    ...(waitMs !== undefined && { waitMs }),
    ...(clock !== undefined && { clock }),
    absences,
  });
  const started = starting.move();
  return { readModels, supervisor, [Symbol.asyncDispose]: () => started.disposeAsync() };
};
