import type { Command } from 'commander';
import { JobsUnavailable, type FailedJob, type Jobs } from '../../ports/jobs.ts';
import { openJobs } from '../ports.ts';
import {
  attempt,
  CommandFailed,
  configFor,
  dataDirFlags,
  dataDirHelp,
  requireFolder,
  type DataDirOption,
} from './data-folder.ts';

/** Jobs that are shown, of each sort. */
const mostShown = 100;

const help = `
Jobs are what the server does without being asked: it sends scheduled messages, deletes those whose time is over, calls
webhooks. A job that fails is tried again, after a second at first and a minute at most. One that repeats, as all of the
server's own do, goes on for as long as it takes; any other is parked after ten failures, and waits for you.

Shown are how many there are, and each job that fails: its name, how often it has failed in a row, the class of the last
error (more is in the server's log) and since when. What a job is about is never shown.

Examples
  $ parley jobs
  $ parley jobs resume some-kind/some-id
  $ parley jobs resume --all`;

const withJobs = async (options: DataDirOption, work: (jobs: Jobs) => Promise<void>): Promise<void> => {
  const config = configFor(options);
  requireFolder(config);
  await using jobs = openJobs(config);
  if (jobs === undefined) {
    throw new CommandFailed(
      'Without REDIS_URL each process has its jobs in its memory. Its /metrics tell how they are: parley_jobs.',
    );
  }
  try {
    await work(jobs);
  } catch (error) {
    if (error instanceof JobsUnavailable) throw new CommandFailed(`${error.message}. See parley doctor.`);
    throw error;
  }
};

const nameOf = ({ kind, id }: Pick<FailedJob, 'kind' | 'id'>): string => `${kind}/${id}`;

const line = (state: string, job: FailedJob): string => {
  const { failures, error, since } = job;
  return `${state}  ${nameOf(job)}  ${failures} failures in a row, the last a ${error}, since ${new Date(since).toISOString()}`;
};

const runList = async (options: DataDirOption): Promise<void> =>
  await withJobs(options, async (jobs) => {
    const { waiting, running, failing, parked } = await jobs.counts();
    console.log(`${waiting} waiting, ${running} running (${failing} of these failing), ${parked} parked`);
    for (const job of await jobs.failing(mostShown)) console.log(line('failing', job));
    for (const job of await jobs.parked(mostShown)) console.log(line('parked ', job));
    const hidden = Math.max(0, failing - mostShown) + Math.max(0, parked - mostShown);
    if (hidden > 0) console.log(`and ${hidden} more`);
  });

interface ResumeOptions extends DataDirOption {
  readonly all?: boolean;
}

/** How many were parked until now. */
const resumeAll = async (jobs: Jobs): Promise<number> => {
  let resumed = 0;
  for (;;) {
    const some = await jobs.parked(mostShown);
    const outcomes = await Promise.all(some.map(({ kind, id }) => jobs.resume(kind, id)));
    resumed += outcomes.filter(Boolean).length;
    // Others may resume them at the same moment; whatever is parked again has failed ten times more.
    if (some.length < mostShown || !outcomes.some(Boolean)) return resumed;
  }
};

const runResume = async (name: string | undefined, { all = false, ...options }: ResumeOptions): Promise<void> => {
  if (all === (name !== undefined))
    throw new CommandFailed('Either the name of one job, as parley jobs shows it, or --all');
  await withJobs(options, async (jobs) => {
    if (name === undefined) return console.log(`${await resumeAll(jobs)} resumed`);
    const [, kind, id] = /^([^/]+)\/([^/]+)$/.exec(name) ?? [];
    if (kind === undefined || id === undefined) throw new CommandFailed(`${name} is not the name of a job: kind/id`);
    if (!(await jobs.resume(kind, id))) throw new CommandFailed(`There is no parked job ${name}`);
    console.log(`${name} resumed`);
  });
};

export const registerJobs = (program: Command): void => {
  const jobs = program
    .command('jobs')
    .description('show the jobs that fail, and let parked ones run again')
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((options: DataDirOption) => attempt(() => runList(options)));
  jobs
    .command('resume')
    .description('let parked jobs run again, with all their attempts')
    .argument('[job]', 'kind/id, as parley jobs shows it')
    .option('--all', 'all that are parked')
    .option(dataDirFlags, dataDirHelp)
    .action((name: string | undefined, options: ResumeOptions, command: Command) =>
      attempt(() => runResume(name, { ...command.optsWithGlobals(), ...options })),
    );
};
