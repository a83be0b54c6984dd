/**
 * What happens while a program runs: which call it is, who watches it, and what it does in the world.
 */
export * as Call from "./Call.ts"
export * as Meter from "./Meter.ts"
export * as Observer from "./Observer.ts"
export * as RunEvent from "./RunEvent.ts"
export * as Step from "./Step.ts"
export * as Watched from "./Watched.ts"
