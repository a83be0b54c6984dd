/**
 * What an approver answers. Its type says that it is an effect of a decision; plain JavaScript may give a decision as it is, a
 * promise of one, or just `true`. Anything else refuses the call.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { kindOf } from "../../text/kind.ts"
import * as Approval from "../Approval.ts"
import { answered } from "./answered.ts"

/** What the approver of the context decides. */
export const decided = (request: Approval.Request): Effect.Effect<Approval.Decision> =>
  Effect.flatMap(Approval.Approver, (approver) => Effect.flatMap(answered(approver.request(request)), toDecision)).pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause as Cause.Cause<never>) // it has no failure
        : Effect.as(
          Effect.logWarning("the approver failed", cause),
          Approval.refuse("the approval could not be asked for")
        )
    )
  )

// Details

const isDecision = Schema.is(Approval.Decision)

const toDecision = (answer: unknown): Effect.Effect<Approval.Decision> =>
  isDecision(answer)
    ? Effect.succeed(answer)
    : typeof answer === "boolean"
    ? Effect.succeed(answer ? Approval.approve() : Approval.refuse())
    : Effect.as(
      Effect.logWarning(
        `the approver answered with ${
          kindOf(answer)
        }, which is no decision: give Approval.approve() or Approval.refuse()`
      ),
      Approval.refuse("the approver gave no decision")
    )
