import { z } from 'zod';
import { refusals, type RefusalCode } from '../domain/errors.ts';
import { Attachment, ForwardedFrom, Mention } from '../domain/conversation/values.ts';
import { Timestamp, Uuid } from './common.ts';
import { SendBody } from './message.ts';

export const ScheduleBody = z.strictObject({ sendAt: Timestamp, ...SendBody.shape });
export type ScheduleBody = z.infer<typeof ScheduleBody>;

const codes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]];

/** `failure`: why it was refused when its time came; the message stays in the list until it is scheduled anew or deleted. */
export const Scheduled = z
  .strictObject({
    messageId: Uuid,
    conversationId: Uuid,
    sendAt: Timestamp,
    text: z.string().nullable(),
    attachments: z.array(Attachment),
    replyTo: Uuid.nullable(),
    thread: z.strictObject({ rootId: Uuid }).nullable(),
    forwardedFrom: ForwardedFrom.nullable(),
    mentions: z.array(Mention),
    custom: z.record(z.string(), z.unknown()).nullable(),
    expiresInSeconds: z.int().nullable(),
    state: z.enum(['pending', 'sent', 'failed']),
    failure: z.enum(codes).nullable(),
  })
  .meta({ id: 'Scheduled' });
export type Scheduled = Readonly<z.infer<typeof Scheduled>>;
