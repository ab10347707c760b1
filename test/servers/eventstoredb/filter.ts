import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Stored } from './stored.ts';

type Options = InstanceType<typeof streams.ReadReq.Options>;

export interface Filter {
  matches(event: Stored): boolean;
  /** Events scanned between two checkpoints. */
  readonly checkpointEvery: number;
}

const defaultWindow = 32;

/** Undefined when all events are asked for. Throws for an expression that is none. */
export const filterOf = (options: Options): Filter | undefined => {
  const filter = options.getFilter();
  if (filter === undefined) return undefined;
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined;
  return {
    matches(event) {
      const text = byStream === undefined ? event.type : event.stream;
      return regex === undefined ? prefixes.some((prefix) => text.startsWith(prefix)) : regex.test(text);
    },
    checkpointEvery: (filter.getMax() || defaultWindow) * filter.getCheckpointintervalmultiplier(),
  };
};
