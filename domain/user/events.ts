import { z } from 'zod';
import { Timestamp, Uuid } from '../ids.ts';
import { Notifications, PlatformRole, Privacy } from './values.ts';

/** The facts of an account, in their current shape. Passwords and tokens are never among them. */
export const userEvents = {
  UserRegistered: z.object({
    userId: Uuid,
    content: z.object({ username: z.string(), displayName: z.string() }),
    at: Timestamp,
  }),
  /** Only what changed. */
  ProfileChanged: z.object({
    content: z.object({
      displayName: z.string().optional(),
      statusText: z.string().optional(),
      timeZone: z.string().nullable().optional(),
    }),
    avatarMediaId: Uuid.nullable().optional(),
    at: Timestamp,
  }),
  /** Whole. */
  PrivacyChanged: z.object({ privacy: Privacy, at: Timestamp }),
  /** Whole. */
  NotificationsChanged: z.object({ notifications: Notifications, at: Timestamp }),
  DeviceAdded: z.object({
    deviceId: Uuid,
    content: z.object({ name: z.string() }),
    platform: z.string().nullable(),
    at: Timestamp,
  }),
  DeviceRemoved: z.object({
    deviceId: Uuid,
    reason: z.enum(['signed-out', 'revoked', 'displaced', 'token-reused']),
    at: Timestamp,
  }),
  PlatformRoleGranted: z.object({ role: PlatformRole, at: Timestamp }),
  PlatformRoleWithdrawn: z.object({ role: PlatformRole, at: Timestamp }),
  UserErased: z.object({ at: Timestamp }),
} as const;

type Schemas = typeof userEvents;
export type UserEvent = {
  [Type in keyof Schemas]: { readonly type: Type; readonly data: Readonly<z.infer<Schemas[Type]>> };
}[keyof Schemas];
