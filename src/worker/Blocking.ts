/**
 * Functions that block, in worker threads: computation, synchronous I/O. They have the types that they have, run while
 * everything else goes on, and end when their call is interrupted, even in an endless loop. Runs on Node only.
 *
 * @example
 * const work = Blocking.module<typeof import("./work.ts")>(new URL("./work.ts", import.meta.url))
 *
 * const sum = yield* work("sum")([1, 2, 3])
 * const fib = Tool.make("fib", { parameters: { n: Schema.Int }, timeout: "10 seconds" }, work("fib"))
 */
import { make } from "#node/worker/internal/workers"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Kinds from "../text/kinds.ts"
import { onlyKnown } from "../text/options.ts"
import { isCallContext } from "../tool/internal/callContext.ts"
import { BlockingError } from "./BlockingError.ts"
import type { Service } from "./internal/workers.ts"

// Models

export type { Ask } from "./internal/messages.ts"
export type { Service } from "./internal/workers.ts"

/** The functions of a module, each as an Effect that runs it in a worker thread. */
export interface Work<M> {
  <K extends FunctionName<M>>(name: K): InWorker<M[K]>
}

/** The names of a module's exported functions. */
export type FunctionName<M> = {
  [K in keyof M & string]: M[K] extends (...args: ReadonlyArray<never>) => unknown ? K : never
}[keyof M & string]

/** A function in a worker: arguments and result are structured clones of what is passed here and given there. */
export type InWorker<F> = F extends (...args: infer Args) => infer A
  ? (...args: Args) => Effect.Effect<Awaited<A>, BlockingError>
  : never

/**
 * The worker threads of what runs in this context. The default is one pool of the process, with as many workers as there
 * are processors; a worker starts with the first call that finds none free, and an idle one keeps no process alive.
 */
export const Workers = Context.Reference<Service>("effect-lm/worker/Workers", { defaultValue: () => make() })

// Constructors

/**
 * The functions of a module file, which workers import when one of them is called. A call costs a copy of its arguments and
 * its result, and some 30 ms where a worker has to start. In built code the file is another one, which a bundler has to be
 * told of: where `work.ts` is not there, it is the `work.js` beside it.
 */
export const module = <M>(url: URL): Work<M> => {
  fileUrl("the module of Blocking.module", url)
  return (name) =>
    ((...args: ReadonlyArray<unknown>) =>
      Effect.flatMap(Workers, ({ run }) =>
        // A tool's function is also given the context of its call, which does not leave this thread.
        run({ url: url.href, name, args: isCallContext(args.at(-1)) ? args.slice(0, -1) : args }).pipe(
          Effect.mapError((reason) => new BlockingError({ function: name, reason }))
        ))) as InWorker<never> // the module's type says what its functions take and give
}

const fileUrl = Kinds.make("a URL, as new URL(\"./work.ts\", import.meta.url)", (value) => value instanceof URL)

// Layers

/** Worker threads of its own, `size` at most, that end with the layer. Another size than 1, 2, 3... throws a `TypeError`. */
export const layer = (options: { readonly size: number }): Layer.Layer<never> => {
  const { size } = onlyKnown("Blocking.layer", options, { size: true })
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new TypeError(`a pool of ${size} workers would run nothing: its size is 1 or more, without fractions`)
  }
  return Layer.effect(
    Workers,
    Effect.acquireRelease(Effect.sync(() => make(size)), ({ close }) => close)
  )
}
