import { getContainerRuntimeClient, ImageName, type ContainerRuntimeClient } from 'testcontainers';

/** `on` or `off`, once it is known. */
export const setting = 'PARLEY_TEST_CONTAINERS';

/** Before the tests, whose hooks have no time for a download. What cannot be had fails where it is needed. */
const pull = async ({ image }: ContainerRuntimeClient, names: readonly string[]): Promise<void> => {
  await Promise.allSettled(names.map((name) => image.pull(ImageName.fromString(name))));
};

/**
 * Looks once, before all tests, whether there is a container engine, lets every test process know, and has the images
 * brought. `PARLEY_TEST_CONTAINERS=off` leaves an engine alone.
 */
export const findContainerEngine = async (images: readonly string[]): Promise<void> => {
  if (process.env[setting] !== undefined) return;
  const client = await getContainerRuntimeClient().catch(() => undefined);
  process.env[setting] = client === undefined ? 'off' : 'on';
  if (client !== undefined) await pull(client, images);
};

/** Whether servers are to be started as containers of the real images. */
export const hasContainerEngine = (): boolean => process.env[setting] === 'on';
