/**
/**
 * Middlewares for any model: how often a request is tried, how long it may take, how many there are in a time, who answers where the
 * first does not, and what is given again.
 */
export * as Breaker from "./Breaker.ts"
export * as Cache from "./Cache.ts"
export * as CacheStore from "./CacheStore.ts"
export * as Cassette from "./Cassette.ts"
export { CassetteError } from "./CassetteError.ts"
export * as Fallback from "./Fallback.ts"
export * as Hedge from "./Hedge.ts"
export * as Keys from "./Keys.ts"
export * as Limits from "./Limits.ts"
export * as Retry from "./Retry.ts"
export * as Timeouts from "./Timeouts.ts"
