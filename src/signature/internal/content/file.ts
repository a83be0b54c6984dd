/**
 * Reads a file of this machine, on Node.
 */
import * as Effect from "effect/Effect"
import { constants, open } from "node:fs/promises"

/**
 * The bytes of a file. Fails with its size where that is more than `most`, and else with a sentence. A folder, a device and a
 * pipe are no files: they may never end.
 */
export const read = (path: string | URL, most: number): Effect.Effect<Uint8Array, number | string> => {
  const attempt = <A>(promise: () => Promise<A>) =>
    Effect.tryPromise({ try: promise, catch: (cause) => unreadable(path, cause) })
  return Effect.acquireUseRelease(
    // A pipe would be waited for until somebody writes into it.
    attempt(() => open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))),
    (file) =>
      Effect.gen(function*() {
        const stat = yield* attempt(() => file.stat())
        if (!stat.isFile()) return yield* Effect.fail(`${path} is no file`)
        if (stat.size > most) return yield* Effect.fail(stat.size)
        const bytes = new Uint8Array(stat.size)
        let at = 0
        while (at < bytes.length) {
          const { bytesRead } = yield* attempt(() => file.read(bytes, at, bytes.length - at, at))
          if (bytesRead === 0) break
          at += bytesRead
        }
        return bytes.subarray(0, at)
      }),
    (file) => Effect.ignore(Effect.tryPromise(() => file.close()))
  )
}

const unreadable = (path: string | URL, cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  const why = code === "ENOENT"
    ? "there is no such file"
    : code === "EACCES" || code === "EPERM"
    ? "this program may not read it"
    : code === "EISDIR"
    ? "it is a folder"
    : cause instanceof Error
    ? cause.message
    : String(cause)
  return `${path} cannot be read: ${why}`
}
