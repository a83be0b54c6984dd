export * as Call from "./Call.ts"
export * as Observer from "./Observer.ts"
export * as RunEvent from "./RunEvent.ts"
export * as Watched from "./Watched.ts"
