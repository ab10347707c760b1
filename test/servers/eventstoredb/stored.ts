import type { EventMetadata, NewEvent } from '../../../ports/event-store.ts';

export type ContentType = 'application/json' | 'application/octet-stream';

/** An event as a client proposes it: bytes that the server does not look into. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export interface Stored extends Proposed {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly createdAt: number;
}

/** Rows of the event store's own table. */
export interface Row {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly recorded_at: string;
}

/** How bytes lie in the JSON column of the file. */
interface Envelope {
  readonly contentType: string;
  readonly text?: string;
  readonly base64?: string;
  readonly metadata: string;
}

const noMetadata: EventMetadata = { commandId: '', actorId: '', schemaVersion: 0 };
const json: ContentType = 'application/json';

/** Positions of the real product are byte offsets, far apart from each other. */
export const recordBytes = 128n;
/** The revision of a tombstone. */
export const lastRevision = 2n ** 63n - 1n;
export const tombstoneType = '$streamDeleted';

export const toNewEvent = ({ id, type, contentType, data, metadata }: Proposed): NewEvent => {
  const body = contentType === json ? { text: data.toString() } : { base64: data.toString('base64') };
  const envelope: Envelope = { contentType, ...body, metadata: metadata.toString('base64') };
  return { id, type, data: envelope, metadata: noMetadata };
};

export const fromRow = (row: Row): Stored => {
  const { contentType, text, base64, metadata } = JSON.parse(row.data) as Envelope;
  return {
    id: row.id,
    type: row.type,
    contentType,
    data: text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text),
    metadata: Buffer.from(metadata, 'base64'),
    stream: row.stream,
    revision: row.type === tombstoneType ? lastRevision : row.revision,
    position: row.position * recordBytes,
    createdAt: Date.parse(row.recorded_at),
  };
};

/** An event that the server writes itself. */
export const systemEvent = (type: string, data: unknown): Proposed => ({
  id: crypto.randomUUID(),
  type,
  contentType: json,
  data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  metadata: Buffer.alloc(0),
});
