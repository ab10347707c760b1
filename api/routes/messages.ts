import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { EditBody, Message, SendBody } from '../../schemas/message.ts';
import { MultiSendBody, MultiSendResult } from '../../schemas/multi-send.ts';
import { toProblem } from '../../services/problems.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';
import { messageParams, reactionParams, type MessagingRoutesOptions } from './params.ts';

const tags = ['messages'];
const ofConversation = ['conversation/not-a-member', 'conversation/not-found', 'conversation/closed'] as const;
const ofMessage = [...ofConversation, 'message/not-found'] as const;

/** Writing messages and marking them. */
export const messageRoutes: FastifyPluginAsyncZod<MessagingRoutesOptions> = async (app, { messaging }) => {
  const { messages, multiSend } = messaging;

  app.put(
    '/conversations/:conversationId/messages/:messageId',
    {
      schema: {
        operationId: 'sendMessage',
        summary: 'Send a message',
        description: 'Repeated with the same content it has no further effect and answers the message as it is now.',
        tags,
        params: messageParams,
        body: SendBody,
        response: {
          200: Message,
          201: Message,
          ...problems(...ofMessage, 'auth/forbidden', 'contact/blocked', 'message/id-reused', 'message/too-long'),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await messages.send(caller, params.conversationId, params.messageId, body)),
  );

  app.post(
    '/messages',
    {
      schema: {
        operationId: 'sendToMany',
        summary: 'Send one content to up to 100 conversations and users',
        description: 'Each destination is accepted or refused on its own. The id in each derives from `messageId`.',
        tags,
        body: MultiSendBody,
        response: { 200: MultiSendResult, ...problems('message/too-long') },
      },
    },
    async ({ caller, body: { messageId, destinations, ...content }, id }, reply) => {
      const { result, ...written } = await multiSend.sendToAll(caller, messageId, destinations, content);
      const results = result.deliveries.map((delivery) =>
        'message' in delivery
          ? delivery
          : { destination: delivery.destination, error: toProblem(delivery.refusal, id) },
      );
      return sendWritten(reply, { ...written, result: { results } }, { createdStatus: 200 });
    },
  );

  app.patch(
    '/conversations/:conversationId/messages/:messageId',
    {
      schema: {
        operationId: 'editMessage',
        summary: 'Edit a message of one’s own',
        description: 'Fields that are given replace, null clears. An edit that changes nothing has no effect.',
        tags,
        params: messageParams,
        body: EditBody,
        response: {
          200: Message,
          ...problems(...ofMessage, 'auth/forbidden', 'contact/blocked', 'message/not-editable', 'message/too-long'),
        },
      },
    },
    async ({ caller, params, body }, reply) =>
      sendWritten(reply, await messages.edit(caller, params.conversationId, params.messageId, body), {
        createdStatus: 200,
      }),
  );

  app.delete(
    '/conversations/:conversationId/messages/:messageId',
    {
      schema: {
        operationId: 'deleteMessage',
        summary: 'Delete a message for everyone (its author, admins) or for oneself',
        tags,
        params: messageParams,
        querystring: z.strictObject({ for: z.enum(['everyone', 'me']) }),
        response: { 204: noContent, ...problems(...ofMessage, 'auth/forbidden') },
      },
    },
    async ({ caller, params, query }, reply) =>
      sendWritten(reply, await messages.remove(caller, params.conversationId, params.messageId, query.for)),
  );

  app.put(
    '/conversations/:conversationId/messages/:messageId/reactions/:emoji',
    {
      schema: {
        operationId: 'addReaction',
        summary: 'React with one emoji',
        tags,
        params: reactionParams,
        response: { 204: noContent, ...problems(...ofMessage, 'contact/blocked') },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await messages.react(caller, params.conversationId, params.messageId, params.emoji)),
  );

  app.delete(
    '/conversations/:conversationId/messages/:messageId/reactions/:emoji',
    {
      schema: {
        operationId: 'removeReaction',
        summary: 'Take a reaction of one’s own back',
        tags,
        params: reactionParams,
        response: { 204: noContent, ...problems(...ofMessage) },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await messages.unreact(caller, params.conversationId, params.messageId, params.emoji)),
  );

  app.put(
    '/conversations/:conversationId/messages/:messageId/pin',
    {
      schema: {
        operationId: 'pinMessage',
        summary: 'Pin a message for all',
        tags,
        params: messageParams,
        response: { 204: noContent, ...problems(...ofMessage, 'auth/forbidden') },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await messages.pin(caller, params.conversationId, params.messageId)),
  );

  app.delete(
    '/conversations/:conversationId/messages/:messageId/pin',
    {
      schema: {
        operationId: 'unpinMessage',
        summary: 'Unpin a message',
        tags,
        params: messageParams,
        response: { 204: noContent, ...problems(...ofMessage, 'auth/forbidden') },
      },
    },
    async ({ caller, params }, reply) =>
      sendWritten(reply, await messages.unpin(caller, params.conversationId, params.messageId)),
  );
};
