import { status } from '@grpc/grpc-js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { recordBytes } from './stored.ts';
import { failure } from './wire.ts';

export type Request = InstanceType<typeof streams.ReadReq>;
export type Options = NonNullable<ReturnType<Request['getOptions']>>;

/** The words of the server for what it cannot make sense of. */
export const invalid = (details: string) => failure(status.UNKNOWN, details);

/** Where a read or a subscription of the log starts; a place between two records is refused. */
export const logStart = (options: Options): bigint | 'start' | 'end' => {
  const all = options.getAll()!;
  const position = all.getPosition();
  if (position === undefined) return all.hasEnd() ? 'end' : 'start';
  const [commit, prepare] = [BigInt(position.getCommitPosition()), BigInt(position.getPreparePosition())];
  if (commit < prepare || commit % recordBytes !== 0n) throw invalid('Unexpected ReadAllResult: InvalidPosition');
  return commit;
};
