/**
 * Texts in the files of a folder, on Node. A file is there whole or not at all, whoever else writes it at the same time.
 */
import * as Effect from "effect/Effect"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Texts } from "./texts.ts"

/** The texts of a folder, which is made when the first one is written. Only its owner reads them. */
export const texts = (directory: string): Effect.Effect<Texts> =>
  Effect.sync(() => {
    let writes = 0
    const fileOf = (key: string) => join(directory, `${key}.json`)
    return {
      get: (key) =>
        attempt(() => readFile(fileOf(key), "utf8")).pipe(
          Effect.catch((cause) => isMissing(cause) ? Effect.undefined : Effect.fail(cause))
        ),
      set: (key, text) => {
        const unfinished = join(directory, `.${key}.${process.pid}.${writes++}`)
        return attempt(() => mkdir(directory, { recursive: true, mode: 0o700 })).pipe(
          Effect.andThen(attempt(() => writeFile(unfinished, text, { mode: 0o600 }))),
          Effect.andThen(attempt(() => rename(unfinished, fileOf(key)))),
          Effect.onError(() => Effect.ignore(attempt(() => rm(unfinished, { force: true }))))
        )
      },
      remove: (key) => attempt(() => rm(fileOf(key), { force: true }))
    }
  })

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.tryPromise({ try: run, catch: (cause) => cause })

const isMissing = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ENOENT"
