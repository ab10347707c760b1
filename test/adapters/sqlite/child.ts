import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A process that works on a file and prints a line for everything it was told is done. */
export class Child {
  readonly #process: ChildProcess;
  #output = '';

  constructor(script: string, path: string) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    this.#process = spawn(process.execPath, [file, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    onTestFinished(() => {
      this.#process.kill('SIGKILL');
    });
  }

  /** Whole lines printed so far. */
  get lines(): readonly string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  /** Ends it in the middle of whatever it does; the lines it printed until then are complete afterwards. */
  async kill(): Promise<void> {
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await closed;
  }
}
