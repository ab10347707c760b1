#!/usr/bin/env node
import { Command } from 'commander';
import { registerDoctor } from './cli/doctor.ts';
import { registerGrant } from './cli/grant.ts';
import { registerImport } from './cli/import.ts';
import { registerJobs } from './cli/jobs.ts';
import { registerMigrate } from './cli/migrate.ts';
import { registerRebuild } from './cli/rebuild.ts';
import { registerServe } from './cli/serve.ts';

const program = new Command('parley')
  .description('A chat backend built on an event log, in one folder.')
  .addHelpText('after', '\nStart with: parley serve')
  .showHelpAfterError('(parley --help tells what there is)');

for (const register of [
  registerServe,
  registerImport,
  registerRebuild,
  registerMigrate,
  registerGrant,
  registerJobs,
  registerDoctor,
]) {
  register(program);
}

await program.parseAsync();
