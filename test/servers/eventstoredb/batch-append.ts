import type { ServerDuplexStream } from '@grpc/grpc-js';
import anys from 'google-protobuf/google/protobuf/any_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import codes from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Server } from './server.ts';
import type { Expected, Outcome } from './server-log.ts';
import type { Proposed } from './stored.ts';
import { expectedOf, guidOf, streamOf, toIdentifier, toProposed, type Uuid } from './wire.ts';

type Request = InstanceType<typeof streams.BatchAppendReq>;
type Response = InstanceType<typeof streams.BatchAppendResp>;
type Code = Parameters<InstanceType<typeof statuses.Status>['setCode']>[0];
type Options = NonNullable<ReturnType<Request['getOptions']>>;

/** An append whose requests are still coming. */
interface Open {
  readonly correlationId: Uuid;
  readonly options: Options;
  readonly events: (Proposed | undefined)[];
}

/** After so long the server gives a second answer for an append that it has refused already. */
const writeTimeoutMs = 2_000;

interface Detail {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const answer = ({ correlationId, options }: Open): Response => {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(correlationId);
  response.setStreamIdentifier(toIdentifier(streamOf(options.getStreamIdentifier())));
  return response;
};

const refusal = (open: Open, code: Code, message: string, { name, bytes }: Detail): Response => {
  const details = new anys.Any();
  details.pack(bytes, `event_store.client.${name}`);
  const error = new statuses.Status();
  error.setCode(code);
  error.setMessage(message);
  error.setDetails(details);
  const response = answer(open);
  response.setError(error);
  return response;
};

const wrongVersion = (current: bigint | undefined, expected: Expected): Detail => {
  const detail = new shared.WrongExpectedVersion();
  if (current === undefined) detail.setCurrentNoStream(new empties.Empty());
  else detail.setCurrentStreamRevision(`${current}`);
  if (expected === 'any') detail.setExpectedAny(new empties.Empty());
  else if (expected === 'no_stream') detail.setExpectedNoStream(new empties.Empty());
  else if (expected === 'stream_exists') detail.setExpectedStreamExists(new empties.Empty());
  else detail.setExpectedStreamPosition(`${expected}`);
  return { name: 'WrongExpectedVersion', bytes: detail.serializeBinary() };
};

const outcomeResponse = (open: Open, outcome: Outcome, expected: Expected): Response => {
  if (outcome.kind === 'wrong-version') {
    return refusal(open, codes.Code.ALREADY_EXISTS, 'WrongExpectedVersion', wrongVersion(outcome.current, expected));
  }
  if (outcome.kind === 'stream-deleted') {
    const detail = new shared.StreamDeleted();
    detail.setStreamIdentifier(open.options.getStreamIdentifier());
    return refusal(open, codes.Code.FAILED_PRECONDITION, 'Stream Deleted', {
      name: 'StreamDeleted',
      bytes: detail.serializeBinary(),
    });
  }
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(`${outcome.position}`);
  position.setPreparePosition(`${outcome.position}`);
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision(`${outcome.revision}`);
  success.setPosition(position);
  const response = answer(open);
  response.setSuccess(success);
  return response;
};

const tooLarge = (open: Open, most: number): Response => {
  const detail = new shared.MaximumAppendSizeExceeded();
  detail.setMaxappendsize(most);
  return refusal(open, codes.Code.INVALID_ARGUMENT, 'Maximum Append Size Exceeded', {
    name: 'MaximumAppendSizeExceeded',
    bytes: detail.serializeBinary(),
  });
};

/** Refused at once, and then once more by the write that never came. */
const refuseTwice = (open: Open, write: (response: Response) => void): void => {
  write(refusal(open, codes.Code.INVALID_ARGUMENT, 'BadRequest', { name: 'BadRequest', bytes: new Uint8Array() }));
  const late = (): void =>
    write(refusal(open, codes.Code.DEADLINE_EXCEEDED, 'Timeout', { name: 'Timeout', bytes: new Uint8Array() }));
  setTimeout(late, writeTimeoutMs).unref();
};

const complete = async (server: Server, open: Open, write: (response: Response) => void): Promise<void> => {
  const stream = streamOf(open.options.getStreamIdentifier());
  const expected = expectedOf(open.options, open.options.getStreamPosition());
  const events = open.events.filter((event) => event !== undefined);
  if (stream === '' || events.length < open.events.length) return refuseTwice(open, write);
  if (server.isEnding) {
    return write(
      refusal(open, codes.Code.UNKNOWN, 'Server Is Not Ready', { name: 'NotReady', bytes: new Uint8Array() }),
    );
  }
  const size = events.reduce((sum, { data }) => sum + data.length, 0);
  if (size > server.maxAppendSize) return write(tooLarge(open, server.maxAppendSize));
  write(outcomeResponse(open, await server.log.append(stream, events, expected), expected));
};

/** Streams.BatchAppend: many appends over one call, answered one by one as they are done. */
export const batchAppend =
  (server: Server) =>
  (call: ServerDuplexStream<Request, Response>): void => {
    const opened = new Map<string, Open>();
    const write = (response: Response): void => {
      if (!call.cancelled && !call.destroyed) call.write(response);
    };
    server.track(call);
    call.on('data', (request: Request) => {
      const correlationId = request.getCorrelationId()!;
      const key = guidOf(correlationId) ?? '';
      const options = request.getOptions();
      if (options !== undefined) opened.set(key, { correlationId, options, events: [] });
      const open = opened.get(key);
      if (open === undefined) return;
      open.events.push(...request.getProposedMessagesList().map((message) => toProposed(message)));
      if (!request.getIsFinal()) return;
      opened.delete(key);
      complete(server, open, write).catch((error: unknown) => call.destroy(error as Error));
    });
    call.on('error', () => call.destroy());
    call.on('end', () => call.end());
  };
