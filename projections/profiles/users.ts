import { defaultNotifications, defaultPrivacy } from '../../domain/user/values.ts';
import { userOf, type Collection } from '../collection.ts';
import { foldedKey } from '../folding.ts';
import type { UserDocument } from './document.ts';

export const users: Collection<UserDocument> = {
  shape: {
    fields: [
      'userId',
      'username',
      'displayName',
      'displayNameKey',
      'statusText',
      'timeZone',
      'avatarMediaId',
      'createdAt',
      'privacy',
      'notifications',
      'platformRoles',
    ],
    indexes: [
      { name: 'byUsername', fields: ['username'] },
      { name: 'byDisplayName', fields: ['displayNameKey', 'username'] },
    ],
  },

  touches(event, place) {
    switch (event.type) {
      case 'UserRegistered':
      case 'ProfileChanged':
      case 'PrivacyChanged':
      case 'NotificationsChanged':
      case 'PlatformRoleGranted':
      case 'PlatformRoleWithdrawn':
      case 'UserErased':
        return [userOf(place)];
      default:
        return [];
    }
  },

  evolve(user, event, place) {
    if (event.type === 'UserRegistered') {
      const { content, at } = event.data;
      return {
        userId: userOf(place),
        username: content.username,
        displayName: content.displayName,
        displayNameKey: foldedKey(content.displayName),
        statusText: '',
        timeZone: null,
        avatarMediaId: null,
        createdAt: at,
        privacy: defaultPrivacy,
        notifications: defaultNotifications,
        platformRoles: [],
      };
    }
    if (user === undefined) return undefined;
    switch (event.type) {
      case 'ProfileChanged': {
        const { displayName = user.displayName, statusText = user.statusText, timeZone } = event.data.content;
        return {
          ...user,
          displayName,
          displayNameKey: foldedKey(displayName),
          statusText,
          timeZone: timeZone === undefined ? user.timeZone : timeZone,
          avatarMediaId: event.data.avatarMediaId === undefined ? user.avatarMediaId : event.data.avatarMediaId,
        };
      }
      case 'PrivacyChanged':
        return { ...user, privacy: event.data.privacy };
      case 'NotificationsChanged':
        return { ...user, notifications: event.data.notifications };
      case 'PlatformRoleGranted':
        return { ...user, platformRoles: [...new Set([...user.platformRoles, event.data.role])] };
      case 'PlatformRoleWithdrawn':
        return { ...user, platformRoles: user.platformRoles.filter((role) => role !== event.data.role) };
      case 'UserErased':
        return undefined;
      default:
        return user;
    }
  },
};
