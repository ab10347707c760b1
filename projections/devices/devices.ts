import { userOf, type Collection } from '../collection.ts';
import type { DeviceDocument } from './document.ts';

/** Devices that are signed in. */
export const devices: Collection<DeviceDocument> = {
  shape: {
    fields: ['userId', 'deviceId', 'name', 'platform', 'createdAt'],
    indexes: [{ name: 'byUser', fields: ['userId', 'createdAt', 'deviceId'] }],
  },
  touches: (event, place) =>
    event.type === 'DeviceAdded' || event.type === 'DeviceRemoved' ? [`${userOf(place)}/${event.data.deviceId}`] : [],
  evolve(device, event, place) {
    switch (event.type) {
      case 'DeviceAdded': {
        const { deviceId, content, platform, at } = event.data;
        return { userId: userOf(place), deviceId, name: content.name, platform, createdAt: device?.createdAt ?? at };
      }
      case 'DeviceRemoved':
        return undefined;
      default:
        return device;
    }
  },
};
