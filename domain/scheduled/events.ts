import { z } from 'zod';
import { Attachment, Custom, ForwardedFrom, Mention } from '../conversation/values.ts';
import { Timestamp, Uuid } from '../ids.ts';

const about = { conversationId: Uuid, messageId: Uuid, at: Timestamp };

/** What one user has told to be sent later. Others never hear of it; the message itself is an event of its conversation. */
export const scheduledEvents = {
  /** For the first time, or in place of what was scheduled under this id. */
  SendScheduled: z.object({
    ...about,
    userId: Uuid,
    sendAt: Timestamp,
    content: z.object({ text: z.string().nullable(), custom: Custom.nullable() }),
    attachments: z.array(Attachment),
    mentions: z.array(Mention),
    replyTo: Uuid.nullable(),
    threadRootId: Uuid.nullable(),
    forwardedFrom: ForwardedFrom.nullable(),
    expiresInSeconds: z.int().positive().nullable(),
    /** Of content and time: tells a repeat from a change. */
    digest: z.string(),
  }),
  ScheduledSendCancelled: z.object({ ...about, reason: z.enum(['sender', 'left', 'erased']) }),
  ScheduledSendBegun: z.object(about),
  /** It was sent, or refused with this code. */
  ScheduledSendSettled: z.object({ ...about, failure: z.string().nullable() }),
} as const;

type Schemas = typeof scheduledEvents;
export type ScheduledEvent = {
  [Type in keyof Schemas]: { readonly type: Type; readonly data: Readonly<z.infer<Schemas[Type]>> };
}[keyof Schemas];
