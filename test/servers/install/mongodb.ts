import path from 'node:path';
import { cached, install } from '../cache.ts';
import { folderOf, versions } from '../programs.ts';
import { onPath, run } from '../run.ts';

const fromCrate = (): Promise<void> =>
  install(folderOf('secantusCrate'), async (folder) => {
    const { name, version } = versions.secantusCrate;
    const cargo = ['cargo', 'install', name, '--version', version, '--locked', '--ignore-rust-version'];
    await run('nice', ['-n', '19', ...cargo, '--root', folder]);
  });

const fromWheel = (): Promise<void> =>
  install(folderOf('secantusWheel'), async (folder) => {
    const { name, version } = versions.secantusWheel;
    await run('python3', ['-m', 'venv', folder]);
    await run(path.join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '-q', `${name}==${version}`]);
  });

/**
 * SecantusDB, compiled where there is Rust, which takes ten minutes; else its Python package, which takes half a
 * minute and answers a third as fast. PARLEY_MONGODB_BUILD=wheel asks for the latter.
 */
export const installMongoDb = async (): Promise<void> => {
  if (cached(folderOf('secantusCrate')) !== undefined) return;
  const mayCompile = process.env['PARLEY_MONGODB_BUILD'] !== 'wheel' && onPath('cargo') !== undefined;
  const isCompiled =
    mayCompile &&
    (await fromCrate().then(
      () => true,
      (error: unknown) => {
        console.error(String(error));
        return false;
      },
    ));
  if (!isCompiled) await fromWheel();
};
