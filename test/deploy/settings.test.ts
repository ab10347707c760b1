import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerServe } from '../../app/cli/serve.ts';
import { loadConfig, settingNames } from '../../app/config.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const example = new Map(
  [...read('.env.example').matchAll(/^([A-Z_0-9]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
);
const composeNames = new Set([...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name!));

/** What scripts of the repository read themselves. */
const scriptNames = globSync('{test,bench}/**/*.ts', { cwd: root }).flatMap((file) =>
  [...read(file).matchAll(/process\.env\['(\w+)'\]/g)].map(([, name]) => name!),
);

const helpOfServe = (): string => {
  let help = '';
  const program = new Command().configureOutput({ writeOut: (text) => (help += text) });
  registerServe(program);
  program.commands[0]!.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
};

describe('the settings', () => {
  it('stand in .env.example, all of them and those of docker-compose.yml, and no others', () => {
    expect(new Set(example.keys())).toEqual(composeNames.union(new Set(settingNames)));
  });

  it('have their defaults in .env.example', () => {
    const ofServer = Object.fromEntries([...example].filter(([name]) => settingNames.includes(name)));
    expect(loadConfig(ofServer)).toEqual(loadConfig({}));
  });

  it('are explained by parley serve --help', () => {
    const help = helpOfServe();
    // Those without an adapter are refused, so there is nothing to explain.
    const usable = settingNames.filter((name) => !isRefused(name));
    expect(usable.filter((name) => !help.includes(name))).toEqual([]);
  });

  it('are called by their names wherever a document speaks of them', () => {
    const named = ['README.md', ...globSync('docs/*.md', { cwd: root })].flatMap((file) =>
      [...read(file).matchAll(/`?\b([A-Z][A-Z_]+_(?:URL|PORT|DIR|SHARDS|LIMITS|SECONDS|LEVEL))\b/g)].map(
        ([, name]) => name!,
      ),
    );
    const known = new Set([...settingNames, ...composeNames, ...scriptNames]);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

const isRefused = (name: string): boolean => {
  try {
    loadConfig({ [name]: 'https://example.org' });
    return false;
  } catch (error) {
    return String(error).includes('has no adapter');
  }
};
