import type { FastifyInstance } from 'fastify';
import type { BotScope } from '../domain/bot-scopes.ts';
import { DomainError } from '../domain/errors.ts';

/** What a bot's token must allow for each route, by its operation. What is not named here is for people only. */
export const routeScopes: Readonly<Record<string, BotScope>> = {
  getMe: 'read',
  changeMe: 'profile:write',
  getUser: 'read',
  findUsers: 'read',
  getPresence: 'read',
  listConversations: 'read',
  getConversation: 'read',
  listMembers: 'read',
  listChannels: 'read',
  listMessages: 'read',
  getMessage: 'read',
  listVersions: 'read',
  listThread: 'read',
  listPins: 'read',
  listReceipts: 'read',
  sync: 'read',
  listChanges: 'read',
  searchMessages: 'read',
  searchUsers: 'read',
  searchConversations: 'read',
  searchChannels: 'read',
  sendMessage: 'messages:write',
  sendToMany: 'messages:write',
  editMessage: 'messages:write',
  deleteMessage: 'messages:write',
  addReaction: 'messages:write',
  removeReaction: 'messages:write',
  pinMessage: 'messages:write',
  unpinMessage: 'messages:write',
  putReceipts: 'messages:write',
  scheduleMessage: 'messages:write',
  cancelScheduled: 'messages:write',
  listScheduled: 'read',
  putDirect: 'conversations:write',
  startConversation: 'conversations:write',
  changeConversation: 'conversations:write',
  closeConversation: 'conversations:write',
  changeOwnView: 'conversations:write',
  clearHistory: 'conversations:write',
  putMember: 'conversations:write',
  removeMember: 'conversations:write',
  createInvite: 'conversations:write',
  listInvites: 'read',
  withdrawInvite: 'conversations:write',
  acceptInvite: 'conversations:write',
};

/** Refuses a bot what its token does not allow, before anything else of its request is looked at. */
export const enforceScopes = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request) => {
    const { schema } = request.routeOptions;
    const { operationId, security } = (schema ?? {}) as {
      readonly operationId?: string;
      readonly security?: readonly unknown[];
    };
    if (request.is404 || security?.length === 0) return;
    const { scopes } = request.caller;
    if (scopes === undefined) return;
    const wanted = operationId === undefined ? undefined : routeScopes[operationId];
    if (wanted === undefined || !scopes.includes(wanted)) throw new DomainError('auth/forbidden');
  });
};
