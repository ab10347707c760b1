import type { ProjectedStore } from '../ports/document-store.ts';
import type { EventStore } from '../ports/event-store.ts';
import { positionOf, readLive, type Build } from './builds.ts';
import { pause } from './persist.ts';
import type { Projection } from './projection.ts';

export interface UsableBuildOptions {
  readonly documents: ProjectedStore;
  readonly events: Pick<EventStore, 'head'>;
  readonly projection: Projection;
}

/** The live build, where it is one of this version, and not of a longer log than there is: that would be another log. */
export const readUsable = async (options: UsableBuildOptions): Promise<Build | undefined> => {
  const { documents, events, projection } = options;
  const live = await readLive(documents, projection.name);
  if (live?.version !== projection.version) return undefined;
  const position = await positionOf(documents, live);
  return position === undefined || position > (await events.head()) ? undefined : live;
};

/** Waits until another process has made it; undefined when the signal aborts before. */
export const waitForUsable = async (
  options: UsableBuildOptions,
  everyMs: number,
  signal: AbortSignal,
): Promise<Build | undefined> => {
  while (!signal.aborted) {
    const usable = await readUsable(options);
    if (usable !== undefined) return usable;
    await pause(everyMs, signal);
  }
  return undefined;
};
