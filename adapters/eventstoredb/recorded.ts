import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMetadata, NewEvent, RecordedEvent } from '../../ports/event-store.ts';

/** Of an event that another log took first; the server's own time is when it was copied. */
interface CopiedMetadata extends EventMetadata {
  readonly recordedAt?: string;
}

const copied = (metadata: EventMetadata, recordedAt: string): CopiedMetadata => ({ ...metadata, recordedAt });

/** An event of another log as one to be appended here. `toRecorded` gives back what it was. */
export const withRecordedAt = ({ id, type, data, metadata, recordedAt }: RecordedEvent): NewEvent => ({
  id,
  type,
  data,
  metadata: copied(metadata, recordedAt),
});

/** Undefined for a link whose target is gone. Data that is no JSON stays bytes, for the catalog to refuse. */
export const toRecorded = ({ event }: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | undefined => {
  if (event?.position === undefined) return undefined;
  const { id, type, data, streamId, revision, position, created } = event;
  const { recordedAt = created.toISOString(), ...metadata } = (event.metadata ?? {}) as unknown as CopiedMetadata;
  return {
    id,
    type,
    data,
    metadata,
    stream: streamId,
    revision: Number(revision),
    position: position.commit,
    recordedAt,
  };
};

/** About how many bytes an event takes; exact sizes are lost once the client has parsed it. */
export const sizeOf = ({ data }: RecordedEvent): number => JSON.stringify(data).length;
