import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected } from './server-log.ts';
import type { Proposed, Stored } from './stored.ts';

export type Uuid = InstanceType<typeof shared.UUID>;
export type StreamIdentifier = InstanceType<typeof shared.StreamIdentifier>;
export type ReadResponse = InstanceType<typeof streams.ReadResp>;

const ticksPerMillisecond = 10_000n;

export const toIdentifier = (stream: string): StreamIdentifier => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
};

export const streamOf = (identifier: StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();

export const toUuid = (text: string): Uuid => {
  const id = new shared.UUID();
  id.setString(text);
  return id;
};

/** Lower-case with dashes, as the server shows ids; undefined for what is no GUID. */
export const guidOf = (id: Uuid | undefined): string | undefined => {
  const bits = id?.getStructured();
  const half = (value: string): string => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0');
  const text = bits ? half(bits.getMostSignificantBits()) + half(bits.getLeastSignificantBits()) : id?.getString();
  const hex = (text ?? '').toLowerCase().replaceAll(/[{}()-]/g, '');
  if (!/^[0-9a-f]{32}$/.test(hex) || /^0+$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

interface ProposedMessage {
  getId(): Uuid | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** Undefined for an event that the server refuses. */
export const toProposed = (message: ProposedMessage): Proposed | undefined => {
  const id = guidOf(message.getId());
  const fields = message.getMetadataMap();
  const type = fields.get('type') ?? '';
  if (id === undefined || type === '') return undefined;
  return {
    id,
    type,
    contentType: fields.get('content-type') ?? 'application/octet-stream',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
};

interface ExpectedOptions {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

export const expectedOf = (options: ExpectedOptions, exact: string): Expected => {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(exact);
};

export const toReadEvent = (stored: Stored): ReadResponse => {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const position = `${stored.position}`;
  recorded.setId(toUuid(stored.id));
  recorded.setStreamIdentifier(toIdentifier(stored.stream));
  recorded.setStreamRevision(`${stored.revision}`);
  recorded.setCommitPosition(position);
  recorded.setPreparePosition(position);
  recorded
    .getMetadataMap()
    .set('type', stored.type)
    .set('content-type', stored.contentType)
    .set('created', `${BigInt(stored.createdAt) * ticksPerMillisecond}`);
  recorded.setCustomMetadata(stored.metadata);
  recorded.setData(stored.data);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(position);
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
};

/** An error as the server reports it: the client tells kinds apart by the metadata. */
export const failure = (
  code: status,
  details: string,
  fields: Readonly<Record<string, string>> = {},
): Partial<ServiceError> & { readonly code: status; readonly details: string } => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value);
  return { code, details, metadata };
};

export const streamDeleted = (stream: string) =>
  failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
