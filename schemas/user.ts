import { z } from 'zod';
import { limits } from '../domain/limits.ts';
import { Notifications, Privacy } from '../domain/user/values.ts';
import { Timestamp, Uuid } from './common.ts';
import { text } from './text.ts';

export const Username = z.string().regex(limits.username);
export const Password = text(limits.passwordCharacters);
export const DisplayName = text({ min: 1, max: limits.displayNameCharacters });

export const User = z
  .strictObject({
    userId: Uuid,
    username: z.string(),
    displayName: z.string(),
    statusText: z.string(),
    timeZone: z.string().nullable(),
    avatarMediaId: Uuid.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'User' });
export type User = Readonly<z.infer<typeof User>>;

/** One's own profile: with what others do not see. */
export const Me = User.extend({ privacy: Privacy, notifications: Notifications }).meta({ id: 'Me' });
export type Me = Readonly<z.infer<typeof Me>>;

export const Device = z
  .strictObject({
    deviceId: Uuid,
    name: z.string(),
    platform: z.string().nullable(),
    createdAt: Timestamp,
    lastSeenAt: Timestamp,
    current: z.boolean(),
  })
  .meta({ id: 'Device' });
export type Device = Readonly<z.infer<typeof Device>>;

export const Contact = z
  .strictObject({ userId: Uuid, state: z.enum(['requested', 'incoming', 'accepted']), user: User })
  .meta({ id: 'Contact' });
export type Contact = Readonly<z.infer<typeof Contact>>;

export const Block = z.strictObject({ userId: Uuid, createdAt: Timestamp }).meta({ id: 'Block' });
export type Block = Readonly<z.infer<typeof Block>>;

export const Registration = z.strictObject({
  username: Username,
  password: Password,
  displayName: DisplayName.optional(),
});
export type Registration = z.infer<typeof Registration>;

const isTimeZone = (name: string): boolean => {
  try {
    // Throws for a name that there is not; offsets from UTC are no names.
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
};

/** A name of the IANA time zone database; its older names are accepted as well. */
export const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be an IANA time zone')
  .meta({ enum: [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])] });

export const ProfilePatch = z.strictObject({
  displayName: DisplayName.optional(),
  statusText: text({ max: limits.statusTextCharacters }).optional(),
  timeZone: TimeZone.nullable().optional(),
  avatarMediaId: Uuid.nullable().optional(),
  privacy: Privacy.partial().optional(),
  notifications: Notifications.partial().optional(),
});
export type ProfilePatch = z.infer<typeof ProfilePatch>;

export const Login = z.strictObject({
  username: text({ max: 64 }),
  password: text({ max: 1024 }),
  device: z.strictObject({
    deviceId: Uuid.optional(),
    name: text({ min: 1, max: 80 }),
    platform: text({ min: 1, max: 40 }).optional(),
  }),
});
export type Login = z.infer<typeof Login>;

export const Tokens = z
  .strictObject({
    accessToken: z.string(),
    accessExpiresAt: Timestamp,
    refreshToken: z.string(),
    deviceId: Uuid,
    user: User,
  })
  .meta({ id: 'Tokens' });
export type Tokens = Readonly<z.infer<typeof Tokens>>;

export const Refresh = z.strictObject({ refreshToken: text({ min: 1, max: 1024 }) });
