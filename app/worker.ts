import type { Logger } from 'pino';
import type { Clock } from '../ports/clock.ts';
import { eraseMembers } from '../reactions/erase-members.ts';
import { runReactionOnce } from '../reactions/leased-reaction.ts';
import { ReactionRunner } from '../reactions/runner.ts';
import type { Core } from './core.ts';
import type { Ports } from './ports.ts';

export interface WorkerOptions {
  readonly core: Core;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Other processes may do the same on the same stores: of each reaction one is at work. */
  readonly isShared: boolean;
}

/** What is done without anyone asking: reactions to events. Disposing it waits for what has begun. */
export const startWorker = ({ core, ports, logger, isShared }: WorkerOptions): AsyncDisposable => {
  const { bus, readModels, tail } = core;
  const working = new AsyncDisposableStack();
  const reactions = [eraseMembers({ bus, readModels })];
  for (const reaction of reactions) {
    const options = { reaction, tail, documents: ports.documents, log: logger };
    working.use(isShared ? runReactionOnce(options) : new ReactionRunner(options));
  }
  return working;
};
