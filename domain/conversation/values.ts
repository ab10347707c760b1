import { z } from 'zod';
import { limits } from '../limits.ts';
import { Timestamp, Uuid } from '../ids.ts';

/** From the least to the most powerful; a role outranks every one before it. */
export const roles = ['reader', 'member', 'admin', 'owner'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

export const Kind = z.enum(['direct', 'group', 'channel']);
export type Kind = z.infer<typeof Kind>;

export const Settings = z.strictObject({
  /** Seconds after which messages expire; null keeps them. */
  retentionSeconds: z.int().min(1).max(3_153_600_000).nullable(),
  history: z.enum(['all', 'since-joining']),
  whoMaySend: z.enum(['members', 'admins']),
  whoMayAdd: z.enum(['members', 'admins']),
  mode: z.enum(['kept', 'relay']),
  maxMembers: z.int().min(2).max(limits.maxMembersMost),
});
export type Settings = Readonly<z.infer<typeof Settings>>;

export const defaultSettings: Settings = {
  retentionSeconds: null,
  history: 'all',
  whoMaySend: 'members',
  whoMayAdd: 'members',
  mode: 'kept',
  maxMembers: limits.maxMembersDefault,
};

export const Attachment = z.strictObject({ mediaId: Uuid });
export type Attachment = Readonly<z.infer<typeof Attachment>>;

export const ForwardedFrom = z.strictObject({ conversationId: Uuid, messageId: Uuid });
export type ForwardedFrom = Readonly<z.infer<typeof ForwardedFrom>>;

/** A user, or everyone who is a member when the message is read. */
export const Mention = z.union([z.literal('everyone'), Uuid]);
export type Mention = z.infer<typeof Mention>;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export const Custom = z.record(z.string(), z.json());
export type Custom = z.infer<typeof Custom>;

export const MutedUntil = z.union([Timestamp, z.literal('forever')]).nullable();
export type MutedUntil = z.infer<typeof MutedUntil>;
