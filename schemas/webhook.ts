import { z } from 'zod';
import { webhookEventNames } from '../domain/webhook-events.ts';
import { Timestamp, Uuid } from './common.ts';

const Events = z.array(z.enum(webhookEventNames)).max(webhookEventNames.length);

export const WebhookBody = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2_048),
  /** None: all. */
  events: Events.optional(),
});
export type WebhookBody = z.infer<typeof WebhookBody>;

export const Webhook = z
  .strictObject({
    webhookId: Uuid,
    url: z.string(),
    events: Events,
    createdAt: Timestamp,
    /** Since when every delivery has failed. */
    failingSince: Timestamp.nullable(),
    disabledAt: Timestamp.nullable(),
    /** Only in the answers that make or change it. */
    secret: z.string().optional(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = Readonly<z.infer<typeof Webhook>>;
