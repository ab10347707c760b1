import type { Logger } from 'pino';
import type { Clock } from '../ports/clock.ts';
import { cancelScheduled } from '../reactions/cancel-scheduled.ts';
import { eraseMembers } from '../reactions/erase-members.ts';
import { runReactionOnce } from '../reactions/leased-reaction.ts';
import { expireDue } from '../reactions/expire-messages.ts';
import {
  findRetention,
  findRetentionKind,
  keepRetention,
  retentionKind,
  startRetention,
} from '../reactions/retention.ts';
import { ReactionRunner } from '../reactions/runner.ts';
import { sendDue } from '../services/scheduled-delivery.ts';
import { tellWebhooks, webhookKind } from '../reactions/tell-webhooks.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import type { HistoryService } from '../services/history.ts';
import { deliverWebhook } from '../services/webhook-delivery.ts';
import { runJobs, type JobObserver } from './jobs.ts';
import type { Core } from './core.ts';
import type { Ports } from './ports.ts';
import { watchWebhooks } from './webhooks.ts';

export interface WorkerOptions {
  readonly core: Core;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Other processes may do the same on the same stores: of each reaction one is at work. */
  readonly isShared: boolean;
  readonly history: Pick<HistoryService, 'message'>;
  readonly webhookSender: WebhookSender;
  readonly observeJob: JobObserver;
}

/** What is due is found after half a second at most. */
const sweepMs = 500;
/** Jobs that were lost without all of them being lost are found again after so long. */
const findMs = 10 * 60_000;

/** What is done without anyone asking: reactions to events, and jobs. Disposing it waits for what has begun. */
export const startWorker = async (options: WorkerOptions): Promise<AsyncDisposable> => {
  const { core, ports, clock, logger, isShared, history } = options;
  const { bus, readModels, tail } = core;
  const { jobs } = ports;
  await using starting = new AsyncDisposableStack();
  const { bots } = ports.credentials;
  const webhooks = starting.use(watchWebhooks(bots, logger));
  await webhooks.refresh();
  const expiry = { bus, readModels, clock };
  const reactions = [
    eraseMembers({ bus, readModels }),
    startRetention({ readModels, jobs }),
    cancelScheduled({ bus }),
    tellWebhooks({ webhooks: webhooks.known, readModels, jobs }),
  ];
  for (const reaction of reactions) {
    const options = { reaction, tail, documents: ports.documents, log: logger };
    starting.use(isShared ? runReactionOnce(options) : new ReactionRunner(options));
  }
  const standing = [
    { kind: 'expire-due', everyMs: sweepMs, handler: expireDue(expiry) },
    { kind: 'send-due', everyMs: sweepMs, handler: sendDue({ bus, reads: readModels, events: ports.events, clock }) },
    { kind: findRetentionKind, everyMs: findMs, handler: findRetention({ readModels, jobs }) },
  ];
  const deliver = deliverWebhook({
    bots,
    events: ports.events,
    reads: readModels,
    history,
    sender: options.webhookSender,
    clock,
  });
  const handlers = { [retentionKind]: keepRetention(expiry), [webhookKind]: deliver };
  starting.use(runJobs({ jobs, standing, handlers, observe: options.observeJob, logger }));
  return starting.move();
};
