import { uuidV7Time } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { unreachable } from '../domain/unreachable.ts';
import type { Caller, Written } from '../services/caller.ts';
import type { MessageService, Turn } from '../services/message-service.ts';
import { invalidRequest } from '../services/problems.ts';
import type { Message } from '../schemas/message.ts';
import { Request, type Envelope } from './protocol.ts';

/** The request in a frame. Throws `request/invalid` for an unknown type, and for unknown or mistyped fields. */
export const parseRequest = (envelope: Envelope): Request => {
  const parsed = Request.safeParse(envelope);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues, 'frame');
};

/** What is written down; the rest is of the moment. */
export type Write = Exclude<Request, Momentary>;
export type Momentary = Extract<Request, { type: 'heartbeat' | 'typing' | 'watch' | 'unwatch' | 'away' }>;

export const isMomentary = (request: Request): request is Momentary =>
  ['heartbeat', 'typing', 'watch', 'unwatch', 'away'].includes(request.type);

/**
 * Whether this may begin together with others of its conversation for which it may as well: a send that needs nothing
 * of what comes before it, and is decided at its turn because its id is too young to be looked up.
 */
export const sharesAppend = (request: Write, now: number): boolean => {
  if (request.type !== 'send') return false;
  if (request.replyTo ?? request.thread ?? request.forwardedFrom) return false;
  const made = uuidV7Time(request.messageId);
  return made !== undefined && Math.abs(now - made) < limits.messageWindowMs / 2;
};

/** What a bot's token must allow is what it must for the REST twin. */
export const mayAsk = ({ scopes }: Pick<Caller, 'scopes'>, request: Request): boolean => {
  const writes = request.type === 'typing' || !isMomentary(request);
  return !writes || scopes === undefined || scopes.includes('messages:write');
};

/** Those that share a lane are done in order of arrival. Receipts hold nothing up: they may wait for others. */
export const writeLane = ({ type, conversationId }: Write): string =>
  type === 'receipt' ? `receipts/${conversationId}` : conversationId;

/** Does what is asked; a resolved promise means: durable. */
export const perform = async (
  messages: MessageService,
  caller: Caller,
  request: Write,
  turn: Turn,
): Promise<Written<Message | null>> => {
  const { conversationId } = request;
  switch (request.type) {
    case 'send': {
      const { id: _id, type: _type, conversationId: _conversationId, messageId, ...body } = request;
      return await messages.send(caller, conversationId, messageId, body, turn);
    }
    case 'edit': {
      const { id: _id, type: _type, conversationId: _conversationId, messageId, ...body } = request;
      return await messages.edit(caller, conversationId, messageId, body);
    }
    case 'delete':
      return await messages.remove(caller, conversationId, request.messageId, request.for);
    case 'react':
      return await messages.react(caller, conversationId, request.messageId, request.emoji);
    case 'unreact':
      return await messages.unreact(caller, conversationId, request.messageId, request.emoji);
    case 'pin':
      return await messages.pin(caller, conversationId, request.messageId);
    case 'unpin':
      return await messages.unpin(caller, conversationId, request.messageId);
    case 'receipt': {
      const { id: _id, type: _type, conversationId: _conversationId, ...body } = request;
      return await messages.receipt(caller, conversationId, body);
    }
    default:
      return unreachable(request);
  }
};
