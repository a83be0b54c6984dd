/**
 * What somebody outside of the run is asked about a call: to approve it, or to execute it.
 */
import * as Effect from "effect/Effect"
import type { ToolSpec } from "../../lm/LMRequest.ts"
import * as Call from "../../run/Call.ts"
import type { JsonRecord } from "../../text/json/values.ts"
import type * as Approval from "../Approval.ts"

/** The request about a call of this tool, at this place of the run. */
export const make = (
  { description, name }: Pick<ToolSpec, "name" | "description">,
  args: JsonRecord,
  toolCallId: string
): Effect.Effect<Approval.Request> =>
  Effect.withFiber((fiber) => {
    const call = fiber.getRef(Call.CurrentCall)
    return Effect.succeed({
      id: globalThis.crypto.randomUUID(),
      tool: name,
      ...(description === undefined ? {} : { description }),
      arguments: args,
      toolCallId,
      path: call?.path ?? Call.rootPath,
      ...(call?.parent === undefined ? {} : { agent: call.parent.name })
    })
  })
