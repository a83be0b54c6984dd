/**
 * What is seen and counted of runs, and how much they may use.
 */
export * as Account from "./Account.ts"
export * as Budget from "./Budget.ts"
export type { EffectOrStream } from "./internal/effectOrStream.ts"
export * as Prices from "./Prices.ts"
export * as Telemetry from "./Telemetry.ts"
