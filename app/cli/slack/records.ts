import { z } from 'zod';

/** What an import reads of a message; exports carry much more. */
export const SlackRecord = z.object({
  type: z.string().optional(),
  subtype: z.string().optional(),
  ts: z.string(),
  channel: z.string().optional(),
  user: z.string().nullish(),
  bot_id: z.string().nullish(),
  username: z.string().nullish(),
  text: z.string().nullish(),
  thread_ts: z.string().nullish(),
  topic: z.string().nullish(),
  name: z.string().nullish(),
  deleted_ts: z.string().nullish(),
  inviter: z.string().nullish(),
  message: z
    .object({
      user: z.string().nullish(),
      bot_id: z.string().nullish(),
      ts: z.string(),
      text: z.string().nullish(),
    })
    .nullish(),
  file: z.object({ name: z.string().nullish(), mimetype: z.string().nullish(), size: z.number().nullish() }).nullish(),
  files: z
    .array(z.object({ name: z.string().nullish(), mimetype: z.string().nullish(), size: z.number().nullish() }))
    .nullish(),
  attachments: z
    .array(z.object({ text: z.string().nullish(), fallback: z.string().nullish(), title: z.string().nullish() }))
    .nullish(),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })).nullish(),
});
export type SlackRecord = Readonly<z.infer<typeof SlackRecord>>;

export const SlackUser = z.object({
  id: z.string(),
  name: z.string().nullish(),
  real_name: z.string().nullish(),
  profile: z.object({ display_name: z.string().nullish(), real_name: z.string().nullish() }).nullish(),
});
export type SlackUser = Readonly<z.infer<typeof SlackUser>>;

export const SlackConversation = z.object({
  id: z.string(),
  name: z.string().nullish(),
  created: z.number().nullish(),
  creator: z.string().nullish(),
  is_archived: z.boolean().nullish(),
  members: z.array(z.string()).nullish(),
  topic: z.object({ value: z.string() }).nullish(),
});

export interface ConversationInfo extends Readonly<z.infer<typeof SlackConversation>> {
  readonly kind: 'channel' | 'group' | 'direct';
}
