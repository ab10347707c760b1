// Run by mongosh: makes one replica set of the three members, once, and waits until it has a primary.
const members = ['mongo-1', 'mongo-2', 'mongo-3'];
const user = `parley:${encodeURIComponent(process.env.MONGODB_PASSWORD)}`;
const deadline = Date.now() + 120_000;

const attempt = () => {
  const admin = new Mongo(`mongodb://${user}@${members[0]}/?directConnection=true`).getDB('admin');
  const { isWritablePrimary, setName } = admin.hello();
  if (setName === undefined) {
    const config = { _id: 'parley', members: members.map((host, _id) => ({ _id, host: `${host}:27017` })) };
    admin.adminCommand({ replSetInitiate: config });
    return false;
  }
  if (isWritablePrimary) return true;
  return admin.adminCommand({ replSetGetStatus: 1 }).members.some(({ stateStr }) => stateStr === 'PRIMARY');
};

for (;;) {
  try {
    if (attempt()) break;
  } catch (error) {
    if (Date.now() > deadline) throw error;
    print(`Not yet: ${error.codeName ?? error.name}`);
  }
  if (Date.now() > deadline) throw new Error('The replica set has no primary');
  sleep(1000);
}
print('The replica set is there');
