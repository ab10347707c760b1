import type { CommandBus } from '../commands/command-bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import { createChangesService, type ChangesService } from './changes.ts';
import { createConversationService, type ConversationService } from './conversations.ts';
import { createFeedService, type FeedService } from './feed.ts';
import { createHistoryService, type HistoryService } from './history.ts';
import { createInviteService, type InviteService } from './invites.ts';
import { createMemberService, type MemberService } from './members.ts';
import type { MessageService } from './message-service.ts';
import { createMessageService } from './messages.ts';
import { createMultiSendService, type MultiSendService } from './multi-send.ts';
import { createScheduledService, type ScheduledService } from './scheduled.ts';
import { createSyncService, type SyncService } from './sync.ts';

/** Everything that clients do with conversations. */
export interface Messaging {
  readonly conversations: ConversationService;
  readonly members: MemberService;
  readonly invites: InviteService;
  readonly messages: MessageService;
  readonly multiSend: MultiSendService;
  readonly history: HistoryService;
  readonly feed: FeedService;
  readonly sync: SyncService;
  readonly changes: ChangesService;
  readonly scheduled: ScheduledService;
  /** Resolves once everything that these services read has passed the position. Throws `read-model/behind`. */
  caughtUp(position: Position | undefined): Promise<void>;
}

export interface MessagingOptions {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
  readonly events: EventStore;
  readonly clock: Clock;
  /** The same on every node and for ever: invite tokens are proven by it. */
  readonly inviteSecret: Uint8Array;
}

export const createMessaging = ({ bus, reads, events, clock, inviteSecret }: MessagingOptions): Messaging => ({
  conversations: createConversationService({ bus, reads }),
  members: createMemberService({ bus, reads }),
  invites: createInviteService({ bus, reads, clock, secret: inviteSecret }),
  messages: createMessageService({ bus, reads, events }),
  multiSend: createMultiSendService({ bus, reads, events, clock }),
  history: createHistoryService({ reads, events }),
  feed: createFeedService(reads),
  sync: createSyncService(reads),
  changes: createChangesService({ reads, events }),
  scheduled: createScheduledService({ bus, reads, events, clock }),
  async caughtUp(position) {
    if (position !== undefined) await reads.waitFor(['timeline', 'feed', 'profiles', 'scheduled'], position);
  },
});
