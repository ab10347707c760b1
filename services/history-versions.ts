import { catalog } from '../domain/catalog.ts';
import type { ConversationEvent } from '../domain/conversation/events.ts';
import { conversationStream } from '../domain/ids.ts';
import type { EventStore, Revision } from '../ports/event-store.ts';
import type { MessageDocument } from '../projections/timeline/document.ts';
import type { MessageVersion } from '../schemas/message.ts';

const eventAt = async (
  events: EventStore,
  stream: string,
  revision: Revision,
): Promise<ConversationEvent | undefined> => {
  for await (const recorded of events.readStream(stream, { after: revision - 1 })) {
    return catalog.decode(recorded) as ConversationEvent;
  }
  return undefined;
};

const versionAfter = (before: MessageVersion | undefined, event: ConversationEvent | undefined) => {
  if (event?.type === 'MessageSent') {
    const { content, attachments, mentions } = event.data;
    return { text: content.text, attachments, mentions, custom: content.custom, editedAt: null };
  }
  if (event?.type !== 'MessageEdited' || before === undefined) return before;
  const { content, attachments = before.attachments, mentions = before.mentions, at } = event.data;
  return {
    text: content.text === undefined ? before.text : content.text,
    attachments,
    mentions,
    custom: content.custom === undefined ? before.custom : content.custom,
    editedAt: at,
  };
};

/** The first `limit` versions of a message, oldest first, folded from its own events; none of a deleted one. */
export const versionsOf = async (
  events: EventStore,
  message: MessageDocument,
  limit: number,
): Promise<readonly MessageVersion[]> => {
  if (message.deletedAt !== null) return [];
  const stream = conversationStream(message.conversationId);
  const versions: MessageVersion[] = [];
  for (const revision of [message.sentRevision, ...message.editRevisions].slice(0, limit)) {
    const version = versionAfter(versions.at(-1), await eventAt(events, stream, revision));
    if (version !== undefined) versions.push(version);
  }
  return versions;
};
