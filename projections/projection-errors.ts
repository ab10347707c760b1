import { DocumentStoreUnavailable, UnknownCollection } from '../ports/document-store.ts';
import { EventStoreUnavailable } from '../ports/event-store.ts';
import type { Place } from './projection.ts';

/** The projection threw at this event, or the event could not be decoded, or what became of it could not be stored. */
export class ProjectionFailed extends Error {
  override readonly name = 'ProjectionFailed';
  readonly place: Place;
  readonly type: string;
  constructor({ stream, revision, position }: Place, type: string, cause: unknown) {
    super(`The projection failed at ${type}, event ${revision} of ${stream}`, { cause });
    this.place = { stream, revision, position };
    this.type = type;
  }
}

/** Someone else has moved the build's checkpoint: what this projector holds may not be the truth any more. */
export class ProjectorFenced extends Error {
  override readonly name = 'ProjectorFenced';
}

/** The build was dropped. */
export class BuildGone extends Error {
  override readonly name = 'BuildGone';
}

/** A store failed, not an event: trying again later is all there is to do. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof DocumentStoreUnavailable || error instanceof EventStoreUnavailable;

/** Says nothing of any one event. */
export const isAboutBuild = (error: unknown): boolean =>
  isUnavailable(error) ||
  error instanceof ProjectorFenced ||
  error instanceof BuildGone ||
  error instanceof UnknownCollection;

/** The class of what went wrong in the end; its message may hold what a person wrote, so it is not told. */
export const errorClass = (error: unknown): string => {
  const cause = error instanceof ProjectionFailed ? error.cause : error;
  return cause instanceof Error ? cause.name : typeof cause;
};
