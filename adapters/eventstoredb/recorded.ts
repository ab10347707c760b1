import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMetadata, RecordedEvent } from '../../ports/event-store.ts';

/** Undefined for a link whose target is gone. Data that is no JSON stays bytes, for the catalog to refuse. */
export const toRecorded = ({ event }: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | undefined => {
  if (event?.position === undefined) return undefined;
  const { id, type, data, metadata, streamId, revision, position, created } = event;
  return {
    id,
    type,
    data,
    metadata: metadata as unknown as EventMetadata,
    stream: streamId,
    revision: Number(revision),
    position: position.commit,
    recordedAt: created.toISOString(),
  };
};

/** About how many bytes an event takes; exact sizes are lost once the client has parsed it. */
export const sizeOf = ({ data }: RecordedEvent): number => JSON.stringify(data).length;
