export { Client, openIndexedDbStorage } from '/client/parley.js';

const asked = new URLSearchParams(location.search);
export const server = asked.get('server');
/** Which of its parts a page plays. */
export const part = asked.get('part');
export const password = 'correct horse';

/** Tells the test how something is. */
export const tell = (name, value) => fetch(`/told/${name}`, { method: 'POST', body: JSON.stringify(value ?? null) });

/** Resolves once the test allows it. */
export const allowed = async (name) => {
  await fetch(`/allowed/${name}`);
};

export const until = async (ask) => {
  for (let tries = 0; tries < 1500; tries += 1) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Never came true: ${ask}`);
};

export const look = (chat) => (chat.snapshot?.items ?? []).map(({ text, status }) => [text, status]);
export const isAllDone = (chat) => chat.snapshot !== null && look(chat).every(([, status]) => status === 'done');

/** Plays the part of the address; whatever goes wrong is told too. */
export const play = async (parts) => {
  try {
    await parts[part]();
  } catch (error) {
    await tell('failure', String(error?.stack ?? error));
  }
};
