/**
 * Texts in a SQLite file. It is opened when it is first needed; one that cannot be opened is tried again.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Sqlite from "../../../sqlite/Sqlite.ts"
import type { Texts } from "./texts.ts"

/** The texts of a file, as long as the scope lives. */
export const texts = (file: string): Effect.Effect<Texts, never, Scope.Scope> =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    let client: SqlClient | undefined
    const opened = Effect.suspend(() =>
      client === undefined
        ? Effect.map(Effect.provideService(open(file), Scope.Scope, scope), (made) => client = made)
        : Effect.succeed(client)
    )
    const query = (write: (sql: SqlClient) => Effect.Effect<ReadonlyArray<Found>, SqlError>) =>
      Effect.flatMap(opened, write)
    return {
      get: (key) =>
        Effect.map(
          query((sql) => sql<Found>`SELECT value FROM answers WHERE id = ${key}`),
          ([found]) => found?.value
        ),
      set: (key, text, expires) =>
        query((sql) =>
          sql<Found>`INSERT INTO answers (id, value, expires) VALUES (${key}, ${text}, ${expires})
            ON CONFLICT (id) DO UPDATE SET value = excluded.value, expires = excluded.expires`
        ),
      remove: (key) => query((sql) => sql<Found>`DELETE FROM answers WHERE id = ${key}`)
    }
  })

interface Found {
  readonly value: string
}

/** Nobody waits longer than this for a cache. */
const busyTimeout = 100

const open = Effect.fnUntraced(function*(file: string) {
  const sql = yield* Sqlite.make({ file, busyTimeout })
  yield* sql`CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, value TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID`
  yield* sql`CREATE INDEX IF NOT EXISTS answers_expires ON answers (expires)`
  yield* sql`DELETE FROM answers WHERE expires <= ${yield* Clock.currentTimeMillis}`
  return sql
})
