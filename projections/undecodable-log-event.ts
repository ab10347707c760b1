import { UndecodableEvent, type Catalog } from '../domain/catalog.ts';
import type { Position, RecordedEvent } from '../ports/event-store.ts';
import type { LoggedEvent, Place } from './projection.ts';

/** Says where in the log the event stands that could not be decoded. */
export class UndecodableLogEvent extends UndecodableEvent {
  readonly place: Place;
  readonly type: string;
  constructor(place: Place, type: string, cause: UndecodableEvent) {
    super(cause.message, { cause });
    this.place = place;
    this.type = type;
  }
}

/** An event of the log as it was decoded, or that it could not be. */
export type Decoded =
  | { readonly position: Position; readonly event: LoggedEvent }
  | { readonly position: Position; readonly error: UndecodableLogEvent };

/** Decodes what can be decoded; an event that cannot be keeps its place. */
export const decodeRecorded = (catalog: Catalog, recorded: RecordedEvent): Decoded => {
  const { stream, revision, position } = recorded;
  const place = { stream, revision, position };
  try {
    const event = catalog.decode(recorded);
    return { position, event: { ...place, event, actorId: recorded.metadata.actorId } };
  } catch (error) {
    if (!(error instanceof UndecodableEvent)) throw error;
    return { position, error: new UndecodableLogEvent(place, recorded.type, error) };
  }
};
