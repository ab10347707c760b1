/** Reads a user's hash: devices by `d:<id>` as `<until> <state> <connection>`, `seen` as milliseconds. */
const read = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local key = KEYS[1]
  local function read()
    local state, seen, untilAt, gone, connections = 'offline', 0, 0, {}, {}
    local fields = redis.call('HGETALL', key)
    for i = 1, #fields, 2 do
      if fields[i] == 'seen' then seen = tonumber(fields[i + 1])
      else
        local ends, said, connection = string.match(fields[i + 1], '^(%d+) (%a+) (.*)$')
        ends = tonumber(ends)
        connections[fields[i]] = connection
        if ends <= now then gone[#gone + 1] = fields[i]
        elseif said == state then untilAt = math.max(untilAt, ends)
        elseif said == 'online' or state == 'offline' then state, untilAt = said, ends end
      end
    end
    return state, seen, untilAt, gone, connections
  end
`;

/** Each runs as one step on the Redis that has the user's key, by its clock. */
export const presenceScripts = {
  /** ARGV: how long it holds, how long it is remembered, then device, connection and state of each. */
  parleySay: `${read}
    local before, _, _, gone = read()
    if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
    for i = 3, #ARGV, 3 do
      redis.call('HSET', key, 'd:' .. ARGV[i], (now + ARGV[1]) .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 1])
    end
    redis.call('HSET', key, 'seen', now)
    redis.call('PEXPIRE', key, ARGV[2])
    local after = read()
    return before ~= after and 1 or 0`,
  /** ARGV: how long it is remembered, device, connection. */
  parleyLeave: `${read}
    local before, _, _, _, connections = read()
    if connections['d:' .. ARGV[2]] ~= ARGV[3] or before == 'offline' then return 0 end
    redis.call('HDEL', key, 'd:' .. ARGV[2])
    redis.call('HSET', key, 'seen', now)
    redis.call('PEXPIRE', key, ARGV[1])
    local after = read()
    return before ~= after and 1 or 0`,
  parleyPresence: `${read}
    local state, seen, untilAt = read()
    return { state, seen, untilAt == 0 and 0 or untilAt - now }`,
} as const;
