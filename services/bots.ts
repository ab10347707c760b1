import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { CommandBus } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import { derivedId, type UserId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { BotRecord, TokenRecord } from '../ports/bot-records.ts';
import { timestamp, type Clock } from '../ports/clock.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { Bot, BotToken, IssuedBotToken, NewBot, NewBotToken } from '../schemas/bot.ts';
import type { AccountService } from './accounts.ts';
import { botWritten } from './bot-write.ts';
import { callerOf, knownScopes, makeBotToken } from './bot-tokens.ts';
import type { Caller, Written } from './caller.ts';
import type { Passwords } from './passwords.ts';
import { userView } from './views.ts';
import type { Revocations } from './revocations.ts';

export interface BotOptions {
  readonly bus: CommandBus;
  readonly credentials: Pick<CredentialStore, 'addCredential' | 'bots'>;
  readonly accounts: Pick<AccountService, 'erase'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

/** What the owner of a bot does with it. Somebody else's bot is `bot/not-found`. */
export interface BotService {
  /** Throws `user/name-taken`, `bot/too-many`. */
  create(caller: Caller, bot: NewBot): Promise<Written<Bot>>;
  list(caller: Caller): Promise<readonly Bot[]>;
  /** Erases its account; its tokens end at once. */
  remove(caller: Caller, botId: UserId): Promise<Written<null>>;
  /** Throws `bot/too-many`. The token itself is in this answer only. */
  issue(caller: Caller, botId: UserId, token: NewBotToken): Promise<Written<IssuedBotToken>>;
  tokens(caller: Caller, botId: UserId): Promise<readonly BotToken[]>;
  /** Its sockets are closed with 4403. Throws `bot/token-not-found`. */
  revoke(caller: Caller, botId: UserId, tokenId: string): Promise<Written<null>>;
  /** Throws `bot/not-found` unless it is the caller's. */
  mustOwn(caller: Caller, botId: UserId): Promise<void>;
  /** All bots of one whose account goes. */
  removeAllOf(ownerId: UserId): Promise<void>;
}

const tokenView = ({ id, name, scopes, createdAt, expiresAt }: TokenRecord): BotToken => ({
  tokenId: id,
  name,
  scopes: knownScopes(scopes),
  createdAt,
  expiresAt,
});

export const createBotService = (options: BotOptions): BotService => {
  const { bus, accounts, passwords, revocations, clock } = options;
  const { bots } = options.credentials;

  const mustOwn = async ({ userId }: Caller, botId: UserId): Promise<void> => {
    if ((await bots.get('bot', botId))?.parentId !== userId) throw new DomainError('bot/not-found');
  };

  /** Undefined for one whose making broke off. */
  const view = async ({ id, parentId, createdAt }: BotRecord): Promise<Bot | undefined> => {
    const user = await bus.userState(id);
    if (user.status !== 'active') return undefined;
    return { userId: id, ownerId: parentId, createdAt, user: userView(user) };
  };

  const list = async (ownerId: UserId): Promise<readonly Bot[]> => {
    const views = await Promise.all((await bots.of('bot', ownerId)).map(view));
    return views.filter((bot) => bot !== undefined);
  };

  const erase = async (botId: UserId): Promise<Written<null>> => {
    const tokens = await bots.of('token', botId);
    const written = await accounts.erase({ userId: botId });
    await bots.removeBot(botId);
    for (const token of tokens) revocations.announce(callerOf(token), 'revoked');
    return written;
  };

  return {
    mustOwn,

    async create({ userId: ownerId }, { username, displayName = username }) {
      if ((await list(ownerId)).length >= limits.botsPerUser) throw new DomainError('bot/too-many');
      const record: BotRecord = { kind: 'bot', id: v7(), parentId: ownerId, createdAt: timestamp(clock) };
      // Nobody knows the password: a bot has tokens only.
      const passwordHash = await passwords.hash(randomBytes(32).toString('base64'));
      await bots.put(record);
      const credential = { userId: record.id, username, passwordHash, createdAt: record.createdAt };
      if (!(await options.credentials.addCredential(credential))) {
        await bots.removeBot(record.id);
        throw new DomainError('user/name-taken');
      }
      const { position } = await bus.user(record.id, {
        commandId: derivedId(record.id, 'RegisterUser'),
        actorId: record.id,
        command: { type: 'RegisterUser', data: { userId: record.id, username, displayName } },
      });
      const result = await view(record);
      if (result === undefined) throw new DomainError('server/unavailable');
      return { result, created: true, position };
    },

    list: ({ userId }) => list(userId),

    async remove(caller, botId) {
      await mustOwn(caller, botId);
      return erase(botId);
    },

    async issue(caller, botId, { name, scopes, expiresInSeconds }) {
      await mustOwn(caller, botId);
      if ((await bots.of('token', botId)).length >= limits.tokensPerBot) throw new DomainError('bot/too-many');
      const tokenId = v7();
      const { token, hash } = makeBotToken(tokenId);
      const now = clock();
      const record: TokenRecord = {
        kind: 'token',
        id: tokenId,
        parentId: botId,
        name,
        scopes: [...new Set(scopes)],
        hash,
        createdAt: new Date(now).toISOString(),
        expiresAt: expiresInSeconds === undefined ? null : new Date(now + expiresInSeconds * 1000).toISOString(),
      };
      await bots.put(record);
      return botWritten(bus, botId, { ...tokenView(record), token }, true);
    },

    async tokens(caller, botId) {
      await mustOwn(caller, botId);
      return (await bots.of('token', botId)).map(tokenView);
    },

    async revoke(caller, botId, tokenId) {
      await mustOwn(caller, botId);
      const token = await bots.get('token', tokenId);
      if (token?.parentId !== botId) throw new DomainError('bot/token-not-found');
      await bots.remove('token', tokenId);
      revocations.announce(callerOf(token), 'revoked');
      return botWritten(bus, botId, null, false);
    },

    async removeAllOf(ownerId) {
      for (const { id } of await bots.of('bot', ownerId)) await erase(id);
    },
  };
};

/** Whoever erases his account takes his bots with him, first of all. */
export const erasingBots = (accounts: AccountService, bots: Pick<BotService, 'removeAllOf'>): AccountService => ({
  ...accounts,
  async erase(caller) {
    await bots.removeAllOf(caller.userId);
    return accounts.erase(caller);
  },
});
