import type { Logger } from 'pino';
import { v7 } from 'uuid';
import { SharedOwnership } from '../projections/shared-ownership.ts';
import { Relay } from '../relay/relay.ts';
import { relayWork } from '../relay/settings.ts';
import type { Ports } from './ports.ts';

export interface StartRelayOptions {
  readonly ports: Pick<Ports, 'events' | 'documents' | 'pubSub'>;
  readonly logger: Logger;
}

/** Publishes this process's share of the log; what another relay leaves behind that ends or hangs is shared out anew. */
export const startRelay = ({ ports, logger: log }: StartRelayOptions): AsyncDisposable => {
  const { events, documents, pubSub } = ports;
  const stack = new AsyncDisposableStack();
  const ownership = stack.use(new SharedOwnership({ documents, projections: [relayWork], log, self: v7() }));
  stack.use(new Relay({ events, pubSub, ownership, log }));
  return stack;
};
