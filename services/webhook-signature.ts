import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';
const secretBytes = 32;

/** A new secret, base64: what receivers know it as has `whsec_` before it. */
export const makeWebhookSecret = (): string => randomBytes(secretBytes).toString('base64');
export const shownSecret = (secret: string): string => prefix + secret;

export interface Signed {
  /** The same for every attempt. */
  readonly id: string;
  /** Seconds since the epoch: of this attempt. */
  readonly seconds: number;
  readonly body: string;
}

/** The headers of Standard Webhooks 1.0: one signature (HMAC-SHA-256, `v1`) by each secret. */
export const signatureHeaders = (
  { id, seconds, body }: Signed,
  secrets: readonly string[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> => {
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${seconds}.${body}`);
    return `v1,${mac.digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') };
};
