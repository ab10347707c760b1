import type { Clock } from '../ports/clock.ts';
import type { SearchStore } from '../ports/search-store.ts';
import type { SeqSets } from '../ports/seq-sets.ts';
import { SeqSetHealer } from './feed/seq-set-healer.ts';
import { silent } from './log.ts';
import { createReadModels } from './read-models.ts';
import type { ReadModelName, ReadModels } from './queries.ts';
import { projections, storesOf } from './registry.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

export interface ProjectionsOptions extends Omit<SupervisorOptions<ReadModelName>, 'projections' | 'stores' | 'alone'> {
  readonly search: SearchStore;
  /** No other process uses the search store; default: it is shared as all is. */
  readonly ownSearch?: boolean | undefined;
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

/**
 * Starts every projection. Resolves once all can be read, unless one has to be made anew from a log that is not empty,
 * or fails: that one is `read-model/behind` until it is done, and the supervisor's status says how it stands.
 */
export const startProjections = async ({
  waitMs,
  clock,
  search,
  ownSearch = false,
  seqSets,
  ...options
}: ProjectionsOptions): Promise<RunningProjections> => {
  const { documents, log = silent } = options;
  await using starting = new AsyncDisposableStack();
  const alone: readonly ReadModelName[] = ownSearch ? ['search'] : [];
  const stores = storesOf({ search });
  const supervisor = starting.use(new Supervisor<ReadModelName>({ ...options, projections, stores, alone }));
  await supervisor.opened();
  const absences = seqSets && { sets: seqSets, healer: starting.use(new SeqSetHealer({ sets: seqSets, log })) };
  const readModels = createReadModels({
    documents,
    search,
    models: supervisor.runners,
    ...(waitMs !== undefined && { waitMs }),
    ...(clock !== undefined && { clock }),
    absences,
  });
  const started = starting.move();
  return { readModels, supervisor, [Symbol.asyncDispose]: () => started.disposeAsync() };
};
