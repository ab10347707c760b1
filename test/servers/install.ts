import { lockCache } from './cache.ts';
import { installMongoDb } from './install/mongodb.ts';
import { installOpenSearch } from './install/opensearch.ts';
import { installRedis } from './install/redis.ts';
import { installToxiproxy } from './install/toxiproxy.ts';

/** Installs the servers that the tests run against, as far as this machine can have them. Fails where one is missing. */
const main = async (): Promise<void> => {
  using _lock = lockCache();
  const installers = {
    MongoDB: installMongoDb,
    Redis: installRedis,
    OpenSearch: installOpenSearch,
    Toxiproxy: installToxiproxy,
  };
  const outcomes = await Promise.all(
    Object.entries(installers).map(async ([name, installer]) => {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1_000).toFixed(0)} s`;
      try {
        await installer();
        console.log(`✔ ${name}, ${seconds()}`);
        return true;
      } catch (error) {
        console.log(`✘ ${name}, ${seconds()}: ${error instanceof Error ? error.message : String(error)}`);
        return false;
      }
    }),
  );
  if (outcomes.includes(false)) process.exitCode = 1;
};

await main();
