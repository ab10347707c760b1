import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { noStream, type Appended, type Revision } from '../../ports/event-store.ts';
import type { ProposedEvent } from './proposed-event.ts';

type Request = InstanceType<typeof streams.BatchAppendReq>;
export type Response = InstanceType<typeof streams.BatchAppendResp>;

/** One request of several megabytes would pass what a server takes in one message. */
const mostMessageBytes = 3 * 1024 * 1024;

export interface AppendRequest {
  readonly correlationId: string;
  readonly stream: string;
  readonly events: readonly ProposedEvent[];
  readonly expected: Revision;
  readonly deadlineMs: number;
}

const toUuid = (text: string): InstanceType<typeof shared.UUID> => {
  const id = new shared.UUID();
  id.setString(text);
  return id;
};

/** Servers send either form. */
const uuidText = (id: InstanceType<typeof shared.UUID> | undefined): string => {
  const structured = id?.getStructured();
  if (structured === undefined) return id?.getString() ?? '';
  const half = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const text = half(structured.getMostSignificantBits()) + half(structured.getLeastSignificantBits());
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

const optionsOf = ({ stream, expected, deadlineMs }: AppendRequest) => {
  const options = new streams.BatchAppendReq.Options();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  options.setDeadline(timestamps.Timestamp.fromDate(new Date(Date.now() + deadlineMs)));
  if (expected === noStream) options.setNoStream(new empties.Empty());
  else options.setStreamPosition(`${expected}`);
  return options;
};

const messageOf = ({ id, type, data, metadata }: ProposedEvent) => {
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(toUuid(id));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
};

const sizeOf = ({ type, data, metadata }: ProposedEvent): number => data.length + metadata.length + type.length + 100;

/** The requests of one append, in order; the last one says that it is. */
export const appendRequests = (append: AppendRequest): readonly Request[] => {
  const start = (): Request => {
    const request = new streams.BatchAppendReq();
    request.setCorrelationId(toUuid(append.correlationId));
    return request;
  };
  const requests = [start()];
  requests[0]!.setOptions(optionsOf(append));
  let size = 0;
  for (const event of append.events) {
    if (size > 0 && size + sizeOf(event) > mostMessageBytes) {
      requests.push(start());
      size = 0;
    }
    size += sizeOf(event);
    requests.at(-1)!.addProposedMessages(messageOf(event));
  }
  requests.at(-1)!.setIsFinal(true);
  return requests;
};

export type AppendAnswer =
  | { readonly kind: 'appended'; readonly appended: Appended }
  | { readonly kind: 'wrong-version'; readonly actual: Revision }
  | { readonly kind: 'too-large'; readonly most: number }
  | { readonly kind: 'failed'; readonly reason: string };

const details = (error: NonNullable<ReturnType<Response['getError']>>): AppendAnswer => {
  const any = error.getDetails();
  const name = any?.getTypeName() ?? '';
  if (name === 'event_store.client.WrongExpectedVersion') {
    const found = any!.unpack((bytes) => shared.WrongExpectedVersion.deserializeBinary(bytes), name)!;
    const actual = found.hasCurrentStreamRevision() ? Number(found.getCurrentStreamRevision()) : noStream;
    return { kind: 'wrong-version', actual };
  }
  if (name === 'event_store.client.MaximumAppendSizeExceeded') {
    const found = any!.unpack((bytes) => shared.MaximumAppendSizeExceeded.deserializeBinary(bytes), name)!;
    return { kind: 'too-large', most: found.getMaxappendsize() };
  }
  return { kind: 'failed', reason: name.split('.').at(-1) || error.getMessage() || `code ${error.getCode()}` };
};

export const readAnswer = (response: Response): { readonly correlationId: string; readonly answer: AppendAnswer } => {
  const correlationId = uuidText(response.getCorrelationId());
  const error = response.getError();
  if (error !== undefined) return { correlationId, answer: details(error) };
  const success = response.getSuccess();
  const position = success?.getPosition()?.getCommitPosition();
  if (success === undefined || position === undefined) {
    return { correlationId, answer: { kind: 'failed', reason: 'an answer without a position' } };
  }
  const appended = { revision: Number(success.getCurrentRevision()), position: BigInt(position) };
  return { correlationId, answer: { kind: 'appended', appended } };
};
