import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CommandBus } from '../commands/command-bus.ts';
import type { ConversationCommand } from '../domain/conversation/commands.ts';
import { DomainError } from '../domain/errors.ts';
import { Timestamp, Uuid, type ConversationId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { InviteDocument } from '../projections/feed/documents.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Conversation, Invite, InviteBody } from '../schemas/conversation.ts';
import type { Caller, Written } from './caller.ts';
import { writtenConversation } from './conversations.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paging } from './history.ts';
import { createInviteTokens } from './invites-token.ts';
import { readAccess } from './visibility.ts';

/** Invites by link. `baseUrl` is where the client found this server; the links begin there. */
export interface InviteService {
  create(caller: Caller, conversationId: ConversationId, body: InviteBody, baseUrl: string): Promise<Written<Invite>>;
  /** Those of the caller; for admins all. Oldest first. */
  list(caller: Caller, conversationId: ConversationId, paging: Paging, baseUrl: string): Promise<Page<Invite>>;
  withdraw(caller: Caller, conversationId: ConversationId, token: string): Promise<Written<null>>;
  /** Joins the conversation that the token belongs to. */
  accept(caller: Caller, token: string): Promise<Written<Conversation>>;
}

export interface InviteServiceOptions {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
  readonly clock: Clock;
  /** Proves that a token is of this server. */
  readonly secret: Uint8Array;
}

const defaultSeconds = 7 * 24 * 60 * 60;
const InvitePlace = z.tuple([Timestamp, Uuid]);

const isAfter = (invite: InviteDocument, [createdAt, inviteId]: readonly [string, string]): boolean =>
  invite.createdAt > createdAt || (invite.createdAt === createdAt && invite.inviteId > inviteId);

export const createInviteService = ({ bus, reads, clock, secret }: InviteServiceOptions): InviteService => {
  const tokens = createInviteTokens(secret);

  const write = ({ userId }: Caller, conversationId: ConversationId, command: ConversationCommand) =>
    bus.conversation(conversationId, { commandId: randomUUID(), actorId: userId, command });

  const view = (
    conversationId: ConversationId,
    { inviteId, expiresAt, maxUses, uses }: Pick<InviteDocument, 'inviteId' | 'expiresAt' | 'maxUses' | 'uses'>,
    baseUrl: string,
  ): Invite => {
    const token = tokens.encode({ conversationId, inviteId });
    return { token, url: `${baseUrl}/v1/invites/${token}`, expiresAt, maxUses, uses };
  };

  return {
    async create(caller, conversationId, { expiresInSeconds = defaultSeconds, maxUses = null }, baseUrl) {
      const inviteId = randomUUID();
      const expiresAt = new Date(clock() + expiresInSeconds * 1000).toISOString();
      const data = { inviteId, expiresAt, maxUses };
      const { position } = await write(caller, conversationId, { type: 'CreateInvite', data });
      return { result: view(conversationId, { ...data, uses: 0 }, baseUrl), created: true, position };
    },

    async list({ userId }, conversationId, { cursor, limit }, baseUrl) {
      const after = decodeCursor(InvitePlace, cursor);
      const { member } = await readAccess(reads.feed, userId, conversationId);
      const isAdmin = member.role === 'owner' || member.role === 'admin';
      const shown = (await reads.feed.invites(conversationId))
        .filter((invite) => (isAdmin || invite.by === userId) && (after === undefined || isAfter(invite, after)))
        .sort((one, other) => (isAfter(one, [other.createdAt, other.inviteId]) ? 1 : -1));
      const page = shown.slice(0, limit);
      const last = shown.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map((invite) => view(conversationId, invite, baseUrl)),
        next: last === undefined ? null : encodeCursor([last.createdAt, last.inviteId]),
      };
    },

    async withdraw(caller, conversationId, token) {
      const invite = tokens.decode(token);
      const isOfThis = invite?.conversationId === conversationId;
      // An id that no invite has: whoever may not see the conversation is told so before the token is judged.
      const inviteId = isOfThis ? invite.inviteId : randomUUID();
      const { events, position } = await write(caller, conversationId, { type: 'WithdrawInvite', data: { inviteId } });
      return { result: null, created: events.length > 0, position };
    },

    async accept(caller, token) {
      const invite = tokens.decode(token);
      if (invite === undefined) throw new DomainError('invite/not-found');
      const { conversationId, inviteId } = invite;
      const { events, position } = await write(caller, conversationId, { type: 'AcceptInvite', data: { inviteId } });
      const result = await writtenConversation(reads, caller, conversationId, position);
      return { result, created: events.length > 0, position };
    },
  };
};
