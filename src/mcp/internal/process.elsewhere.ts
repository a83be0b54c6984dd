/**
 * What is in the place of `process.ts` where there is no Node.
 */
import * as Effect from "effect/Effect"
import type * as OnNode from "./process.ts"

export const spawner: typeof OnNode.spawner = Effect.fail({
  _tag: "Unreachable",
  said:
    "programs are started on Node only, or with a ChildProcessSpawner in the context (Mcp.http reaches a server by its URL)"
})

export const variables: typeof OnNode.variables = () => ({})

export const signalled: typeof OnNode.signalled = Effect.never

export const endedWithUs: typeof OnNode.endedWithUs = () => Effect.void
