/** Node's SQLite as Effect's `SqlClient`: rows, values, transactions, failures. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
// The room is not exported.
import * as Sqlite from "../../src/sqlite/Sqlite.ts"

/** Rows have no prototype. */
const plain = (rows: ReadonlyArray<object>) => rows.map((row) => Object.fromEntries(Object.entries(row)))

const memory = Sqlite.layer({ file: ":memory:" })

describe("Sqlite", () => {
  it.effect("reads what was written, as rows, as values, and as a stream", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient
      yield* sql`CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, data BLOB)`
      yield* sql`INSERT INTO a ${sql.insert([{ id: 1, name: "one" }, { id: 2, name: null }])}`
      const query = sql`SELECT id, name FROM a ORDER BY id`
      const rows = [{ id: 1, name: "one" }, { id: 2, name: null }]
      assert.deepStrictEqual(plain(yield* query), rows)
      assert.deepStrictEqual(yield* query.values, [[1, "one"], [2, null]])
      assert.deepStrictEqual(plain(yield* Stream.runCollect(query.stream)), rows)
    }).pipe(Effect.provide(memory)))

  it.effect("a transaction that fails leaves nothing, and lets the next one in", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient
      yield* sql`CREATE TABLE a (id INTEGER PRIMARY KEY)`
      const insert = sql`INSERT INTO a VALUES (1)`
      const failed = yield* Effect.exit(sql.withTransaction(Effect.andThen(insert, Effect.fail("no"))))
      assert.isTrue(Exit.isFailure(failed))
      yield* Effect.all([sql.withTransaction(insert), sql`SELECT 1`], { concurrency: 2 })
      assert.strictEqual((yield* sql`SELECT * FROM a`).length, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("failures say what they are", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient
      yield* sql`CREATE TABLE a (id INTEGER PRIMARY KEY)`
      yield* sql`INSERT INTO a VALUES (1)`
      const twice = yield* Effect.flip(sql`INSERT INTO a VALUES (1)`)
      assert.strictEqual(twice.reason._tag, "ConstraintError")
      const wrong = yield* Effect.flip(sql`SELEKT`)
      assert.include(String(wrong.reason.cause), "syntax error")
    }).pipe(Effect.provide(memory)))

  it.effect("a file that cannot be opened is a failure", () =>
    Effect.gen(function*() {
      const folder = mkdtempSync(join(tmpdir(), "effect-lm-sqlite-"))
      const error = yield* Effect.flip(Effect.scoped(Sqlite.make({ file: join(folder, "no", "file") })))
      assert.strictEqual(error._tag, "SqlError")
      rmSync(folder, { recursive: true })
    }))
})
