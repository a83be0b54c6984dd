/**
 * The log of requests as scripts of Redis, in the time of Redis. See `log.ts`, which says the same in memory.
 */
import type * as Redis from "effect/persistence/Redis"
import type { WaitsFor } from "../../../lm/LMEvent.ts"
import type { Allowance } from "./ledger.ts"

// Models

/** The keys of one limit. */
export type Keys = readonly [log: string, tokens: string, sum: string, underWay: string, pause: string, credit: string]

/** The keys of one limit, which all begin like this. */
export const keysOf = (name: string): Keys => [
  `${name}:log`,
  `${name}:tokens`,
  `${name}:sum`,
  `${name}:under-way`,
  `${name}:pause`,
  `${name}:credit`
]

/** Lengths of time, in milliseconds. */
export interface Times {
  readonly window: number
  readonly transit: number
  readonly lease: number
}

export type Scripts = ReturnType<typeof make>

// Constructors

/** The scripts, once for each layer. */
export const make = (script: typeof Redis.script) => ({
  /** Gives a place: 1, or 0 and how long there is none. */
  ask: script(
    (keys: Keys, id: string, tokens: number, allowance: Allowance, times: Times) => [
      ...keys,
      id,
      tokens,
      ...[allowance.requests, allowance.tokens, allowance.burst, allowance.concurrency].map(finite),
      times.window,
      times.transit,
      times.lease
    ],
    { numberOfKeys: 6, lua: `${now}${drop}${ask}` }
  ).withReturnType<readonly [isGiven: 0 | 1, millis: number, why: WaitsFor]>(),
  /** The server has seen a request. */
  seen: script((keys: Keys, id: string, window: number) => [...keys, id, window], {
    numberOfKeys: 6,
    lua: `${now}
local known = redis.call("ZSCORE", KEYS[1], ARGV[1])
if known then redis.call("ZADD", KEYS[1], math.min(tonumber(known), now + tonumber(ARGV[2])), ARGV[1]) end
return 1`
  }).withReturnType<number>(),
  /** A request has used so many tokens. */
  used: script((keys: Keys, id: string, tokens: number) => [...keys, id, tokens], {
    numberOfKeys: 6,
    lua: `
local known = redis.call("HGET", KEYS[2], ARGV[1])
if known then
  redis.call("HSET", KEYS[2], ARGV[1], ARGV[2])
  redis.call("INCRBYFLOAT", KEYS[3], tonumber(ARGV[2]) - tonumber(known))
end
return 1`
  }).withReturnType<number>(),
  /** A call is over; one that was not sent gives back all. */
  leave: script((keys: Keys, id: string, isSent: 0 | 1) => [...keys, id, isSent], {
    numberOfKeys: 6,
    lua: `${drop}
redis.call("ZREM", KEYS[4], ARGV[1])
if ARGV[2] == "0" and redis.call("ZSCORE", KEYS[1], ARGV[1]) then
  drop(ARGV[1])
  if redis.call("EXISTS", KEYS[6]) == 1 then redis.call("HINCRBYFLOAT", KEYS[6], "left", 1) end
end
return 1`
  }).withReturnType<number>(),
  /** A call is still under way. */
  renew: script((keys: Keys, id: string, lease: number) => [...keys, id, lease], {
    numberOfKeys: 6,
    lua: `${now}
return redis.call("ZADD", KEYS[4], "XX", now + tonumber(ARGV[2]), ARGV[1])`
  }).withReturnType<number>(),
  /** Nobody asks for so long. */
  pause: script((keys: Keys, millis: number) => [...keys, Math.ceil(millis)], {
    numberOfKeys: 6,
    lua: `${now}
local ms = tonumber(ARGV[1])
if ms > redis.call("PTTL", KEYS[5]) then redis.call("SET", KEYS[5], now + ms, "PX", ms) end
return 1`
  }).withReturnType<number>()
})

// Details

/** Redis reads no infinity. */
const finite = (limit: number): number => Math.min(limit, 1e15)

const now = `
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)`

const drop = `
local function drop(id)
  redis.call("INCRBYFLOAT", KEYS[3], -tonumber(redis.call("HGET", KEYS[2], id) or "0"))
  redis.call("HDEL", KEYS[2], id)
  redis.call("ZREM", KEYS[1], id)
end`

const ask = `
local id, tokens = ARGV[1], tonumber(ARGV[2])
local requests, most, burst, concurrency = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local window, transit, lease = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

if redis.call("ZSCORE", KEYS[1], id) then return { 1, 0, "" } end
local pause = tonumber(redis.call("GET", KEYS[5]) or "0")
if pause > now then return { 0, pause - now, "provider" } end

redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", now)
if redis.call("ZCARD", KEYS[4]) >= concurrency then return { 0, 0, "concurrency" } end

for _, old in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now)) do drop(old) end
local over = redis.call("ZCARD", KEYS[1]) + 1 - requests - burst
if over > 0 then
  local entry = redis.call("ZRANGE", KEYS[1], over - 1, over - 1, "WITHSCORES")
  return { 0, math.ceil(tonumber(entry[2]) - now), "requests" }
end

local excess = tonumber(redis.call("GET", KEYS[3]) or "0") + math.min(tokens, most) - most
if excess > 0 and redis.call("ZCARD", KEYS[1]) > 0 then
  local entries = redis.call("ZRANGE", KEYS[1], 0, -1, "WITHSCORES")
  local till = now
  for at = 1, #entries, 2 do
    if excess <= 0 then break end
    excess = excess - tonumber(redis.call("HGET", KEYS[2], entries[at]) or "0")
    till = tonumber(entries[at + 1])
  end
  return { 0, math.ceil(till - now), "tokens" }
end

if burst > 0 then
  local left = tonumber(redis.call("HGET", KEYS[6], "left") or requests + burst)
  local at = tonumber(redis.call("HGET", KEYS[6], "at") or now)
  left = math.min(requests + burst, left + (now - at) * requests / window)
  if left < 1 then return { 0, math.ceil((1 - left) * window / requests), "requests" } end
  redis.call("HSET", KEYS[6], "left", string.format("%.17g", left - 1), "at", now)
end

redis.call("ZADD", KEYS[1], now + transit + window, id)
redis.call("HSET", KEYS[2], id, tokens)
redis.call("INCRBYFLOAT", KEYS[3], tokens)
redis.call("ZADD", KEYS[4], now + lease, id)
for at = 1, 6 do
  if at ~= 5 then redis.call("PEXPIRE", KEYS[at], 2 * window + lease) end
end
return { 1, 0, "" }`
