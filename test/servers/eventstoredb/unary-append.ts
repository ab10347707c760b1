import { status, type sendUnaryData, type ServerReadableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Server } from './server.ts';
import type { Expected } from './server-log.ts';
import type { Proposed } from './stored.ts';
import { expectedOf, failure, streamDeleted, streamOf, toProposed } from './wire.ts';

type Request = InstanceType<typeof streams.AppendReq>;
type Response = InstanceType<typeof streams.AppendResp>;
type Options = NonNullable<ReturnType<Request['getOptions']>>;

const succeeded = (revision: bigint, at: bigint): Response => {
  const position = new streams.AppendResp.Position();
  position.setCommitPosition(`${at}`);
  position.setPreparePosition(`${at}`);
  const success = new streams.AppendResp.Success();
  success.setCurrentRevision(`${revision}`);
  success.setPosition(position);
  const response = new streams.AppendResp();
  response.setSuccess(success);
  return response;
};

const refused = (current: bigint | undefined, expected: Expected): Response => {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current === undefined) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(`${current}`);
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(`${expected}`);
  const response = new streams.AppendResp();
  response.setWrongExpectedVersion(wrong);
  return response;
};

const complete = async (
  server: Server,
  options: Options,
  events: readonly (Proposed | undefined)[],
  reply: sendUnaryData<Response>,
): Promise<void> => {
  const stream = streamOf(options.getStreamIdentifier());
  const valid = events.filter((event) => event !== undefined);
  if (stream === '' || valid.length < events.length) return reply(failure(status.UNKNOWN, 'Bad request'));
  const size = valid.reduce((sum, { data }) => sum + data.length, 0);
  if (size > server.maxAppendSize) {
    return reply(
      failure(status.INVALID_ARGUMENT, 'Maximum Append Size exceeded', {
        exception: 'maximum-append-size-exceeded',
        'maximum-append-size': `${server.maxAppendSize}`,
      }),
    );
  }
  const expected = expectedOf(options, options.getRevision());
  const outcome = await server.log.append(stream, valid, expected);
  if (outcome.kind === 'stream-deleted') return reply(streamDeleted(stream));
  if (outcome.kind === 'wrong-version') return reply(null, refused(outcome.current, expected));
  reply(null, succeeded(outcome.revision, outcome.position));
};

/** Streams.Append: one append in one call, its events as a stream. */
export const append =
  (server: Server) =>
  (call: ServerReadableStream<Request, Response>, reply: sendUnaryData<Response>): void => {
    let options: Options | undefined;
    const events: (Proposed | undefined)[] = [];
    call.on('data', (request: Request) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message !== undefined) events.push(toProposed(message));
    });
    call.on('end', () => {
      if (options === undefined) return reply(failure(status.INVALID_ARGUMENT, 'No options'));
      complete(server, options, events, reply).catch((error: unknown) => reply(error as Error));
    });
  };
