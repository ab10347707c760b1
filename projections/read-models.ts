import { DomainError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { Position } from '../ports/event-store.ts';
import type { SearchStore } from '../ports/search-store.ts';
import { createContactQueries } from './contacts/queries.ts';
import { createDeviceQueries } from './devices/queries.ts';
import type { AbsenceSets } from './feed/absence-sets.ts';
import { createFeedQueries } from './feed/queries.ts';
import { createModelReader } from './model-reader.ts';
import { createProfileQueries } from './profiles/queries.ts';
import type { ReadModelName, ReadModels } from './queries.ts';
import { createSearchQueries } from './search/queries.ts';
import { createScheduledQueries } from './scheduled/queries.ts';
import { createTimelineQueries } from './timeline/queries.ts';

/** What the queries need to know of one read model as it runs. */
export interface RunningModel {
  /** Name of the build that reads go to; undefined while there is none. */
  liveBuild(): string | undefined;
  /** Up to where that build is done. */
  position(): Position;
  /** True once the build has passed the position; false when it has not in time, or is parked before it. */
  passed(position: Position, timeoutMs: number): Promise<boolean>;
}

export interface ReadModelOptions {
  readonly documents: DocumentStore;
  readonly search: SearchStore;
  readonly models: Readonly<Record<ReadModelName, RunningModel>>;
  /** How long `waitFor` waits. */
  readonly waitMs?: number;
  /** Tells which messages are over; default: the system's. */
  readonly clock?: Clock;
  readonly absences?: AbsenceSets | undefined;
}

/** Reading messages also asks the feed, which knows what a user has hidden: whoever waits for one waits for both. */
const readTogether: Readonly<Record<ReadModelName, readonly ReadModelName[]>> = {
  timeline: ['timeline', 'feed'],
  feed: ['feed'],
  profiles: ['profiles'],
  contacts: ['contacts'],
  devices: ['devices'],
  scheduled: ['scheduled'],
  search: ['search'],
};

export const createReadModels = ({
  documents,
  search,
  models,
  waitMs = 2_000,
  clock = Date.now,
  absences,
}: ReadModelOptions): ReadModels => {
  const reader = (name: ReadModelName) => createModelReader(documents, () => models[name].liveBuild());
  const waitFor = async (names: readonly ReadModelName[], position: Position): Promise<void> => {
    const all = new Set(names.flatMap((name) => readTogether[name]));
    const passed = await Promise.all([...all].map((name) => models[name].passed(position, waitMs)));
    if (passed.includes(false)) throw new DomainError('read-model/behind');
  };
  const feed = reader('feed');
  const timeline = createTimelineQueries({ timeline: reader('timeline'), feed, clock });
  return {
    timeline,
    feed: createFeedQueries({
      feed,
      timeline,
      clock,
      timelinePast: (position) => waitFor(['timeline'], position),
      absences,
    }),
    profiles: createProfileQueries(reader('profiles')),
    contacts: createContactQueries(reader('contacts')),
    devices: createDeviceQueries(reader('devices')),
    scheduled: createScheduledQueries(reader('scheduled')),
    search: createSearchQueries(search, () => models.search.liveBuild()),
    waitFor,
    position: (name) =>
      readTogether[name]
        .map((each) => models[each].position())
        .reduce((lowest, position) => (position < lowest ? position : lowest)),
  };
};
