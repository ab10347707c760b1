import { createCommandBus } from '../../commands/create-command-bus.ts';
import type { CommandBus } from '../../commands/command-bus.ts';
import { catalog } from '../../domain/catalog.ts';
import { createLogTail } from '../../projections/log-tail.ts';
import { startProjections, type RunningProjections } from '../../projections/start.ts';
import type { Config } from '../config.ts';
import { openPorts, type Ports } from '../ports.ts';

export interface Writing extends AsyncDisposable {
  readonly bus: CommandBus;
  readonly ports: Ports;
  readonly projections: RunningProjections;
}

/** Commands of an import may come faster than read models follow; they are waited for, not refused. */
const waitMs = 10 * 60_000;

/** The write side and its read models on a data folder, for this process alone and without a server. */
export const openWriting = async (config: Config): Promise<Writing> => {
  await using opening = new AsyncDisposableStack();
  const ports = opening.use(await openPorts(config, { exclusive: true }));
  const { events, documents, snapshots } = ports;
  const tail = opening.use(createLogTail({ events, catalog }));
  const projections = opening.use(await startProjections({ events, documents, tail, waitMs }));
  const { readModels } = projections;
  const bus = opening.use(
    createCommandBus({
      events,
      snapshots,
      async recall(conversationId, messageIds, position) {
        await readModels.waitFor(['timeline'], position);
        return await readModels.timeline.recall(conversationId, messageIds);
      },
    }),
  );
  const opened = opening.move();
  return { bus, ports, projections, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
