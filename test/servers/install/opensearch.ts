import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipOf } from '../../support/zip.ts';
import { cached, install } from '../cache.ts';
import { javaPackage, javaPackageFolder, javaProgram } from '../java.ts';
import { openSearchKind } from '../kinds.ts';
import { folderOf, openSearchProgram, versions } from '../programs.ts';
import { onPath, run } from '../run.ts';
import { ServerProcess } from '../server-process.ts';

const sources = path.join(import.meta.dirname, '..', 'opensearch');
const copyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const compiler = 'org.eclipse.jdt:ecj:3.46.100';
/** Time enough to write down which classes it has loaded. */
const archiveMs = 120_000;

const installMaven = async (): Promise<void> => {
  if (onPath('mvn') !== undefined) return;
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], quiet);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'maven'], quiet);
};

const installJava = async (): Promise<void> => {
  if (javaProgram() !== undefined) return;
  await install(javaPackageFolder, async (folder) => {
    const { name, version } = javaPackage;
    await run('python3', ['-m', 'pip', 'install', '-q', '--target', folder, `${name}==${version}`]);
  });
};

/** A class that starts a node with chosen modules: the one that OpenSearch has itself takes them from its distribution only. */
const compile = async (folder: string, java: string): Promise<void> => {
  const work = path.join(folder, 'work');
  mkdirSync(work);
  await run('mvn', ['-q', '-B', `${copyPlugin}:copy`, `-Dartifact=${compiler}`, `-DoutputDirectory=${work}`]);
  const [ecj] = globSync('ecj-*.jar', { cwd: work });
  const libraries = globSync(path.join(folder, 'lib', '*.jar')).join(path.delimiter);
  const source = path.join(sources, 'OpenSearchNode.java');
  const options = ['-21', '-proc:none', '-nowarn', '-cp', libraries, '-d', work, source];
  await run(java, ['-jar', path.join(work, ecj!), ...options]);
  const classes = globSync('*.class', { cwd: work });
  const jar = zipOf(Object.fromEntries(classes.map((name) => [name, readFileSync(path.join(work, name))])));
  writeFileSync(path.join(folder, 'node.jar'), jar);
  rmSync(work, { recursive: true });
};

/** One start and stop, so that all later starts find their classes ready: they take a third of the time. */
const archiveClasses = async (folder: string): Promise<void> => {
  const kind = openSearchKind(openSearchProgram({ folder, writesArchive: true }));
  await using server = await ServerProcess.start(kind!);
  await server.stop(archiveMs);
};

/** OpenSearch as its makers publish it for Java programs, put together with Maven. */
export const installOpenSearch = async (): Promise<void> => {
  if (cached(folderOf('openSearch')) !== undefined && javaProgram() !== undefined) return;
  await installMaven();
  await installJava();
  const java = javaProgram();
  if (java === undefined) throw new Error('there is no Java for OpenSearch');
  await install(folderOf('openSearch'), async (folder) => {
    const version = `-Dopensearch=${versions.openSearch.version}`;
    const target = `-DoutputDirectory=${path.join(folder, 'lib')}`;
    const pom = ['-f', path.join(sources, 'pom.xml')];
    await run('mvn', [
      '-q',
      '-B',
      ...pom,
      `${copyPlugin}:copy-dependencies`,
      '-DincludeScope=runtime',
      version,
      target,
    ]);
    await compile(folder, java);
    await archiveClasses(folder);
  });
};
