import type { Logger } from 'pino';
import type { CommandBus } from '../commands/command-bus.ts';
import { createCommandBus } from '../commands/create-command-bus.ts';
import { catalog } from '../domain/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { createLogTail, type LogTail } from '../projections/log-tail.ts';
import type { ReadModelName, ReadModels } from '../projections/queries.ts';
import { startProjections, type ProjectionsOptions } from '../projections/start.ts';
import type { Supervisor } from '../projections/supervisor.ts';
import { RelayedTail } from '../relay/relayed-tail.ts';
import type { Ports } from './ports.ts';

export interface CoreOptions {
  readonly ports: Ports;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  /** How long a read or a recall waits for a read model that is behind; default: 2 s. */
  readonly waitMs?: number | undefined;
  /** Events come from relays, where there are any; default: the log is read here. */
  readonly relayed?: boolean | undefined;
  /** How this process takes part in projecting; default: alone. */
  readonly projecting?: Pick<ProjectionsOptions, 'projects' | 'shards' | 'sharing' | 'searchIndex'> | undefined;
}

/** The write side and the read side, without a way in from outside: what the server and the command line share. */
export interface Core {
  readonly bus: CommandBus;
  readonly tail: LogTail;
  /** The tail, where it takes events from relays. */
  readonly relayedTail: RelayedTail | undefined;
  readonly readModels: ReadModels;
  readonly supervisor: Supervisor<ReadModelName>;
}

export const startCore = async ({
  ports,
  clock = Date.now,
  logger,
  waitMs,
  relayed = false,
  projecting,
}: CoreOptions): Promise<Core & AsyncDisposable> => {
  const { events, documents, search, seqSets, snapshots, pubSub } = ports;
  await using starting = new AsyncDisposableStack();
  const relayedTail = relayed ? starting.use(new RelayedTail({ events, catalog, pubSub, log: logger })) : undefined;
  const tail = relayedTail ?? starting.use(createLogTail({ events, catalog, clock, log: logger }));
  const { readModels, supervisor } = starting.use(
    await startProjections({ events, documents, search, seqSets, tail, log: logger, waitMs, clock, ...projecting }),
  );
  const bus = starting.use(
    createCommandBus({
      events,
      snapshots,
      clock,
      async recall(conversationId, messageIds, position) {
        await readModels.waitFor(['timeline'], position);
        return readModels.timeline.recall(conversationId, messageIds);
      },
      onSnapshotFailed: (error) => logger?.warn({ err: error }, 'a snapshot could not be used'),
    }),
  );
  const started = starting.move();
  return { bus, tail, relayedTail, readModels, supervisor, [Symbol.asyncDispose]: () => started.disposeAsync() };
};
