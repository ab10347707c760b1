import type { CommandBus } from '../commands/command-bus.ts';
import type { MessageContent, SendContent } from '../domain/conversation/commands.ts';
import { hasContent, mustFit } from '../domain/conversation/content.ts';
import type { ConversationEventOf } from '../domain/conversation/events.ts';
import type { ConversationState } from '../domain/conversation/state.ts';
import { DomainError } from '../domain/errors.ts';
import { conversationStream, derivedId, type ConversationId, type MessageId } from '../domain/ids.ts';
import type { EventStore, Revision, Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import { messageKey, messages } from '../projections/timeline/messages.ts';
import type { Message, SendBody } from '../schemas/message.ts';
import type { Caller, Written } from './caller.ts';
import type { Turn } from './message-service.ts';
import { mayAddressPartner } from './conversations-rules.ts';
import { forwardedContent } from './messages-forward.ts';
import { messageViews } from './message-state.ts';
import { invalid } from './problems.ts';
import { messageView } from './views.ts';

/** Whoever sends, from a device or because it was told before. */
export type Sender = Pick<Caller, 'userId'>;

export interface SendOptions {
  readonly bus: CommandBus;
  readonly reads: ReadModels;
  readonly events: EventStore;
}

/** The schema has seen to it that `custom` is JSON. */
export const asContent = (body: SendBody): SendContent => body as SendContent;

/** Refuses what no conversation would take, before any of them is looked at. */
export const mustBeSendable = (content: SendContent): void => {
  mustFit(content);
  if (content.forwardedFrom === undefined && !hasContent(content))
    throw invalid('body.text', 'a message needs content');
};

/** The message as its own event says, which is all there is of it at that moment. */
const asSent = (
  conversationId: ConversationId,
  event: ConversationEventOf<'MessageSent'>,
  revision: Revision,
  position: Position,
): MessageDocument => {
  const place = { stream: conversationStream(conversationId), revision, position };
  const document = messages.evolve(undefined, event, place, messageKey(conversationId, event.data.messageId));
  if (document === undefined) throw new Error('A message that was sent has no document');
  return document;
};

/** The message as it is now for a writer, once the read models have passed what he wrote. */
export const writtenMessage = async (
  reads: ReadModels,
  { userId }: Sender,
  conversationId: ConversationId,
  messageId: MessageId,
  position: Position,
): Promise<Message> => {
  await reads.waitFor(['feed', 'timeline'], position);
  const [conversation, message] = await Promise.all([
    reads.feed.conversation(conversationId),
    reads.timeline.message(conversationId, messageId),
  ]);
  if (conversation === undefined || message === undefined) throw new DomainError('message/not-found');
  const [view] = await messageViews(reads, conversation, userId, [message]);
  return view!;
};

/** What a new message needs beyond its conversation: nobody is blocked, and what is forwarded can be seen. */
export const prepared = async (
  options: SendOptions,
  { userId }: Sender,
  state: ConversationState,
  body: SendBody,
): Promise<MessageContent | undefined> => {
  await mayAddressPartner(options.bus, state, userId);
  if (body.forwardedFrom === undefined) return undefined;
  const content = await forwardedContent(options, userId, body.forwardedFrom);
  return hasContent(asContent(body)) ? undefined : content;
};

/** A message that is there is judged by its conversation alone: whatever else has changed, a repeat is a repeat. */
const isKnown = async (
  { reads, events }: SendOptions,
  state: ConversationState,
  conversationId: ConversationId,
  messageId: MessageId,
): Promise<boolean> => {
  const held = state.status === 'absent' ? undefined : state.messages.get(messageId)?.facts;
  if (held !== undefined) return held.status !== 'absent';
  await reads.waitFor(['timeline'], await events.head());
  return (await reads.timeline.message(conversationId, messageId)) !== undefined;
};

/** Sends, once the rules that reach beyond the conversation allow it. */
export const send = async (
  options: SendOptions,
  caller: Sender,
  conversationId: ConversationId,
  messageId: MessageId,
  body: SendBody,
  turn?: Turn,
): Promise<Written<Message>> => {
  const { bus, reads } = options;
  mustBeSendable(asContent(body));
  const state = await bus.conversationState(conversationId);
  const isMember = state.status !== 'absent' && state.members.has(caller.userId);
  let copied: MessageContent | undefined;
  try {
    // To whoever is no member the conversation itself is refused first.
    copied = isMember ? await prepared(options, caller, state, body) : undefined;
  } catch (refusal) {
    if (!(refusal instanceof DomainError) || !(await isKnown(options, state, conversationId, messageId))) throw refusal;
  }
  await turn?.mine;
  const written = bus.conversation(conversationId, {
    commandId: derivedId('send', conversationId, messageId, caller.userId),
    actorId: caller.userId,
    command: { type: 'SendMessage', data: { messageId, content: asContent(body), copied } },
  });
  turn?.pass();
  const { events, revision, position } = await written;
  const [sent] = events;
  if (sent?.type !== 'MessageSent') {
    const result = await writtenMessage(reads, caller, conversationId, messageId, position);
    return { result, created: false, position };
  }
  const message = asSent(conversationId, sent, revision, position);
  return { result: messageView(message, caller.userId, 'sent'), created: true, position };
};
