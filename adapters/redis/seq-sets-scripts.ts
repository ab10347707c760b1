/**
 * KEYS: the sets of all questions, in order. ARGV, for each question: how many sets, after, up to, then the state and
 * the count of each set. Answers how many numbers are in one of them at least, -1 where one is not in its state.
 */
export const countScript = `
local function isHeld(key, state, count)
  local score = redis.pcall('ZSCORE', key, state)
  if type(score) ~= 'string' then return false end
  return redis.call('ZCARD', key) == tonumber(count) + 1
end
local function isIn(seq, first, last)
  for key = first, last do
    if redis.call('ZSCORE', KEYS[key], seq) then return true end
  end
  return false
end
local answers, key, arg = {}, 1, 1
while ARGV[arg] do
  local sets, after, upTo = tonumber(ARGV[arg]), '(' .. ARGV[arg + 1], ARGV[arg + 2]
  local answer = 0
  for set = 0, sets - 1 do
    if not isHeld(KEYS[key + set], ARGV[arg + 3 + 2 * set], ARGV[arg + 4 + 2 * set]) then
      answer = -1
      break
    end
  end
  if answer == 0 then
    answer = redis.call('ZCOUNT', KEYS[key], after, upTo)
    for set = 1, sets - 1 do
      for _, seq in ipairs(redis.call('ZRANGEBYSCORE', KEYS[key + set], after, upTo)) do
        if not isIn(seq, key, key + set - 1) then answer = answer + 1 end
      end
    end
  end
  answers[#answers + 1] = answer
  key = key + sets
  arg = arg + 3 + 2 * sets
end
return answers`;

/** Answers the state of a set, its score, and how many members there are, its state among them. */
export const heldScript = `
local states = redis.pcall('ZRANGEBYSCORE', KEYS[1], '-inf', '(0', 'WITHSCORES')
if states.err or #states ~= 2 then return false end
return { states[1], states[2], redis.call('ZCARD', KEYS[1]) }`;

/** ARGV: state and count that the set must have, its next state, the score of that, how long to keep it, the numbers. */
export const extendScript = `
local score = redis.pcall('ZSCORE', KEYS[1], ARGV[1])
if type(score) ~= 'string' or redis.call('ZCARD', KEYS[1]) ~= tonumber(ARGV[2]) + 1 then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
for arg = 6, #ARGV do redis.call('ZADD', KEYS[1], ARGV[arg], ARGV[arg]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`;
