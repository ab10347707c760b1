import { z } from 'zod';

export const Privacy = z.strictObject({
  lastSeen: z.enum(['everyone', 'contacts', 'nobody']),
  readReceipts: z.boolean(),
  whoMayMessage: z.enum(['everyone', 'contacts', 'nobody']),
});
export type Privacy = Readonly<z.infer<typeof Privacy>>;
export const defaultPrivacy: Privacy = { lastSeen: 'everyone', readReceipts: true, whoMayMessage: 'everyone' };

export const Notifications = z.strictObject({ enabled: z.boolean(), preview: z.boolean() });
export type Notifications = Readonly<z.infer<typeof Notifications>>;
export const defaultNotifications: Notifications = { enabled: true, preview: true };

export const platformRoles = ['auditor', 'analyst', 'operator'] as const;
export const PlatformRole = z.enum(platformRoles);
export type PlatformRole = z.infer<typeof PlatformRole>;
