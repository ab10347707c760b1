import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected, Outcome } from './server-log.ts';
import { expectedOf, failure, streamDeleted, streamOf } from './wire.ts';

type Request = InstanceType<typeof streams.DeleteReq> | InstanceType<typeof streams.TombstoneReq>;

/** Streams.Delete and Streams.Tombstone, which have the same shape. */
export const remove =
  <Response>(
    act: (stream: string, expected: Expected) => Promise<Outcome>,
    toResponse: (position: bigint) => Response,
  ) =>
  (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
    const options = call.request.getOptions()!;
    const stream = streamOf(options.getStreamIdentifier());
    const expected = expectedOf(options, options.getRevision());
    act(stream, expected)
      .then((outcome) => {
        if (outcome.kind === 'appended') return reply(null, toResponse(outcome.position));
        if (outcome.kind === 'stream-deleted') return reply(streamDeleted(stream));
        reply(
          failure(status.FAILED_PRECONDITION, 'Append failed due to WrongExpectedVersion.', {
            exception: 'wrong-expected-version',
            'stream-name': stream,
            'expected-version': typeof expected === 'bigint' ? `${expected}` : expected === 'any' ? '-2' : '-1',
            'actual-version': `${outcome.current ?? -1n}`,
          }),
        );
      })
      .catch((error: unknown) => reply(error as Error));
  };
