import { z } from 'zod';
import { botScopes } from '../domain/bot-scopes.ts';
import { Timestamp, Uuid } from './common.ts';
import { text } from './text.ts';
import { DisplayName, User, Username } from './user.ts';

export const Bot = z
  .strictObject({ userId: Uuid, ownerId: Uuid, createdAt: Timestamp, user: User })
  .meta({ id: 'Bot' });
export type Bot = Readonly<z.infer<typeof Bot>>;

export const NewBot = z.strictObject({ username: Username, displayName: DisplayName.optional() });
export type NewBot = z.infer<typeof NewBot>;

const Scopes = z.array(z.enum(botScopes)).min(1).max(botScopes.length);

export const NewBotToken = z.strictObject({
  name: text({ min: 1, max: 80 }),
  scopes: Scopes,
  expiresInSeconds: z.int().min(60).max(315_360_000).optional(),
});
export type NewBotToken = z.infer<typeof NewBotToken>;

export const BotToken = z
  .strictObject({
    tokenId: Uuid,
    name: z.string(),
    scopes: Scopes,
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: 'BotToken' });
export type BotToken = Readonly<z.infer<typeof BotToken>>;

/** The only answer that has the token itself. */
export const IssuedBotToken = BotToken.extend({ token: z.string() }).meta({ id: 'IssuedBotToken' });
export type IssuedBotToken = Readonly<z.infer<typeof IssuedBotToken>>;
