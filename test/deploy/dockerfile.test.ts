import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const dockerfile = read('Dockerfile');

/** The folders that the program needs, from what its modules import of each other. */
const needed = (): ReadonlySet<string> => {
  const found = new Set<string>(['app']);
  for (const folder of found) {
    for (const file of globSync(`${folder}/**/*.ts`, { cwd: root })) {
      for (const [, target] of read(file).matchAll(/from '(\.\.?\/[^']+)'/g)) {
        found.add(path.join(path.dirname(file), target!).split('/')[0]!);
      }
    }
  }
  return found;
};

describe('Dockerfile', () => {
  it('copies every folder that the program needs, and .dockerignore lets them through', () => {
    const copied = [...dockerfile.matchAll(/^COPY (\w+) \1$/gm)].map(([, folder]) => folder!);
    expect(new Set(copied)).toEqual(needed());
    const allowed = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name!);
    expect(new Set(allowed)).toEqual(new Set([...copied, 'package.json', 'package-lock.json']));
  });

  it('runs as another user than root, on the Node that the project is tested with', () => {
    const wanted = /"node": "\^([\d.]+)"/.exec(read('package.json'))![1];
    const bases = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
    expect(bases).toEqual([wanted, wanted]);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    // As its own process, which signals reach.
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", /m);
  });
});
