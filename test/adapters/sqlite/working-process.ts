import { SqliteJobs } from '../../../adapters/sqlite/jobs.ts';
import { quickly } from '../../contract/working-settings.ts';

/** Takes every job of a file and never ends one. */
const jobs = new SqliteJobs(process.argv[2]!, quickly);
jobs.work({
  hang: async ({ id }) => {
    process.stdout.write(`${id}\n`);
    await new Promise((resolve) => setTimeout(resolve, 1_000_000));
    return null;
  },
});
