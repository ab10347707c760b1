import { contactBook } from './contacts/projection.ts';
import { deviceList } from './devices/projection.ts';
import { feed } from './feed/projection.ts';
import { profiles } from './profiles/projection.ts';
import type { ProjectedStore } from '../ports/document-store.ts';
import type { SearchStore } from '../ports/search-store.ts';
import type { Projection } from './projection.ts';
import type { ReadModelName } from './queries.ts';
import { search } from './search/projection.ts';
import { scheduledSends } from './scheduled/projection.ts';
import { timeline } from './timeline/projection.ts';

/** Every projection there is, by the name of the read model that it makes. */
export const projections: Readonly<Record<ReadModelName, Projection>> = {
  timeline,
  feed,
  profiles,
  contacts: contactBook,
  devices: deviceList,
  scheduled: scheduledSends,
  search,
};

export const readModelNames = Object.keys(projections) as readonly ReadModelName[];

export const isReadModelName = (name: string): name is ReadModelName => Object.hasOwn(projections, name);

/** The stores of those that do not build among the documents. */
export const storesOf = ({
  search: store,
}: {
  readonly search: SearchStore;
}): Readonly<Partial<Record<ReadModelName, ProjectedStore>>> => ({ search: store });
