import { BullMqJobs } from '../../../adapters/bullmq/jobs.ts';
import { quickly } from '../../contract/working-settings.ts';

/** Takes every job there is and never ends one. */
const jobs = new BullMqJobs({ url: process.argv[2]!, prefix: process.argv[3]!, ...quickly });
jobs.work({
  hang: async ({ id }) => {
    process.stdout.write(`${id}\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000_000));
  },
});
