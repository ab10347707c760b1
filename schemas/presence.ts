import { z } from 'zod';
import { Timestamp, Uuid } from './common.ts';

/** Whether somebody is there, as the caller may know it: who may not know sees what he would of one who is offline. */
export const PresenceView = z
  .strictObject({
    userId: Uuid,
    state: z.enum(['online', 'away', 'offline']),
    /** Only of one who is offline, where it is known and shown. */
    lastSeenAt: Timestamp.optional(),
  })
  .meta({ id: 'Presence' });
export type PresenceView = Readonly<z.infer<typeof PresenceView>>;

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const mostAsked = 200;

/** User ids with commas between them. */
export const UserIds = z
  .string()
  .max(37 * mostAsked)
  .regex(new RegExp(`^${uuid}(?:,${uuid})*$`), `must be up to ${mostAsked} user ids with commas between them`);
