/**
 * Bodies that a gateway has compressed, though nobody asked for that: as they were before, piece by piece, so that the limits
 * of sizes hold for what comes out.
 */
import type { Readable, Transform } from "node:stream"
import * as LMError from "../../../lm/LMError.ts"
import { Refused } from "../failure.ts"

/** The bytes as they were before; `encoding` is the header `content-encoding`, with the last step last. */
export const inflate = (bytes: Readable, encoding: string): Promise<Readable> => {
  const steps = encoding.toLowerCase().split(",").map((step) => step.trim()).filter((step) =>
    step !== "" && step !== "identity"
  )
  const unknown = steps.find((step) => !kinds.has(step))
  if (unknown !== undefined || steps.length > most) {
    bytes.on("error", () => {})
    return Promise.reject(
      new Refused(
        new LMError.InvalidResponse({
          description: unknown === undefined
            ? `the server has compressed its answer ${steps.length} times (content-encoding)`
            : `the server has compressed its answer in a way that was not asked for and is not known (${unknown})`
        })
      )
    )
  }
  return steps.reduceRight<Promise<Readable>>(
    (before, step) =>
      before.then((compressed) =>
        Promise.resolve(transform(step, compressed)).then((plain) => piped(compressed, plain))
      ),
    Promise.resolve(bytes)
  )
}

const kinds: ReadonlySet<string> = new Set(["gzip", "x-gzip", "deflate", "br"])

/** More steps than a server ever needs. Each step may make a thousand times as much of what it gets. */
const most = 3

const piped = (from: Readable, to: Transform): Readable => {
  // An error on the way destroys both ends. The reader is told of it.
  process.getBuiltinModule("node:stream").pipeline(from, to, () => {})
  return to
}

/** Gives what there is whenever something comes, and leaves it to the reader to find out that an answer is not whole. */
const transform = (step: string, bytes: Readable): Transform | Promise<Transform> => {
  const zlib = process.getBuiltinModule("node:zlib")
  const { BROTLI_OPERATION_FLUSH, Z_SYNC_FLUSH } = zlib.constants
  const options = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
  if (step === "br") {
    return zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH })
  }
  if (step !== "deflate") return zlib.createGunzip(options)
  // Half of the servers that say `deflate` leave out the header that belongs to it.
  return firstByte(bytes).then((byte) =>
    byte === undefined || (byte & 15) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options)
  )
}

/** The first byte of what is still to be read. */
const firstByte = (bytes: Readable): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const end = () => {
      bytes.off("readable", look).off("end", end).off("error", reject)
      resolve(undefined)
    }
    const look = () => {
      const piece: Uint8Array | null = bytes.read()
      if (piece === null) return
      bytes.unshift(piece)
      resolve(piece[0])
      end()
    }
    bytes.on("readable", look).on("end", end).on("error", reject)
  })
