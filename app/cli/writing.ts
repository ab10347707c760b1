import type { Config } from '../config.ts';
import { startCore, type Core } from '../core.ts';
import { openPorts, type Ports } from '../ports.ts';
import { projectionSettings } from '../projection-settings.ts';

export interface Writing extends Core, AsyncDisposable {
  readonly ports: Ports;
}

/** Commands of an import may come faster than read models follow; they are waited for, not refused. */
const waitMs = 10 * 60_000;

/** The write side and its read models on a data folder, for this process alone and without a server. */
export const openWriting = async (config: Config): Promise<Writing> => {
  await using opening = new AsyncDisposableStack();
  const ports = opening.use(await openPorts(config, { exclusive: true }));
  const core = opening.use(await startCore({ ports, waitMs, projecting: projectionSettings(config, ports) }));
  const opened = opening.move();
  return { ...core, ports, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
