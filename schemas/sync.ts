import { z } from 'zod';
import { Uuid } from './common.ts';
import { Conversation, FeedItem, Member } from './conversation.ts';
import { Message } from './message.ts';

export const Sync = z
  .strictObject({ conversations: z.array(FeedItem), left: z.array(Uuid), token: z.string(), more: z.boolean() })
  .meta({ id: 'Sync' });
export type Sync = z.infer<typeof Sync>;

export const Changes = z
  .strictObject({
    conversation: Conversation.optional(),
    messages: z.array(Message),
    members: z.array(Member).optional(),
    removedMembers: z.array(Uuid).optional(),
    /** Messages that the caller has deleted for himself: they leave the copy. */
    hidden: z.array(Uuid).optional(),
    /** The caller has cleared his history up to this seq: what is older leaves the copy. */
    clearedSeq: z.int().optional(),
    revision: z.int(),
    more: z.boolean(),
  })
  .meta({ id: 'Changes' });
export type Changes = z.infer<typeof Changes>;
