/**
 * Node's own SQLite for Effect's `SqlClient`, until a published driver works with Effect 4.1. Not exported.
 */
export * as Sqlite from "./Sqlite.ts"
