import type { Logger } from 'pino';
import type { BotRecords, WebhookRecord } from '../ports/bot-records.ts';

const refreshMs = 1_000;

/** The webhooks that are not disabled, read again every second. The last known ones stand while that fails. */
export const watchWebhooks = (
  bots: Pick<BotRecords, 'all'>,
  logger: Logger,
): Disposable & { readonly known: () => readonly WebhookRecord[]; refresh(): Promise<void> } => {
  let known: readonly WebhookRecord[] = [];
  let isFailing = false;
  const refresh = async (): Promise<void> => {
    try {
      const [webhooks, health] = await Promise.all([bots.all('webhook'), bots.all('health')]);
      const disabled = new Set(health.filter(({ disabledAt }) => disabledAt !== null).map(({ id }) => id));
      known = webhooks.filter(({ id }) => !disabled.has(id));
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: error }, 'Webhooks cannot be read; the last known ones stand');
      isFailing = true;
    }
  };
  const timer = setInterval(() => void refresh(), refreshMs).unref();
  return { known: () => known, refresh, [Symbol.dispose]: () => clearInterval(timer) };
};
