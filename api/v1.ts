import type { AccountService } from '../services/accounts.ts';
import type { BotService } from '../services/bots.ts';
import type { ContactService } from '../services/contacts.ts';
import type { DeviceService } from '../services/devices.ts';
import type { Messaging } from '../services/messaging.ts';
import type { PresenceService } from '../services/presence.ts';
import type { ProfileService } from '../services/profiles.ts';
import type { SearchService } from '../services/search.ts';
import type { SessionService } from '../services/sessions.ts';
import type { WebhookService } from '../services/webhooks.ts';
import { blockRoutes } from './routes/blocks.ts';
import { botRoutes } from './routes/bots.ts';
import { channelRoutes } from './routes/channels.ts';
import { contactRoutes } from './routes/contacts.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { deviceRoutes } from './routes/devices.ts';
import { directRoutes } from './routes/direct.ts';
import { historyRoutes } from './routes/history.ts';
import { inviteRoutes } from './routes/invites.ts';
import { meRoutes } from './routes/me.ts';
import { memberRoutes } from './routes/members.ts';
import { messageRoutes } from './routes/messages.ts';
import { presenceRoutes } from './routes/presence.ts';
import { realtimeRoute } from './routes/realtime.ts';
import { receiptRoutes } from './routes/receipts.ts';
import { searchRoutes } from './routes/search.ts';
import { scheduledRoutes } from './routes/scheduled.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { syncRoutes } from './routes/sync.ts';
import { userRoutes } from './routes/users.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { bindRoutes, type BoundRoutes } from './server.ts';

export interface Services {
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly devices: DeviceService;
  readonly bots: BotService;
  readonly webhooks: WebhookService;
  readonly profiles: ProfileService;
  readonly contacts: ContactService;
  readonly presence: PresenceService;
  readonly messaging: Messaging;
  readonly search: SearchService;
}

/** Every route of version 1 of the API. */
export const v1 = (services: Services): readonly BoundRoutes[] => [
  ...[
    userRoutes,
    sessionRoutes,
    deviceRoutes,
    meRoutes,
    contactRoutes,
    blockRoutes,
    presenceRoutes,
    botRoutes,
    webhookRoutes,
  ].map((routes) => bindRoutes(routes, services)),
  ...[
    conversationRoutes,
    directRoutes,
    memberRoutes,
    inviteRoutes,
    channelRoutes,
    messageRoutes,
    historyRoutes,
    scheduledRoutes,
    receiptRoutes,
    syncRoutes,
    searchRoutes,
  ].map((routes) => bindRoutes(routes, services)),
  realtimeRoute,
];
