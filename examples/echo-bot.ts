// Answers whatever is written to it: node examples/echo-bot.ts http://localhost:8080 echo 'its password'
import process from 'node:process';
import { Client, Refused } from 'parley/client';
import { openFileStorage } from 'parley/client/file-storage';

const [origin = 'http://localhost:8080', username = 'echo', password = 'battery staple'] = process.argv.slice(2);

// What it has not answered yet when it ends, it answers when it begins again.
const bot = await Client.open({ origin, storage: await openFileStorage(`${username}.parley`) });
bot.on('error', (error) => console.error(error));

if (bot.user === null) {
  await bot.register({ username, password }).catch((error: unknown) => {
    if (!(error instanceof Refused && error.problem.code === 'user/name-taken')) throw error;
  });
  await bot.signIn({ username, password, device: { name: 'echo bot' } });
}

bot.on('message', ({ senderId, conversationId, text, messageId }) => {
  if (senderId === bot.user?.userId || text === null) return;
  void bot.conversation(conversationId).send({ text, replyTo: messageId });
});

bot.connect();
console.log(`${username} echoes; Ctrl-C ends it`);
process.once('SIGINT', () => void bot.close().then(() => process.exit()));
