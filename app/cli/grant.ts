import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { createCommandBus } from '../../commands/create-command-bus.ts';
import { DomainError } from '../../domain/errors.ts';
import { PlatformRole, platformRoles } from '../../domain/user/values.ts';
import { openPorts } from '../ports.ts';
import {
  attempt,
  CommandFailed,
  configFor,
  dataDirFlags,
  dataDirHelp,
  requireFolder,
  type DataDirOption,
} from './data-folder.ts';

interface GrantOptions extends DataDirOption {
  readonly withdraw?: boolean;
}

const help = `
Roles on the platform, which nobody has from the start, not even the first user:
  auditor    may read the audit trail
  analyst    may read analytics
  operator   may run operations

Examples
  $ parley grant ada operator
  $ parley grant ada operator --withdraw`;

const runGrant = async (username: string, roleName: string, options: GrantOptions): Promise<void> => {
  const role = PlatformRole.safeParse(roleName);
  if (!role.success) throw new CommandFailed(`There is no role ${roleName}. There are: ${platformRoles.join(', ')}`);
  const config = configFor(options);
  requireFolder(config);
  await using ports = await openPorts(config, { exclusive: false });
  const { events, snapshots, credentials } = ports;
  const credential = await credentials.credentialByUsername(username);
  if (credential === undefined) throw new CommandFailed(`There is no user ${username}`);
  // Roles never need facts about messages.
  await using bus = createCommandBus({ events, snapshots, recall: async () => [] });
  const type = options.withdraw === true ? 'WithdrawPlatformRole' : 'GrantPlatformRole';
  try {
    const outcome = await bus.user(credential.userId, {
      commandId: randomUUID(),
      actorId: credential.userId,
      command: { type, data: { role: role.data } },
    });
    const verb = options.withdraw === true ? 'no longer has' : 'has';
    const change = outcome.events.length === 0 ? ' (as before)' : '';
    console.log(`${username} ${verb} the role ${role.data}${change}`);
  } catch (error) {
    if (error instanceof DomainError) throw new CommandFailed(`${username}: ${error.message}`);
    throw error;
  }
};

export const registerGrant = (program: Command): void => {
  program
    .command('grant')
    .description('give a user a role on the platform, or withdraw it')
    .argument('<username>', 'who gets it')
    .argument('<role>', platformRoles.join(', '))
    .option('--withdraw', 'take the role away again')
    .option(dataDirFlags, dataDirHelp)
    .addHelpText('after', help)
    .action((username: string, role: string, options: GrantOptions) =>
      attempt(() => runGrant(username, role, options)),
    );
};
