/**
 * A driver for Effect's `SqlClient` over Node's own SQLite. Statements run at once and hold the process up while they do, so what
 * waits for another process waits for as short as it is told.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

// Models

/** Which file, and how it is used. */
export interface Options {
  readonly file: string
  /** How many milliseconds a statement waits for another process that writes; 5,000 if left out. */
  readonly busyTimeout?: number | undefined
}

// Constructors

/** The client of a file, which is made where there is none. It is closed with the scope. Fails where it cannot be opened. */
export const make = (options: Options): Effect.Effect<SqlClient.SqlClient, SqlError, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* connect(options)
    const turn = yield* Semaphore.make(1)
    return yield* SqlClient.make({
      driver: "node-sqlite",
      acquirer: turn.withPermits(1)(Effect.succeed(connection)),
      transactionAcquirer: Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          yield* restore(turn.take(1))
          const scope = Context.getUnsafe(Fiber.getCurrent()!.context, Scope.Scope)
          yield* Scope.addFinalizer(scope, turn.release(1))
          return connection
        })
      ),
      compiler: Statement.makeCompilerSqlite(),
      beginTransaction: "BEGIN IMMEDIATE",
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  }).pipe(Effect.provide(Reactivity.layer))

// Layers

/** The same as a layer. */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options))

// Details

const connect = Effect.fnUntraced(function*({ busyTimeout = 5000, file }: Options) {
  const database = yield* Effect.acquireRelease(
    attempt("open", () => {
      const database = new DatabaseSync(file)
      database.exec(`PRAGMA busy_timeout = ${busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`)
      return database
    }),
    (database) => Effect.sync(() => database.close())
  )
  const prepared = new Map<string, StatementSync>()

  const run = <A = Row>(sql: string, params: ReadonlyArray<unknown>, asArrays: boolean, isKept: boolean) =>
    Effect.withFiber<ReadonlyArray<A>, SqlError>((fiber) =>
      attempt("execute", () => {
        const statement = prepared.get(sql) ?? database.prepare(sql)
        if (isKept) prepared.set(sql, statement)
        statement.setReadBigInts(Context.get(fiber.context, SqlClient.SafeIntegers))
        statement.setReturnArrays(asArrays)
        const values = params as ReadonlyArray<SQLInputValue> // others are refused by SQLite itself
        if (statement.columns().length > 0) {
          return statement.all(...values) as ReadonlyArray<unknown> as ReadonlyArray<A> // as was asked for
        }
        statement.run(...values)
        return []
      })
    )

  const rows = (
    sql: string,
    params: ReadonlyArray<unknown>,
    transform: (<A extends object>(rows: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined,
    isKept: boolean
  ) => {
    const found = run(sql, params, false, isKept)
    return transform === undefined ? found : Effect.map(found, transform)
  }
  const connection: Connection = {
    execute: (sql, params, transform) => rows(sql, params, transform, true),
    executeUnprepared: (sql, params, transform) => rows(sql, params, transform, false),
    executeRaw: (sql, params) => run(sql, params, false, true),
    executeValues: (sql, params) => run<ReadonlyArray<unknown>>(sql, params, true, true),
    executeValuesUnprepared: (sql, params) => run<ReadonlyArray<unknown>>(sql, params, true, false),
    executeStream: (sql, params, transform) =>
      Stream.unwrap(Effect.map(rows(sql, params, transform, false), Stream.fromIterable))
  }
  return connection
})

type Row = Record<string, unknown>

const attempt = <A>(operation: string, run: () => A): Effect.Effect<A, SqlError> =>
  Effect.try({
    try: run,
    catch: (cause) =>
      new SqlError({
        reason: classifySqliteError(numbered(cause), { message: `SQLite failed to ${operation}`, operation })
      })
  })

/** Node says in `errcode` what others say in `errno`. */
const numbered = (cause: unknown): unknown =>
  cause instanceof Error && "errcode" in cause ? Object.assign(cause, { errno: cause.errcode }) : cause
