import { z } from 'zod';
import { limits } from '../domain/limits.ts';
import { Attachment, ForwardedFrom, Mention } from '../domain/conversation/values.ts';
import { Timestamp, Uuid } from './common.ts';
import { text } from './text.ts';

/** A JSON object of the client's own, at most `customDepth` deep, every string of it well-formed without U+0000. */
const isAllowedJson = (value: unknown, depth: number): boolean => {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(([key, inner]) => isAllowedJson(key, depth) && isAllowedJson(inner, depth - 1));
};
export const CustomInput = z
  .record(z.string(), z.unknown())
  .refine((value) => isAllowedJson(value, limits.customDepth), `must be JSON of depth ${limits.customDepth} at most`);

/** Content of a message. Lengths of `text` and `custom` in bytes are judged later, as `message/too-long`. */
export const messageContent = {
  text: text({}).nullable().optional(),
  attachments: z.array(Attachment).max(limits.attachments).nullable().optional(),
  mentions: z.array(Mention).max(limits.mentions).nullable().optional(),
  custom: CustomInput.nullable().optional(),
};

export const SendBody = z.strictObject({
  ...messageContent,
  replyTo: Uuid.optional(),
  thread: Uuid.optional(),
  forwardedFrom: ForwardedFrom.optional(),
  expiresInSeconds: z.int().min(1).max(limits.expiresInSecondsMost).optional(),
});
export type SendBody = z.infer<typeof SendBody>;

export const EditBody = z.strictObject(messageContent);
export type EditBody = z.infer<typeof EditBody>;

const singleEmoji = /^\p{RGI_Emoji}$/v;
/** One emoji grapheme (Unicode UTS #51, RGI). */
export const Emoji = z
  .string()
  .max(64)
  .refine((value) => singleEmoji.test(value), 'must be one emoji');

export const Reaction = z.strictObject({ emoji: z.string(), count: z.int(), mine: z.boolean().nullable() });

export const Message = z
  .strictObject({
    messageId: Uuid,
    conversationId: Uuid,
    seq: z.int(),
    revision: z.int(),
    senderId: Uuid,
    sentAt: Timestamp,
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
    text: z.string().nullable(),
    attachments: z.array(Attachment),
    replyTo: Uuid.nullable(),
    thread: z.strictObject({ rootId: Uuid }).nullable(),
    replyCount: z.int(),
    lastReplyAt: Timestamp.nullable(),
    forwardedFrom: ForwardedFrom.nullable(),
    mentions: z.array(Mention),
    reactions: z.array(Reaction),
    pinned: z.boolean(),
    expiresAt: Timestamp.nullable(),
    custom: z.record(z.string(), z.unknown()).nullable(),
    state: z.enum(['sent', 'delivered', 'seen']).nullable(),
  })
  .meta({ id: 'Message' });
export type Message = Readonly<z.infer<typeof Message>>;

export const MessagePreview = z
  .strictObject({
    messageId: Uuid,
    seq: z.int(),
    senderId: Uuid,
    text: z.string().nullable(),
    kind: z.enum(['text', 'attachment', 'forwarded']),
    sentAt: Timestamp,
    deletedAt: Timestamp.nullable(),
  })
  .meta({ id: 'MessagePreview' });
export type MessagePreview = Readonly<z.infer<typeof MessagePreview>>;

export const MessageVersion = z
  .strictObject({
    text: z.string().nullable(),
    attachments: z.array(Attachment),
    mentions: z.array(Mention),
    custom: z.record(z.string(), z.unknown()).nullable(),
    editedAt: Timestamp.nullable(),
  })
  .meta({ id: 'MessageVersion' });
export type MessageVersion = Readonly<z.infer<typeof MessageVersion>>;

export const MessageReceipt = z
  .strictObject({
    userId: Uuid,
    deviceId: Uuid,
    deliveredAt: Timestamp.nullable(),
    readAt: Timestamp.nullable(),
  })
  .meta({ id: 'MessageReceipt' });
export type MessageReceipt = Readonly<z.infer<typeof MessageReceipt>>;

export const History = z
  .strictObject({ items: z.array(Message), hasBefore: z.boolean(), hasAfter: z.boolean() })
  .meta({ id: 'History' });
export type History = z.infer<typeof History>;

export const ReceiptBody = z.strictObject({
  delivered: z.int().min(0).optional(),
  read: z.int().min(0).optional(),
});
export type ReceiptBody = z.infer<typeof ReceiptBody>;
