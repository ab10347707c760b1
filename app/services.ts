import type { Services } from '../api/v1.ts';
import type { CommandBus } from '../commands/command-bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { ReadModels } from '../projections/queries.ts';
import { createAccessTokens } from '../services/access-token.ts';
import { createAccountService } from '../services/accounts.ts';
import { createAuthenticator } from '../services/authenticator.ts';
import type { Authenticator } from '../services/caller.ts';
import { createBotService, erasingBots } from '../services/bots.ts';
import { createContactService } from '../services/contacts.ts';
import { createDeviceService } from '../services/devices.ts';
import { createMessaging } from '../services/messaging.ts';
import { createPasswords, type PasswordCost } from '../services/passwords.ts';
import { createPresenceService } from '../services/presence.ts';
import { createProfileService } from '../services/profiles.ts';
import { createRefreshTokens } from '../services/refresh-token.ts';
import { tellEnded } from '../services/ended-sessions.ts';
import { createRevocations } from '../services/revocations.ts';
import { createSearchService } from '../services/search.ts';
import { createSessionService } from '../services/sessions.ts';
import { createWebhookService } from '../services/webhooks.ts';
import type { Ports } from './ports.ts';

export interface ServiceOptions {
  readonly ports: Ports;
  readonly bus: CommandBus;
  readonly readModels: ReadModels;
  readonly accessTokenSeconds: number;
  readonly webhooksToPrivate: boolean;
  readonly clock: Clock;
  readonly passwordCost?: PasswordCost | undefined;
}

const secretBytes = 32;

/** Everything that clients can ask for, and who they are. Makes the server's secrets where they are missing. */
export const createServices = async (options: ServiceOptions): Promise<Services & { authenticator: Authenticator }> => {
  const { ports, bus, readModels, clock } = options;
  const { credentials, limiter, events, presence } = ports;
  const secret = (name: string): Promise<Uint8Array> => credentials.secret(name, secretBytes);
  const seconds = options.accessTokenSeconds;
  const accessTokens = createAccessTokens({ secret: await secret('access-tokens'), seconds, clock });
  const refreshTokens = createRefreshTokens(await secret('refresh-tokens'));
  const passwords = createPasswords(options.passwordCost);
  const revocations = createRevocations(tellEnded(ports.pubSub));
  const devices = createDeviceService({ bus, credentials, readModels, revocations });
  const accounts = createAccountService({ bus, credentials, passwords, revocations, clock });
  const bots = createBotService({ bus, credentials, accounts, passwords, revocations, clock });
  return {
    authenticator: createAuthenticator({ credentials, accessTokens, revocations, clock }),
    accounts: erasingBots(accounts, bots),
    bots,
    webhooks: createWebhookService({
      bus,
      records: credentials.bots,
      bots,
      clock,
      allowPrivate: options.webhooksToPrivate,
    }),
    sessions: createSessionService({
      bus,
      credentials,
      devices,
      readModels,
      passwords,
      accessTokens,
      refreshTokens,
      revocations,
      limiter,
      clock,
    }),
    devices,
    profiles: createProfileService({ bus, readModels }),
    contacts: createContactService({ bus, readModels }),
    search: createSearchService(readModels),
    presence: createPresenceService({ presence, credentials, readModels }),
    messaging: createMessaging({
      bus,
      reads: readModels,
      events,
      clock,
      inviteSecret: await secret('invite-tokens'),
    }),
  };
};
